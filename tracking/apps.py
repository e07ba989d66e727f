from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrackingConfig(AppConfig):
    name = "tracking"
    verbose_name = _("執行情形")

    def ready(self) -> None:
        from plan.signals import version_approved
        from tracking.actions.revision import follow_revision
        from tracking.context import add_number, owed

        version_approved.connect(follow_revision, dispatch_uid="tracking.follow_revision")
        add_number("resolutions", owed)
