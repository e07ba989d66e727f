"""A saved view: an address of one of our pages under a name, its owner's own or shared."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

QUERY_MOST = 4000


def new_token() -> str:
    """What stands in the address of a view; not to be guessed (192 bits)."""
    return secrets.token_urlsafe(24)


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user) -> "SavedViewQuerySet":
        """A person's own views. Others are reached by their address only (`reached_by`)."""
        return self.filter(owner_id=user.pk) if user.is_authenticated else self.none()

    def reached_by(self, user) -> "SavedViewQuerySet":
        """Views that open for this person who has the address: shared ones, and the own."""
        shared = models.Q(shared_at__isnull=False)
        own = models.Q(owner_id=user.pk) if user.is_authenticated else models.Q()
        return self.filter(shared | own)


class SavedView(models.Model):
    """Where a person wants to return to, or to send others.

    It holds an address and no row: what it shows is asked anew by whoever opens it, with that
    person's own rights. `page` is the name of the address and one of `reports.saved_pages.PAGES`,
    `arguments` what stands in its path, `query` what follows, as that page's filters accept it.
    `shared_at` is empty while only the owner may open it.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="saved_views",
        verbose_name=_("擁有者"),
    )
    name = models.CharField(_("名稱"), max_length=80)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    page = models.CharField(_("頁面"), max_length=40)
    arguments = models.JSONField(_("頁面的對象"), default=dict)
    query = models.CharField(_("篩選"), max_length=QUERY_MOST, blank=True)
    shared_at = models.DateTimeField(_("分享時間"), null=True, blank=True)
    created_at = models.DateTimeField(_("建立時間"), default=timezone.now)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["owner", "name"]
        verbose_name = verbose_name_plural = _("釘選的檢視")
        constraints = [
            models.UniqueConstraint(
                name="saved_view_name_once",
                fields=["owner", "name"],
                violation_error_message=_("你已經有一個同名的檢視。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name
