from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "config.kit"
    label = "kit"

    def ready(self) -> None:
        from config import checks  # noqa: F401 (registers the system checks)
