"""Which e-mail domains a ministry's own identity provider may speak for."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class AllowedDomain(models.Model):
    """An administrator allows an identity provider (`OIDC_PROVIDERS`) to vouch for addresses of a
    domain. A domain belongs to one provider; its sub-domains are domains of their own.
    """

    provider = models.CharField(_("機關登入"), max_length=50)
    domain = models.CharField(
        _("電子郵件網域"),
        max_length=200,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", _("請填小寫的網域。"))],
        help_text=_("@後面的部分，小寫，例如mail.moe.gov.tw。子網域要另外加。"),
        error_messages={"unique": _("這個網域已經給了一個機關登入。")},
    )

    class Meta:
        ordering = ["provider", "domain"]
        verbose_name = verbose_name_plural = _("機關登入的網域")

    def __str__(self) -> str:
        return f"{self.provider} {self.domain}"
