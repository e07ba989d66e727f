"""Make a document, once for each content and format; and record the number of a sign-off."""

import hashlib
from datetime import date

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from config.kit.errors import Invalid, NotNow
from config.kit.verdicts import Verdict, not_allowed
from ministries import audit
from ministries.enums import MembershipRole
from ministries.models import Ministry, User
from reports import jobs
from reports.documents.blocks import content_digest
from reports.documents.render import finished, render
from reports.documents.sources import NoSource, Source, source_of, subject_of_filing
from reports.enums import DocumentFormat, DocumentKind
from reports.models import Document, SignOff
from tracking.models import ReportingYear

READING = gettext_noop("讀取內容")
SETTING = gettext_noop("排版")
_GLYPHS = Document._meta.get_field("missing_glyphs").max_length


def make_document(
    subject: str,
    kind: str,
    form: str,
    *,
    by: User | str | None = None,
    job_id: int | None = None,
) -> Document:
    """The document of this subject as it reads now: the one that there is for the same content,
    or a new one. Writes the file, its row and the audit.

    Refuses (NotAllowed) whom the subject's rule refuses; a command or a courier passes text as
    `by`, or None. NotNow for a kind or format that the subject doesn't have.
    """
    source = found_source(subject)
    if isinstance(by, User):
        source.verdict(by).enforce()
    jobs.progress(job_id, 0, 2, READING)
    try:
        content = source.content(kind, form)
    except KeyError:
        raise NotNow(_("沒有這一種文件或格式。")) from None
    plain, missing = finished(content)
    key = {"subject": subject, "kind": kind, "format": form, "digest": content_digest(plain)}
    if found := Document.objects.filter(**key).first():
        found.created_at = timezone.now()
        found.save(update_fields=["created_at"])
        return found
    jobs.progress(job_id, 1, 2, SETTING)
    data = render(plain, form)
    document = Document(
        **key,
        owner=source.owner,
        name=file_name(source, kind, form),
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        missing_glyphs=missing[:_GLYPHS],
    )
    document.file.save("", ContentFile(data), save=False)
    try:
        with transaction.atomic():
            document.save()
            audit.record("document.make", document, by=by or "system:documents", after=key)
    except IntegrityError:
        # Made twice at once: the first one stands.
        document.file.delete(save=False)
        return Document.objects.get(**key)
    except BaseException:
        document.file.delete(save=False)
        raise
    return document


def file_name(source: Source, kind: str, form: str) -> str:
    """The name under which it is downloaded: ASCII, of ours."""
    DocumentKind(kind), DocumentFormat(form)
    return f"{source.stem}-{kind}.{form}"


def found_source(subject: str) -> Source:
    """What is known of this subject; NotNow where there is nothing."""
    try:
        return source_of(subject)
    except NoSource:
        raise NotNow(_("沒有這份資料。")) from None


# --- sign-off -------------------------------------------------------------------------------------
def sign_off_verdict(ministry: Ministry, user: User) -> Verdict:
    """May this person record the number of the ministry's paper? Its window, or a deputy."""
    if user.is_authenticated and ministry.pk in user.ministries_as(MembershipRole.WINDOW):
        return Verdict()
    return not_allowed(
        _("發文字號由%(ministry)s的窗口或其代理人登錄。") % {"ministry": ministry.short_name}
    )


@transaction.atomic
def record_sign_off(
    ministry: Ministry, year: ReportingYear, *, document_number: str, on: date, by: User
) -> SignOff:
    """Keep 發文字號 and date of the ministry's filing of the year, or correct them; the same again,
    of the same content, changes nothing.

    With them the digest of the content as it reads now. Refuses others than the window
    (NotAllowed), an empty or long number and a day to come (Invalid).
    """
    ministry = Ministry.objects.select_for_update().get(pk=ministry.pk)
    sign_off_verdict(ministry, by).enforce()
    number = " ".join(document_number.split())
    longest = SignOff._meta.get_field("document_number").max_length
    errors = {}
    if not number or len(number) > longest:
        errors["document_number"] = [_("填寫發文字號，最多%(n)s字。") % {"n": longest}]
    if on > timezone.localdate():
        errors["on"] = [_("發文日期不能在今天之後。")]
    if errors:
        raise Invalid(errors)
    source = found_source(subject_of_filing(ministry, year))
    plain, _missing = finished(source.content(DocumentKind.FILING, DocumentFormat.ODT))
    told = {"document_number": number, "on": on, "digest": content_digest(plain)}
    known = SignOff.objects.filter(ministry=ministry, reporting_year=year).first()
    before = None
    if known:
        before = {name: getattr(known, name) for name in told}
    if before == told:
        return known
    row, _made = SignOff.objects.update_or_create(
        ministry=ministry,
        reporting_year=year,
        defaults={**told, "by": by, "at": timezone.now()},
    )
    audit.record("sign_off.record", row, by=by, ministry=ministry, before=before, after=told)
    return row
