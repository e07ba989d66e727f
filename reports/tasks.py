"""Couriers of the `reports` room: ids in, one action called (contract: `config.kit.tasks`)."""

from config.kit.tasks import job
from ministries.models import User
from reports import jobs
from reports.actions.compile import compile_review
from reports.actions.documents import make_document
from reports.actions.workbook_jobs import apply_upload, read_upload
from reports.models import Job, Review


@job
def compile_review_task(review_id: int, job_id: int) -> None:
    """Compile a review as a job that can be watched; the result is `edition:ID`."""

    def work() -> str:
        started_by = Job.objects.select_related("started_by").get(pk=job_id).started_by
        return f"edition:{compile_review(review_id, job_id, started_by).pk}"

    jobs.run(job_id, work)


@job
def make_document_task(subject: str, kind: str, form: str, job_id: int) -> None:
    """Make a document as a job that can be watched; the result is `document:ID`."""

    def work() -> str:
        started_by = Job.objects.select_related("started_by").get(pk=job_id).started_by
        return f"document:{make_document(subject, kind, form, by=started_by, job_id=job_id).pk}"

    jobs.run(job_id, work)


@job
def restart_lost_jobs() -> None:
    """Every minute: queue again the jobs whose worker died or whose message was lost."""
    jobs.restart_lost()


def compile_key(review_id: int) -> str:
    """The key under which a review's compilation is alive once."""
    return f"compile:{review_id}"


def start_compiling(review: Review, *, by: User) -> Job:
    """Queue the compilation of this review; the job already under way, if there is one."""
    return jobs.start(compile_key(review.pk), compile_review_task, review.pk, by=by)


@job
def read_workbook_task(upload_id: int, job_id: int) -> None:
    """Compare an uploaded spreadsheet with what is there, as a job that can be watched."""

    def work() -> str:
        read_upload(upload_id, job_id)
        return f"workbook:{upload_id}"

    jobs.run(job_id, work)


@job
def apply_workbook_task(upload_id: int, job_id: int) -> None:
    """Write what an uploaded spreadsheet changes, once it was confirmed."""

    def work() -> str:
        apply_upload(upload_id, job_id)
        return f"workbook:{upload_id}"

    jobs.run(job_id, work)
