"""Ask for a document: it is made in the background, as a job that can be watched."""

from django.utils.translation import gettext as _

from config.kit.errors import NotNow
from ministries.models import User
from reports import jobs
from reports.actions.documents import found_source
from reports.models import Job
from reports.tasks import make_document_task


def request_document(subject: str, kind: str, form: str, *, by: User) -> Job:
    """Queue the making of a document; the job already under way, if there is one.

    Refuses as `make_document`.
    """
    source = found_source(subject)
    source.verdict(by).enforce()
    if kind not in source.kinds or form not in source.kinds[kind][0]:
        raise NotNow(_("沒有這一種文件或格式。"))
    return jobs.start(job_key(subject, kind, form), make_document_task, subject, kind, form, by=by)


def job_key(subject: str, kind: str, form: str) -> str:
    """The key under which one document is in the making once."""
    return f"document:{subject}:{kind}:{form}"
