from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrackingConfig(AppConfig):
    name = "tracking"
    verbose_name = _("執行情形")

    def ready(self) -> None:
        from ministries.signals import succession_leaving, succession_recorded
        from plan.signals import version_approved
        from tracking import metrics  # noqa: F401 (its figures are told)
        from tracking.actions.revision import follow_revision
        from tracking.actions.succession import follow_succession, keep_succession
        from tracking.context import add_number, owed

        version_approved.connect(follow_revision, dispatch_uid="tracking.follow_revision")
        succession_recorded.connect(follow_succession, dispatch_uid="tracking.follow_succession")
        succession_leaving.connect(keep_succession, dispatch_uid="tracking.keep_succession")
        add_number("resolutions", owed)
