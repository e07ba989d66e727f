"""What happens in ./run --story: chapters to look at, and the moves of others between them.

Every move is made by the action that its button calls, as the person whose button it is. The
reports are the demo's; what is written into them says so.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from config.kit import roc
from ministries.models import User
from plan.enums import AssignmentRole
from plan.models import Plan
from tracking.actions import extensions, reports, signing, years
from tracking.enums import Light, Part
from tracking.models import ExtensionRequest, ProgressReport, ReportingYear
from tracking.parts import indicators_of

PLAN, YEAR = "nstp-110-113", 112
# The ministry of the story, the one that asks for more time, and the sub-goal that is filed whole.
MINISTRY, LATE_MINISTRY, SUB_GOAL = "moe", "moea", "1.1"
REASON = "因應對策請寫清楚：哪個單位、在什麼時候、做到什麼程度。"
MENDED = "由業務單位改用共同供應契約，三個月內完成發包，下半年補辦兩場，並按月檢視進度。"
MONEY = [{"source": "公務預算", "allocated_thousand": 42_000, "spent_thousand": 39_000, "note": ""}]
BEHIND = {
    "light": Light.BEHIND,
    "completion": 55,
    "work_done": "完成平臺的規格與第一批課程；原訂三場研習只辦了一場，其餘因採購流標延後。",
    "benefit": "參加者在原單位開設課程，教材已經公開。",
    "cause": "procurement",
    "obstacle": "採購兩次流標，投標廠商不足三家。",
    "response": "持續辦理。",
    "next_steps": "補辦延後的兩場，並把教材翻譯成英文。",
}
ON_TRACK = {
    "light": Light.ON_TRACK,
    "completion": 70,
    "work_done": "依年度規劃完成各項工作，成果已經公開。",
    "benefit": "參與單位增加，並有後續合作。",
    "next_steps": "擴大辦理，並公開更多資料。",
}


@dataclass(frozen=True)
class Chapter:
    """Where to look, as whom (an account's name before the @, empty: signed out) and at what.

    `says` stands on the page. `move` is what the others do when the visitor goes on.
    """

    title: str
    who: str
    address: Callable[[], str]
    look: tuple[str, ...]
    says: Callable[[], str]
    next: str = ""
    move: Callable[[], None] | None = None


class Plot:
    """The state of the story; `chapters` reads it only when a chapter's turn comes."""

    year: ReportingYear
    report: ProgressReport
    request: ExtensionRequest

    def chapters(self) -> Iterable[Chapter]:
        yield Chapter(
            "大家都看得到的", "", lambda: "/",
            ("一格是一項措施，最需要注意的排在最左。",
             "110年度已經公布，111年度在審；112年度還沒有開始。"),
            lambda: "111", "彙整人開放112年度填報", self.open_year,
        )  # fmt: skip
        yield Chapter(
            "開放一個年度", "collator", lambda: reverse("year-list"),
            ("112年度開放了：每個部會的每項措施各有一件空白報告。",
             "「截止」「公布」旁邊先說按了會發生什麼。"),
            lambda: f"{YEAR}年度",
        )  # fmt: skip
        yield Chapter(
            "承辦人要填的", f"officer.{MINISTRY}", lambda: reverse("desk"),
            ("教育部一年五十幾件，照目標分組；期限和下一步在同一列。",
             "打開任何一件，右邊是去年寫的；打的字會自己存。"),
            lambda: self.report.measure.code, "承辦人填好一件並送出", self.file,
        )  # fmt: skip
        yield Chapter(
            "窗口核可", f"window.{MINISTRY}", lambda: reverse("signing"),
            ("等你核可的列在一起，還缺什麼先說出來。",
             "可以一次簽很多件；代理人簽的，兩個名字都留著。"),
            lambda: self.report.measure.code, "窗口核可，系統開出收據", self.sign,
        )  # fmt: skip
        yield Chapter(
            "收據", f"window.{MINISTRY}", self.receipt,
            ("號碼、日期與內容的摘要值；任何人都能拿來查驗。", "國科會從這時起看得到內容。"),
            self.receipt_number, "審查人退回「落後說明」", self.give_back,
        )  # fmt: skip
        yield Chapter(
            "退回補正", f"officer.{MINISTRY}", lambda: reverse("report-edit", args=[self.pk]),
            ("理由就在那一段旁邊；只有被退回的部分可以改，其餘鎖著。",
             "補正期限14天，到期前系統會寄信。"),
            lambda: REASON, "承辦人改好再送，窗口再簽一次", self.mend,
        )  # fmt: skip
        yield Chapter(
            "審查：兩年並排", "reviewer1", lambda: reverse("report-review", args=[self.pk]),
            ("左欄去年、右欄今年，畫線的是不同的字。",
             "「系統看到的事」只是提醒；每一段由你決定接受或退回。"),
            lambda: MENDED[:12], "審查人接受", self.accept,
        )  # fmt: skip
        yield Chapter(
            "一件報告的全部經過", f"officer.{MINISTRY}", lambda: reverse("report", args=[self.pk]),
            ("誰送的、誰簽的、為什麼退、哪天接受，都在最下面。",
             "接受以後要改，只能申請更正；舊的數字留著。"),
            lambda: "已接受", "經濟部申請展延，審查人同意", self.extend,
        )  # fmt: skip
        yield Chapter(
            "只延一個部會", f"window.{LATE_MINISTRY}",
            lambda: reverse("extension", args=[self.request.pk]),
            ("經濟部有自己的截止日，別的部會不變。",
             "送出時效另計「展延期限內」，不和準時混在一起。"),
            lambda: roc.format_date(self.request.granted_until),
            f"其他部會填報子目標{SUB_GOAL}，審查人接受", self.others,
        )  # fmt: skip
        yield Chapter(
            "收齊了沒有", "collator", lambda: f"{reverse('collation')}?year={YEAR}",
            ("橫的是部會，直的是策略；數字是已接受的件數。",
             f"子目標{SUB_GOAL}的主辦都交了，其他的還空著。"),
            lambda: "1.1.1", "彙整人截止並公布112年度", self.release,
        )  # fmt: skip
        yield Chapter(
            "公布以後", "", lambda: reverse("measure", args=[self.report.measure.code]),
            ("先登出：沒有帳號的人也讀得到剛才那件報告。", "沒有接受的不公開，缺的就說缺。"),
            lambda: BEHIND["work_done"][:12],
        )  # fmt: skip
        yield Chapter(
            "一年的樣子", "", lambda: f"{reverse('goal', args=['1'])}?year={YEAR}",
            ("每張圖下面是同樣數字的表，可以下載。", "沒有資料的地方是缺口，不是零。"),
            lambda: "<figure",
        )  # fmt: skip
        yield Chapter(
            "誰做過什麼", "administrator",
            lambda: reverse("admin:ministries_auditevent_changelist"),
            ("剛才的每一步：誰、何時、改前與改後；只增不改。",
             "這就是一年。想自己試，帳號都還在。"),
            lambda: "year.release",
        )  # fmt: skip

    # --- the moves --------------------------------------------------------------------------------
    def open_year(self) -> None:
        today = timezone.localdate()
        self.year = years.add_year(
            Plan.objects.get(slug=PLAN),
            year=YEAR,
            opens_on=today,
            due_on=today + timedelta(days=30),
            closes_on=today + timedelta(days=60),
            by=person("collator"),
        )
        years.open_year(self.year, by=person("collator"))
        self.report = self.drafts().filter(ministry__code=MINISTRY, coordinating=True).first()

    def file(self) -> None:
        catch_up = timezone.localdate() + timedelta(days=90)
        file(self.report, BEHIND | {"catch_up_on": catch_up})

    def sign(self) -> None:
        report = self.fresh()
        reports.sign_off(report, seen_version=report.version, by=window_of(report))

    def give_back(self) -> None:
        report = self.fresh()
        reviewer = person("reviewer1")
        report = reports.start_review(report, seen_version=report.version, by=reviewer)
        reports.return_report(
            report, seen_version=report.version, by=reviewer, parts={Part.LATENESS: REASON}
        )

    def mend(self) -> None:
        report = self.fresh()
        officer, reviewer = officer_of(report), person("reviewer1")
        report, problems = reports.save_and_submit(
            report, seen_version=report.version, by=officer, fields={"response": MENDED}
        )
        assert not problems, problems
        report = reports.sign_off(report, seen_version=report.version, by=window_of(report))
        reports.start_review(report, seen_version=report.version, by=reviewer)

    def accept(self) -> None:
        report = self.fresh()
        reports.accept(report, seen_version=report.version, by=person("reviewer1"))

    def extend(self) -> None:
        wanted = self.year.due_on + timedelta(days=14)
        late = self.drafts().filter(ministry__code=LATE_MINISTRY).first().ministry
        request = extensions.ask(
            self.year,
            late,
            wanted_until=wanted,
            reason="年底才有統計數字，需要兩週核對。",
            by=person(f"window.{LATE_MINISTRY}"),
        )
        self.request = extensions.grant(request, granted_until=wanted, by=person("reviewer1"))

    def others(self) -> None:
        """The other leads of one sub-goal file; what the science ministry wrote, the second
        reviewer decides like all the rest: nobody who wrote or signed may.
        """
        rows = list(
            self.drafts()
            .filter(role=AssignmentRole.LEAD, measure__code__startswith=f"{SUB_GOAL}.")
            .exclude(pk=self.pk)
        )
        windows: dict[User, list[ProgressReport]] = {}
        for row in rows:
            windows.setdefault(window_of(row), []).append(file(row, ON_TRACK))
        reviewer = person("reviewer2")
        for window, sent in windows.items():
            outcome = signing.sign_off_many([(row, row.version) for row in sent], by=window)
            for row in outcome.done:
                row = reports.start_review(row, seen_version=row.version, by=reviewer)
                reports.accept(row, seen_version=row.version, by=reviewer)

    def release(self) -> None:
        collator = person("collator")
        years.close_year(self.year, by=collator)
        years.release_year(self.year, by=collator)

    # --- what the chapters ask --------------------------------------------------------------------
    @property
    def pk(self) -> int:
        return self.report.pk

    def drafts(self):
        return (
            ProgressReport.objects.filter(reporting_year=self.year, status="draft")
            .select_related("reporting_year", "measure", "ministry")
            .order_by("measure__ordinal", "pk")
        )

    def fresh(self) -> ProgressReport:
        rows = ProgressReport.objects.select_related("reporting_year", "measure", "ministry")
        return rows.get(pk=self.pk)

    def receipt_number(self) -> str:
        return self.report.receipts.latest("pk").number

    def receipt(self) -> str:
        return reverse("receipt", args=[self.receipt_number()])


def person(name: str) -> User:
    """A demo account by what stands before the @."""
    return User.objects.get(email=f"{name}@demo.example")


def officer_of(report: ProgressReport) -> User:
    return person(f"officer.{report.ministry.code}")


def window_of(report: ProgressReport) -> User:
    return person(f"window.{report.ministry.code}")


def file(report: ProgressReport, fields: dict) -> ProgressReport:
    """Write a whole report and hand it to its window."""
    officer = officer_of(report)
    notes = {row.pk: {"note": "年底才有統計。"} for row in indicators_of(report)}
    report, problems = reports.save_and_submit(
        report, seen_version=report.version, by=officer, fields=fields, values=notes, money=MONEY
    )
    assert not problems, problems
    return report
