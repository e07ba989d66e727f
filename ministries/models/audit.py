"""The audit log: one append-only table without foreign keys, so that it outlives what it names."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AppendOnlyQuerySet(models.QuerySet):
    """Rows are added and read, nothing else; the same is refused on a single row below."""

    def update(self, **kwargs):
        raise TypeError("An audit event is never changed.")

    def bulk_update(self, *args, **kwargs):
        raise TypeError("An audit event is never changed.")

    def bulk_create(self, objs, *args, update_conflicts=False, **kwargs):
        if update_conflicts:
            raise TypeError("An audit event is never changed.")
        return super().bulk_create(objs, *args, **kwargs)

    def delete(self):
        raise TypeError("An audit event is never deleted.")


class AuditEvent(models.Model):
    """Who did what to which thing, for which ministry, and what it was before and after.

    `verb` is dotted (`report.submit`); `actor` an e-mail or `system:NAME`; `ministry` a code or
    empty; `target` is `app.model:pk`. Written only by `ministries.audit.record`.
    """

    verb = models.CharField(_("動作"), max_length=60)
    actor = models.CharField(_("行為人"), max_length=254)
    ministry = models.CharField(_("部會"), max_length=50, blank=True)
    target = models.CharField(_("對象"), max_length=120)
    before = models.JSONField(_("之前"), null=True)
    after = models.JSONField(_("之後"), null=True)
    at = models.DateTimeField(_("時間"), default=timezone.now)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        base_manager_name = "objects"
        verbose_name = verbose_name_plural = _("稽核紀錄")
        indexes = [
            models.Index(fields=["target"], name="audit_target"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.verb} {self.target}"

    def save(self, **kwargs) -> None:
        if not self._state.adding:
            raise TypeError("An audit event is never changed.")
        # With a key of its own choosing a "new" row would otherwise overwrite an old one.
        super().save(**{**kwargs, "force_insert": True})

    def delete(self, **kwargs):
        raise TypeError("An audit event is never deleted.")
