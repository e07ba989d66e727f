from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.utils.translation import gettext_lazy as _


class MinistriesConfig(AppConfig):
    name = "ministries"
    verbose_name = _("部會與人員")
    default = True

    def ready(self) -> None:
        from ministries import (
            metrics,  # noqa: F401 - its figures are told
            sign_in_log,  # noqa: F401 - connects its receivers
        )


class AdministrationConfig(admin.AdminConfig):
    """The admin of all rooms, with a site of our own."""

    default = False
    default_site = "ministries.administration.AuditedAdminSite"
