"""A filled spreadsheet that somebody brought, between its upload and its application."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries.enums import MembershipRole
from ministries.models import Ministry
from tracking.models import ReportingYear


class WorkbookUploadQuerySet(models.QuerySet):
    def visible_to(self, user) -> "WorkbookUploadQuerySet":
        """One's own, as long as one writes for the ministry: nobody else confirms a preview."""
        if not user.is_authenticated:
            return self.none()
        own = user.ministries_as(MembershipRole.OFFICER)
        return self.filter(uploaded_by=user, ministry__in=own)


class WorkbookUpload(models.Model):
    """`found` is what the file would change (`tracking.workbook.apply.Outcome.as_kept`), null until
    it was read; `written` the same of what was written, with `applied_at`. The file is kept here
    and not on a disk, since the worker may run elsewhere; it is removed after a day.
    """

    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="+")
    reporting_year = models.ForeignKey(ReportingYear, models.PROTECT, related_name="+")
    name = models.CharField(_("檔名"), max_length=200)
    content = models.BinaryField(_("檔案"))
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("上傳時間"), default=timezone.now)
    found = models.JSONField(null=True)
    written = models.JSONField(null=True)
    applied_at = models.DateTimeField(_("寫入時間"), null=True)

    objects = WorkbookUploadQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = verbose_name_plural = _("上傳的填報試算表")

    def __str__(self) -> str:
        return self.name
