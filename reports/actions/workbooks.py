"""A filled spreadsheet brought back: kept, and confirmed once somebody looked at the preview."""

import hashlib
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotNow
from ministries import audit
from ministries.models import Ministry, User
from reports import jobs
from reports.models import Job, WorkbookUpload
from reports.tasks import apply_workbook_task, read_workbook_task
from tracking.models import ReportingYear
from tracking.workbook.apply import may_bring_back
from tracking.workbook.package import MOST_BYTES

KEPT = timedelta(days=1)


def read_key(upload: WorkbookUpload) -> str:
    return f"workbook-read:{upload.pk}"


def apply_key(upload: WorkbookUpload) -> str:
    return f"workbook-apply:{upload.pk}"


@transaction.atomic
def bring_back(
    ministry: Ministry, year: ReportingYear, *, name: str, content: bytes, by: User
) -> WorkbookUpload:
    """Keep the file and have it compared in the background; what nobody confirmed within a day is
    removed. Refuses with NotAllowed who is no officer of the ministry, with Invalid at `file`.
    """
    may_bring_back(by, ministry).enforce()
    if not content:
        raise Invalid({"file": [_("檔案是空的。")]})
    if len(content) > MOST_BYTES:
        raise Invalid({"file": [_("檔案超過%(limit)d MB。") % {"limit": MOST_BYTES // 2**20}]})
    WorkbookUpload.objects.filter(uploaded_at__lt=timezone.now() - KEPT).delete()
    upload = WorkbookUpload.objects.create(
        ministry=ministry, reporting_year=year, name=name[:200], content=content, uploaded_by=by
    )
    told = {
        "name": upload.name, "year": year.year, "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    audit.record("workbook.bring_back", upload, by=by, ministry=ministry, after=told)
    jobs.start(read_key(upload), read_workbook_task, upload.pk, by=by)
    return upload


@transaction.atomic
def confirm(upload: WorkbookUpload, *, by: User) -> Job:
    """Have what the preview showed written, in the background. Refuses with NotNow what was not
    read yet, has nothing to write or was written already.
    """
    row = WorkbookUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    may_bring_back(by, row.ministry).enforce()
    if row.applied_at:
        raise NotNow(_("這個檔案已經寫入了。"))
    if not row.found or not row.found["changes"]:
        raise NotNow(_("這個檔案沒有可以寫入的改變。"))
    told = {"name": row.name, "changes": len(row.found["changes"])}
    audit.record("workbook.confirm", row, by=by, ministry=row.ministry, after=told)
    return jobs.start(apply_key(row), apply_workbook_task, row.pk, by=by)
