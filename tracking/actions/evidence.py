"""Evidence of a report: add a file or a link, remove one. Each raises the report's version."""

import hashlib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotNow
from ministries.models import User
from tracking.actions.door import enter_for_evidence, touch
from tracking.media import media_type
from tracking.models import Evidence, ProgressReport

_TITLE_LONGEST = Evidence._meta.get_field("title").max_length
_URL_LONGEST = Evidence._meta.get_field("url").max_length


def add_file(
    report: ProgressReport,
    *,
    seen_version: int,
    by: User,
    upload: File,
    title: str = "",
    public: bool = False,
) -> Evidence:
    """Store a file under an unguessable name, with its type, size in bytes and SHA-256.

    `title` is by default the name that the file had. Errors are at `upload` or `title`. A file
    whose row could not be written is removed again.
    """
    kind, digest = examined(upload)
    title = titled(title or str(upload.name or "").rsplit("/", 1)[-1])
    stored: list[Evidence] = []
    try:
        with transaction.atomic():
            row = enter_for_evidence(report, seen_version=seen_version, by=by)
            evidence = Evidence(
                report=row,
                title=title,
                media_type=kind,
                size=upload.size,
                sha256=digest,
                public=public,
                added_by=by,
            )
            evidence.file.save(upload.name or "evidence", upload, save=False)
            stored.append(evidence)
            evidence.save()
            touch(row, "evidence.add", by=by, before=None, after=_told(evidence))
    except BaseException:
        for evidence in stored:
            evidence.file.delete(save=False)
        raise
    return evidence


@transaction.atomic
def add_link(
    report: ProgressReport,
    *,
    seen_version: int,
    by: User,
    url: str,
    title: str = "",
    public: bool = False,
) -> Evidence:
    """Add a link to a page on the web (http or https). Errors are at `url` or `title`."""
    url = linked(url)
    title = titled(title or urlsplit(url).hostname or "")
    row = enter_for_evidence(report, seen_version=seen_version, by=by)
    evidence = Evidence.objects.create(report=row, title=title, url=url, public=public, added_by=by)
    touch(row, "evidence.add", by=by, before=None, after=_told(evidence))
    return evidence


@transaction.atomic
def remove(evidence: Evidence, *, seen_version: int, by: User) -> ProgressReport:
    """Take evidence off its report; the file goes after the commit, its digest stays in the log.

    What was submitted with the report stays for those who read that submission.
    """
    row = enter_for_evidence(evidence.report, seen_version=seen_version, by=by)
    current = row.evidence.filter(pk=evidence.pk).first()
    if current is None:
        raise NotNow(_("這份佐證資料已經移除了。"))
    told = _told(current)
    if current.copies.exists():
        current.removed_at = timezone.now()
        current.save(update_fields=["removed_at"])
    else:
        if current.file:
            name, storage = current.file.name, current.file.storage
            transaction.on_commit(lambda: storage.delete(name))
        current.delete()
    return touch(row, "evidence.remove", by=by, before=told, after=None)


def linked(url: str) -> str:
    """The address of a page on the web (http or https), else Invalid at `url`. Nothing of ours ever
    asks it.
    """
    url = url.strip()
    try:
        URLValidator(schemes=["http", "https"])(url)
        # What stands before an @ is read as the host, and is none.
        if "@" in urlsplit(url).netloc:
            raise ValidationError("")
    except ValidationError:
        raise Invalid({"url": [_("填 http 或 https 開頭的完整網址。")]}) from None
    if len(url) > _URL_LONGEST:
        raise Invalid({"url": [_("網址最多%(count)d個字元。") % {"count": _URL_LONGEST}]})
    return url


def examined(upload: File) -> tuple[str, str]:
    """Media type and SHA-256 of a file that may be taken, else Invalid at `upload`."""
    if not upload.size:
        raise Invalid({"upload": [_("這個檔案是空的。")]})
    if upload.size > settings.EVIDENCE_MAX_BYTES:
        raise Invalid(
            {
                "upload": [
                    _("檔案最大%(limit)d MB，這個檔案有%(size).1f MB。")
                    % {
                        "limit": settings.EVIDENCE_MAX_BYTES // 2**20,
                        "size": upload.size / 2**20,
                    }
                ]
            }
        )
    upload.seek(0)
    kind = media_type(upload)
    if kind is None:
        raise Invalid(
            {
                "upload": [
                    _(
                        "只收 PDF、ODF（odt、ods、odp）、docx、xlsx、pptx、PNG、JPG、"
                        "CSV 與 UTF-8 純文字；依內容判斷，與檔名無關。"
                    )
                ]
            }
        )
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return kind, digest.hexdigest()


def titled(text: str) -> str:
    text = text.replace("\0", "").strip()
    if not text:
        raise Invalid({"title": [_("寫下佐證資料的名稱。")]})
    if len(text) > _TITLE_LONGEST:
        raise Invalid({"title": [_("名稱最多%(count)d個字。") % {"count": _TITLE_LONGEST}]})
    return text


def _told(evidence: Evidence) -> dict:
    told = {"title": evidence.title, "public": evidence.public}
    if evidence.url:
        return {**told, "url": evidence.url}
    return {
        **told,
        "media_type": evidence.media_type,
        "size": evidence.size,
        "sha256": evidence.sha256,
    }
