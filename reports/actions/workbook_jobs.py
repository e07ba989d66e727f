"""What the background does with a filled spreadsheet: reads it, and writes what was confirmed."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from reports import jobs
from reports.models import WorkbookUpload
from tracking.workbook.apply import apply, preview


def read_upload(upload_id: int, job_id: int | None = None) -> None:
    """Compare the file with what is there and keep what it would change; nothing where it is gone
    or was applied.
    """
    upload = _found(upload_id)
    if upload is None or upload.applied_at:
        return
    outcome = preview(
        bytes(upload.content),
        upload.ministry,
        upload.reporting_year,
        by=upload.uploaded_by,
        progress=lambda done, total: jobs.progress(
            job_id, done, total, gettext_noop("逐件比對檔案")
        ),
    )
    WorkbookUpload.objects.filter(pk=upload_id, applied_at=None).update(found=outcome.as_kept())


def apply_upload(upload_id: int, job_id: int | None = None) -> None:
    """Write what was previewed, all of it in one transaction and once, however often this runs."""
    jobs.progress(job_id, 0, 1, gettext_noop("寫入草稿"))
    with transaction.atomic():
        row = _found(upload_id, lock=True)
        if row is None or row.applied_at or not row.found:
            return
        versions = {int(pk): version for pk, version in row.found["versions"].items()}
        outcome = apply(
            bytes(row.content),
            row.ministry,
            row.reporting_year,
            by=row.uploaded_by,
            versions=versions,
        )
        row.written, row.applied_at = outcome.as_kept(), timezone.now()
        row.save(update_fields=["written", "applied_at"])


def _found(upload_id: int, *, lock: bool = False) -> WorkbookUpload | None:
    rows = WorkbookUpload.objects.select_related("ministry", "reporting_year__plan", "uploaded_by")
    if lock:
        rows = rows.select_for_update(of=("self",))
    return rows.filter(pk=upload_id).first()
