"""The pages that axe looks at (`test_axe`): whose, where, and in which state."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from playwright.sync_api import Page

from ministries.models import Membership, Ministry, User
from reports.documents.sources import subject_of_filing
from tracking.actions import corrections, extensions
from tracking.actions.reports import save_draft
from tracking.demo.people import address
from tracking.enums import Part, Status
from tracking.models import ProgressReport, ReportingYear

# What Django's admin draws: in read-only inlines a column for the object itself and one for
# deleting, without names; a search field named by a picture; tables as wide as their columns.
ADMIN = frozenset({"empty-table-header", "label-title-only", "wider than the window"})
# What Swagger draws: its own colours, small links, links in buttons, its own headings.
SWAGGER = ADMIN | {
    "color-contrast", "heading-order", "nested-interactive", "region", "target-size",
}  # fmt: skip
# Four ministries lead it, each with reports of both years.
MEASURE = "4.4.3.1"


def as_it_is(page: Page) -> None:
    """The state to be seen is the one in which the page opens."""


@dataclass(frozen=True)
class Looked:
    """One page: who looks (a demo account, None for the public), where, and what brings it into
    the state to be seen. `theirs` are rules that the packages that draw it break.
    """

    who: str | None
    url: Callable[[], str]
    show: Callable[[Page], None] = as_it_is
    theirs: frozenset[str] = frozenset()


def to(name: str, *args: object, query: str = "") -> Callable[[], str]:
    return lambda: reverse(name, args=args) + query


def of_report(name: str, status: str, query: str = "") -> Callable[[], str]:
    """A page about the first report of 經濟部 that stands at this status in the open year."""
    return lambda: reverse(name, args=[a_report(status).pk]) + query


def a_report(status: str) -> ProgressReport:
    rows = ProgressReport.objects.filter(status=status, ministry__code="moea")
    return rows.order_by("-reporting_year__year", "pk").first()


def the_filing() -> str:
    """What 經濟部 filed in the open year, as a subject of documents."""
    report = a_report(Status.ACCEPTED)
    return subject_of_filing(report.ministry, report.reporting_year)


def await_swagger(page: Page) -> None:
    page.locator(".opblock").first.wait_for()


def fail_to_sign_in(page: Page) -> None:
    page.get_by_label("電子郵件").fill("nobody@example.test")
    page.get_by_label("密碼").fill("a wrong password")
    page.get_by_role("main").get_by_role("button", name="登入").click()
    page.get_by_role("alert").wait_for()


def fail_to_verify(page: Page) -> None:
    page.locator("form").evaluate_all("forms => forms.forEach(it => it.noValidate = true)")
    page.get_by_role("button", name="比對這張收據").click()
    page.get_by_role("alert").wait_for()


def asked_extension() -> int:
    year, window = ReportingYear.objects.get(year=111), person("window.moea")
    until = year.due_on + timedelta(days=7)
    ministry = Ministry.objects.get(code="moea")
    return extensions.ask(year, ministry, wanted_until=until, reason="人手不足。", by=window).pk


def asked_correction() -> int:
    report, window = a_report(Status.ACCEPTED), person("window.moea")
    return corrections.ask(report, parts=[Part.MONEY], reason="數字誤植。", by=window).pk


def person(who: str) -> User:
    return User.objects.get(email=address(who))


def open_year() -> int:
    return ReportingYear.objects.get(year=111).pk


def save_with_mistakes(page: Page) -> None:
    """A draft may be incomplete, but not unreadable."""
    page.get_by_label("累計完成度").fill("百分之十")
    page.get_by_label("新的來源，分配，千元").first.fill("許多")
    page.get_by_role("button", name="先存草稿").click()
    page.get_by_role("alert").wait_for()


def meet_a_colleague(page: Page) -> None:
    """Somebody else saves between opening and saving."""
    report = a_report(Status.DRAFT)
    save_draft(
        report,
        seen_version=report.version,
        by=User.objects.get(email=address("officer.moea")),
        fields={"work_done": "別人先寫的。", "benefit": "別人寫的效益。"},
    )
    page.get_by_label("做了什麼").fill("我寫的。")
    page.get_by_role("button", name="先存草稿").click()
    page.get_by_role("button", name="照我選的存成新的一版").wait_for()


def begin_a_revision(page: Page) -> None:
    page.get_by_role("button", name="開啟修正草案").click()
    page.get_by_text("第2版草案有").first.wait_for()


PAGES = {
    "overview": Looked(None, to("home")),
    "overview of the reviewer": Looked("reviewer1", to("home")),
    "tree": Looked("reviewer1", to("plan-tree")),
    "goal": Looked("reviewer1", to("goal", "3")),
    "goal for the public": Looked(None, to("goal", "3")),
    "tree, searched": Looked(None, to("plan-tree", query="?q=風電")),
    "measure": Looked("officer.moea", to("measure", MEASURE)),
    "measure for the public": Looked(None, to("measure", MEASURE)),
    "ministries": Looked("reviewer1", to("ministry-list")),
    "ministry": Looked("officer.moea", to("ministry", "moea")),
    "desk": Looked("officer.moea", to("desk")),
    "desk of the window": Looked("window.moea", to("desk")),
    "form": Looked("officer.moea", of_report("report-edit", Status.DRAFT)),
    "form, checked": Looked("officer.moea", of_report("report-edit", Status.DRAFT, "?check=1")),
    "form with mistakes": Looked(
        "officer.moea", of_report("report-edit", Status.DRAFT), save_with_mistakes
    ),
    "form of a returned report": Looked("officer.moea", of_report("report-edit", Status.RETURNED)),
    "conflict": Looked(
        "officer.moea", of_report("report-edit", Status.DRAFT), meet_a_colleague
    ),
    "report to sign": Looked("window.moea", of_report("report", Status.SIGNING)),
    "report accepted": Looked("officer.moea", of_report("report", Status.ACCEPTED)),
    "queue": Looked("reviewer1", to("review-queue")),
    "review": Looked("reviewer1", of_report("report-review", Status.UNDER_REVIEW)),
    "review to start": Looked("reviewer2", of_report("report-review", Status.SUBMITTED)),
    "matrix": Looked("collator", to("collation")),
    "matrix by measure": Looked("collator", to("collation", query="?level=measure&goal=4")),
    "years": Looked("collator", to("year-list")),
    "indicators": Looked("officer.moea", to("indicator-list", MEASURE)),
    "people": Looked("window.moea", to("people")),
    "new account": Looked("window.moea", to("people-create")),
    "new deputy": Looked("window.moea", to("people-deputy")),
    "documents": Looked("window.moea", lambda: reverse("documents", args=[the_filing()])),
    "a document": Looked(
        "window.moea", lambda: reverse("document-page", args=[the_filing(), "filing"])
    ),
    "revisions": Looked("collator", to("revision-list")),
    "draft of a revision": Looked("collator", to("revision-list"), begin_a_revision),
    "mail": Looked("administrator", to("mailbox")),
    "sign-in": Looked(None, to("account_login")),
    "sign-in refused": Looked(None, to("account_login"), fail_to_sign_in),
    "password change": Looked("expert", to("account_change_password")),
    "password reset": Looked(None, to("account_reset_password")),
    "sign-out": Looked("expert", to("account_logout")),
    "not found": Looked(None, lambda: "/nowhere/"),
    "not allowed": Looked("expert", to("collation")),
    "admin": Looked("administrator", to("admin:index")),
    "admin, a list": Looked("administrator", to("admin:tracking_progressreport_changelist"),
                            theirs=ADMIN),
    "admin, a row": Looked("administrator", lambda: reverse(
        "admin:tracking_progressreport_change", args=[a_report(Status.ACCEPTED).pk]
    ), theirs=ADMIN),
    "admin, loading a plan": Looked("administrator", to("admin:plan_load"), theirs=ADMIN),
    "API docs": Looked(None, to("api-docs"), await_swagger, SWAGGER),
}  # fmt: skip
# Built of the same parts as the pages above; looked at in `--deep`.
MORE = {
    "accessibility statement": Looked(None, to("accessibility")),
    "site map": Looked("officer.moea", to("site-map")),
    "calendar": Looked("officer.moea", to("calendar")),
    "sign many": Looked("window.moea", to("signing")),
    "receipts": Looked("window.moea", to("receipt-list")),
    "receipt to verify": Looked(None, to("receipt-verify")),
    "receipt refused": Looked(None, to("receipt-verify"), fail_to_verify),
    "extension": Looked("reviewer1", lambda: reverse("extension", args=[asked_extension()])),
    "extension to ask": Looked(
        "window.nstc", lambda: reverse("extension-ask", args=[open_year(), "nstc"])
    ),
    "correction": Looked(
        "reviewer1", lambda: reverse("correction", args=[asked_correction()])
    ),
    "correction to ask": Looked("window.moea", of_report("correction-ask", Status.ACCEPTED)),
    "spreadsheet": Looked(
        "officer.moea", to("workbook", "nstp-110-113", "moea", "111")
    ),
    "reminders": Looked("reviewer1", to("reminders")),
    "idle accounts": Looked("administrator", to("people-idle")),
    "handover": Looked("window.moea", lambda: reverse("people-hand-over", args=[
        Membership.objects.get(user__email=address("officer.moea")).pk
    ])),
    "search": Looked(None, to("search", query="?q=風電")),
    "budget": Looked(None, to("budget")),
    "figures": Looked("collator", to("figures")),
    "open data": Looked(None, to("data")),
    "attention": Looked("reviewer1", to("attention")),
    "jobs": Looked("administrator", to("job-list")),
    "security": Looked("officer.moea", to("mfa_index")),
    "admin, audit log": Looked("administrator", to("admin:ministries_auditevent_changelist"),
                               theirs=ADMIN),
    "admin, domains": Looked("administrator", to("admin:ministries_alloweddomain_changelist"),
                             theirs=ADMIN),
    "admin, people": Looked("administrator", to("admin:ministries_user_changelist"), theirs=ADMIN),
}  # fmt: skip
