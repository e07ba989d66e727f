"""The audit log: one append-only table without foreign keys, so that it outlives what it names; and
the chain of hashes beside it, which shows when that was not so.

The database itself makes the chain and refuses to change these tables
(`ministries.audit_triggers`); `ministries.audit_chain` checks it.
"""

from datetime import UTC

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.kit.canonical import digest


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


class EventQuerySet(AppendOnlyQuerySet):
    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        for one in objs:
            one.digest_content()
        return super().bulk_create(objs, *args, **kwargs)


class AppendOnly(models.Model):
    """A row that is added once and read."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, **kwargs) -> None:
        if not self._state.adding:
            raise TypeError("An audit event is never changed.")
        # With a key of its own choosing a "new" row would otherwise overwrite an old one.
        super().save(**{**kwargs, "force_insert": True})

    def delete(self, **kwargs):
        raise TypeError("An audit event is never deleted.")


class AuditEvent(AppendOnly):
    """Who did what to which thing, for which ministry, what it was before and after, from where.

    `verb` is dotted (`report.submit`); `actor` an e-mail or `system:NAME`; `ministry` a code or
    empty; `target` is `app.model:pk`; `address` the network address that asked, empty where a
    command or a job acted; `at` UTC. `digest` is that of all the others. Written only by
    `ministries.audit.record`.
    """

    verb = models.CharField(_("動作"), max_length=60)
    actor = models.CharField(_("行為人"), max_length=254)
    ministry = models.CharField(_("部會"), max_length=50, blank=True)
    target = models.CharField(_("對象"), max_length=120)
    before = models.JSONField(_("之前"), null=True)
    after = models.JSONField(_("之後"), null=True)
    at = models.DateTimeField(_("時間"), default=timezone.now)
    address = models.CharField(_("網路位址"), max_length=45, blank=True, default="", db_default="")
    digest = models.CharField(_("摘要值"), max_length=64, default="", db_default="", editable=False)

    objects = EventQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        ordering = ["-pk"]
        verbose_name = verbose_name_plural = _("稽核紀錄")
        indexes = [
            models.Index(fields=["target"], name="audit_target"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.verb} {self.target}"

    def save(self, **kwargs) -> None:
        self.digest_content()
        super().save(**kwargs)

    def content(self) -> list:
        """What the digest covers, in the same form whichever engine kept it."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return [
            self.verb, self.actor, self.ministry, self.target, self.before, self.after, at,
            self.address,
        ]  # fmt: skip

    def digest_content(self) -> None:
        self.digest = digest(self.content())


class AuditSeal(AppendOnly):
    """The place of one event in the chain, written by the database as the event is committed.

    `hash` is SHA-256 of `number event digest previous`; `previous` is the hash before, 64 zeros at
    the first. Numbers have no gaps.
    """

    number = models.BigIntegerField(_("序號"), primary_key=True)
    event = models.BigIntegerField(_("紀錄"), unique=True)
    digest = models.CharField(_("摘要值"), max_length=64)
    previous = models.CharField(_("前一雜湊值"), max_length=64)
    hash = models.CharField(_("雜湊值"), max_length=64)

    class Meta(AppendOnly.Meta):
        ordering = ["number"]
        verbose_name = verbose_name_plural = _("稽核封緘")

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"


class AuditHead(models.Model):
    """The end of the chain, one row: whoever commits an event takes its lock for that moment."""

    number = models.BigIntegerField(_("序號"))
    hash = models.CharField(_("雜湊值"), max_length=64)

    class Meta:
        ordering = ["pk"]
        verbose_name = verbose_name_plural = _("稽核鏈尾")

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"


class AuditCheckpoint(AppendOnly):
    """Where the chain stood, signed with a key that the database doesn't know.

    `count` events up to `number` are meant: all that stood then, or those that were pruned.
    `digest` is SHA-256 of the pruned events as exported, else empty. `signature` covers the others
    and that of the checkpoint before (`previous`); `key` tells which key made it.
    """

    class Kind(models.TextChoices):
        REGULAR = "regular", _("定期")
        PRUNE = "prune", _("清除")

    kind = models.CharField(_("種類"), max_length=10, choices=Kind)
    number = models.BigIntegerField(_("序號"))
    hash = models.CharField(_("雜湊值"), max_length=64)
    count = models.BigIntegerField(_("筆數"))
    at = models.DateTimeField(_("時間"), default=timezone.now)
    digest = models.CharField(_("摘要值"), max_length=64, blank=True)
    previous = models.CharField(_("前一簽章"), max_length=64, blank=True, unique=True)
    key = models.CharField(_("金鑰"), max_length=16)
    signature = models.CharField(_("簽章"), max_length=64)

    class Meta(AppendOnly.Meta):
        ordering = ["pk"]
        verbose_name = verbose_name_plural = _("稽核查核點")
        indexes = [models.Index(fields=["kind", "number"], name="audit_checkpoint")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} {self.at:%Y-%m-%d %H:%M}"

    def told(self) -> dict[str, str | int]:
        """What the signature covers."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        names = ("kind", "number", "hash", "count", "digest", "previous", "key")
        return {name: getattr(self, name) for name in names} | {"at": at}
