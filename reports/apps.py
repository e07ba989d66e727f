from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("成果")

    def ready(self) -> None:
        from reports import metrics  # noqa: F401 (its figures are told)
        from reports.context import waiting
        from reports.guards import install
        from reports.used_by import users_of
        from tracking.context import add_number
        from tracking.notices.requests import add_users_of

        post_migrate.connect(install, sender=self, dispatch_uid="reports.guards")
        add_number("reviews", waiting)
        add_users_of("reviews", users_of)
