"""Pages of a review: who gets which, what they say, and that each works by plain forms."""

import html
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ministries.models import User
from reports.actions.compile import compile_review
from reports.actions.filing import publish
from reports.enums import JobState, ReviewState
from reports.models import (
    Edition,
    Filing,
    Job,
    Opinion,
    Paragraph,
    Review,
    RuleChange,
    SeatItem,
)
from reports.queries.reviews import current_edition
from tests.kept import kept
from tests.reports.meetings import call, decide, hold, make_edition
from tests.reports.review_world import begun, bring_review, seat, second_reviewer, send
from tests.reports.synthesis_world import make_opinion
from tracking.models import ProgressReport, Resolution

PEOPLE = ("anonymous", "officer_a", "officer_s", "expert", "administrator", "reviewer", "collator")


@kept
def review(world) -> Review:
    row = begun(world)
    compile_review(row.pk, by=world.reviewer)
    return row


def browse(world, name: str) -> Client:
    browser = Client()
    if name != "anonymous":
        user = second_reviewer(world) if name == "second" else world.people[name]
        browser.force_login(User.objects.get(pk=user.pk))
    return browser


def answers(world, url: str) -> dict[str, int]:
    return {name: browse(world, name).get(url).status_code for name in PEOPLE}


def rooms_of(pk: int) -> dict[str, str]:
    return {
        "review": reverse("review", args=[pk]),
        "edition": reverse("review-edition", args=[pk, 1]),
        "line": reverse("review-line", args=[pk, 1, 1]),
        "compare": reverse("review-compare", args=[pk]),
        "rules": reverse("review-rules", args=[pk]),
        "settings": reverse("review-settings", args=[pk]),
        "filing": reverse("review-filing", args=[pk]),
    }


# --- who ------------------------------------------------------------------------------------------
def everybody(anonymous: int, officers: int, expert: int, administrator: int, staff: int) -> dict:
    return {
        "anonymous": anonymous, "officer_a": officers, "officer_s": officers, "expert": expert,
        "administrator": administrator, "reviewer": staff, "collator": staff,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (
            "draft",
            {
                "review": everybody(404, 404, 404, 404, 200),
                "edition": everybody(302, 404, 404, 404, 200),
                "line": everybody(302, 404, 404, 404, 200),
                "compare": everybody(302, 404, 404, 404, 200),
                "rules": everybody(302, 404, 404, 404, 200),
                "filing": everybody(302, 404, 404, 404, 200),
            },
        ),
        (
            "commenting",
            {
                "review": everybody(404, 200, 200, 404, 200),
                "edition": everybody(302, 200, 404, 404, 200),
                "line": everybody(302, 200, 404, 404, 200),
                "compare": everybody(302, 200, 404, 404, 200),
                "rules": everybody(302, 200, 200, 404, 200),
                "filing": everybody(302, 404, 404, 404, 200),
            },
        ),
        (
            "published",
            {
                "review": everybody(200, 200, 200, 200, 200),
                "edition": everybody(302, 200, 404, 404, 200),
                "line": everybody(302, 200, 404, 404, 200),
                "compare": everybody(302, 200, 404, 404, 200),
                "rules": everybody(302, 200, 200, 404, 200),
                "filing": everybody(302, 404, 404, 404, 200),
            },
        ),
    ],
)
def test_who_gets_which_room(world, review, state, expected):
    if state != "draft":
        seat(world, review)
        bring_review(world, review, state)
    pages = rooms_of(review.pk)
    assert {name: answers(world, pages[name]) for name in expected} == expected


def test_changing_pages_refuse_whom_the_rules_refuse(world, review):
    pages = rooms_of(review.pk)
    assert answers(world, pages["settings"]) == everybody(302, 404, 404, 404, 403) | {
        "reviewer": 200
    }
    assert answers(world, reverse("review-create")) == everybody(302, 403, 403, 403, 403) | {
        "reviewer": 200
    }
    for name, status in (("officer_a", 404), ("collator", 403), ("anonymous", 302)):
        browser = browse(world, name)
        for url in (
            reverse("review-compile", args=[review.pk]),
            reverse("review-move", args=[review.pk, "assess"]),
            pages["rules"],
        ):
            assert browser.post(url, {"seen_version": 1}).status_code == status, (name, url)
    assert browse(world, "reviewer").post(pages["filing"], {"verb": "file"}).status_code == 403
    assert browse(world, "reviewer").get(reverse("review-compile", args=[1])).status_code == 405


def test_a_sent_opinion_opens_the_review_to_ministries_but_not_its_numbers(world, review):
    opinion = Opinion.objects.create(
        seat=seat(world, review), measure_code="1.1.1.1", edition=current_edition(review),
        basis="", submitted_at=timezone.now(), sent_at=timezone.now(),
    )  # fmt: skip
    pages = rooms_of(review.pk)
    browser = browse(world, "officer_a")
    assert browser.get(pages["review"]).status_code == 200
    assert browser.get(pages["edition"]).status_code == 404
    Opinion.objects.filter(pk=opinion.pk).update(sent_at=None)
    assert browse(world, "officer_a").get(pages["review"]).status_code == 404


def test_an_expert_reads_the_lines_of_the_measures_that_were_assigned(world, review):
    SeatItem.objects.create(seat=seat(world, review), measure_code="1.1.1.1")
    edition = Edition.objects.get()
    browser = browse(world, "expert")
    found = {
        line.measure_code: browser.get(
            reverse("review-line", args=[review.pk, 1, line.ordinal])
        ).status_code
        for line in edition.lines.all()
    }
    assert found == {"1.1.1.1": 200, "1.1.1.2": 404, "1.1.2.1": 404, "2.1.1.1": 404}
    assert browser.get(reverse("review-edition", args=[review.pk, 1])).status_code == 404


def test_nothing_is_public_before_its_day(world, review):
    review = bring_review(world, review, ReviewState.FILED)
    url = reverse("review", args=[review.pk])
    assert browse(world, "anonymous").get(url).status_code == 404
    review = Review.objects.get()
    day = timezone.localdate() + timedelta(days=1)
    publish(review, on=day, seen_version=review.version, by=world.collator)
    assert browse(world, "anonymous").get(url).status_code == 404
    Filing.objects.update(published_on=timezone.localdate())
    text = browse(world, "anonymous").get(url).content.decode()
    assert "整體大致依進度辦理。" in text
    assert "55.0" in text and "1.1.1.1" in text
    listed = browse(world, "anonymous").get(reverse("review-list")).content.decode()
    assert "期中評估" in listed


def test_the_public_reads_the_frozen_edition_and_not_the_rows(world, review):
    bring_review(world, review, ReviewState.PUBLISHED)
    url = reverse("review", args=[review.pk])
    browser = browse(world, "anonymous")

    def told() -> str:
        return browser.get(url).content.decode().partition("<main")[2]

    before = told()
    Review.objects.update(title="改過的名稱")
    ProgressReport.objects.update(work_done="改寫")
    Paragraph.objects.update(text="改寫過的結論")
    assert told() == before


# --- what they say --------------------------------------------------------------------------------
def test_the_review_says_its_finding_and_the_worst_first(world, review):
    text = browse(world, "reviewer").get(reverse("review", args=[review.pk])).content.decode()
    assert "全計畫達成度55.0%（未達成），1項措施低於門檻60%" in text
    assert "件應交的報告沒有被接受" in text
    assert reverse("revision-list") + f"?review=review:{review.pk}" in text


def test_a_button_says_why_it_can_not_be_pressed(world, review):
    text = browse(world, "collator").get(reverse("review", args=[review.pk])).content.decode()
    assert "「開始專家評估」是審查人的事，你不是審查人。" in text
    assert "資料、規則與專家由審查人決定，你不是審查人。" in text


def test_an_edition_prints_every_node_its_rule_and_its_gaps(world, review):
    text = (
        browse(world, "reviewer")
        .get(reverse("review-edition", args=[review.pk, 1]))
        .content.decode()
    )
    edition = Edition.objects.get()
    for code in ("1.1.1.1", "1.1.1.2", "1.1.2.1", "2.1.1.1"):
        assert f'id="n-measure-{code}"' in text
    assert edition.digest in text
    assert "達成度低於60%的項目提跨部會協調會議。" in text
    gaps = edition.lines.filter(kind="gap").count()
    assert f'<b class="tally-h">{gaps}件</b>' in text


def test_a_line_shows_what_was_frozen_and_leads_to_the_live_report(world, review):
    line = Edition.objects.get().lines.get(kind="report")
    url = reverse("review-line", args=[review.pk, 1, line.ordinal])
    report = world.report("1.1.1.1", "alpha")
    ProgressReport.objects.filter(pk=report.pk).update(work_done="後來改寫的內容。")
    text = browse(world, "reviewer").get(url).content.decode()
    assert "辦理三場培訓，共一百二十人次。" in text
    assert "後來改寫的內容。" not in text
    assert line.digest in text
    assert reverse("report", args=[report.pk]) in text


def test_two_editions_side_by_side_word_by_word(world, review):
    ProgressReport.objects.filter(status="accepted").update(work_done="辦理五場培訓。")
    Opinion.objects.create(
        seat=seat(world, review), measure_code="1.1.1.1", edition=current_edition(review),
        basis="", submitted_at=timezone.now(),
    )  # fmt: skip
    compile_review(review.pk)
    url = reverse("review-compare", args=[review.pk])
    text = browse(world, "reviewer").get(url).content.decode()
    assert "第1版到第2版：1列改了內容，0列新增，0列不再有；0項達成度不同" in text
    assert "<del>" in text and "<ins>" in text
    assert "依據已變的專家意見" in text and "1份意見" in text
    assert browse(world, "reviewer").get(url + "?from=7&to=1").status_code == 404


# --- forms ----------------------------------------------------------------------------------------
def test_a_review_is_begun_by_a_form(world):
    browser = browse(world, "reviewer")
    url = reverse("review-create")
    given = {
        "plan": world.plan.pk, "kind": "final", "title": "期末評估", "first_year": "110",
        "last_year": "113",
    }  # fmt: skip
    answer = browser.post(url, given | {"last_year": "114"})
    assert answer.status_code == 422
    assert "年度要在計畫的110–113年裡" in answer.content.decode()
    answer = browser.post(url, given)
    row = Review.objects.get()
    assert answer.headers["Location"] == reverse("review", args=[row.pk])
    assert (row.kind, row.title, list(row.years)) == ("final", "期末評估", [110, 111, 112, 113])
    answer = browser.post(url, given)
    assert answer.status_code == 422
    assert "這個計畫已經有這一種評估。" in answer.content.decode()


@pytest.mark.parametrize(("kind", "years"), [("midterm", (110, 111)), ("final", (110, 113))])
def test_years_left_blank_are_those_of_the_kind(world, kind, years):
    browser = browse(world, "reviewer")
    url = reverse("review-create")
    page = html.unescape(browser.get(url).content.decode())
    assert f'"{world.plan.pk}:{kind}": [{years[0]}, {years[1]}]' in page
    browser.post(url, {"plan": world.plan.pk, "kind": kind, "title": "評估"})
    row = Review.objects.get()
    assert (row.first_year, row.last_year) == years


def test_years_of_another_kind_are_asked_for(world):
    url = reverse("review-create")
    given = {"plan": world.plan.pk, "kind": "other", "title": "評估", "last_year": "112"}
    answer = browse(world, "reviewer").post(url, given)
    assert answer.status_code == 422
    assert answer.content.decode().count("這種評估要填年度。") == 2
    assert not Review.objects.exists()


def test_compiling_is_a_job_that_the_page_shows(world, django_capture_on_commit_callbacks):
    review = begun(world)
    browser = browse(world, "reviewer")
    with django_capture_on_commit_callbacks() as queued:
        answer = browser.post(reverse("review-compile", args=[review.pk]))
    assert answer.headers["Location"] == reverse("review", args=[review.pk]) + "#h-editions"
    assert len(queued) == 1
    job = Job.objects.get()
    assert (job.key, job.state, job.started_by) == (
        f"compile:{review.pk}", JobState.QUEUED, world.reviewer,
    )  # fmt: skip
    text = browser.get(reverse("review", args=[review.pk])).content.decode()
    assert f'id="job-{job.pk}"' in text
    browser.post(reverse("review-compile", args=[review.pk]))
    assert Job.objects.count() == 1


def test_a_move_is_a_plain_form(world, review):
    browser = browse(world, "reviewer")
    url = reverse("review-move", args=[review.pk, "assess"])
    assert browser.post(url, {"seen_version": 1}).status_code == 302
    assert Review.objects.get().state == "assessing"
    answer = browser.post(url, {"seen_version": 2}, follow=True)
    assert "只有「準備」、「綜整」的評估可以「開始專家評估」" in answer.content.decode()


def test_sending_back_without_a_reason_shows_it_at_the_field(world, review):
    review = bring_review(world, review, ReviewState.APPROVING)
    url = reverse("review-move", args=[review.pk, "send_back"])
    answer = browse(world, "second").post(url, {"seen_version": review.version, "note": ""})
    assert answer.status_code == 422
    assert "寫下理由。" in answer.content.decode()


def rules_given(review: Review, **fields) -> dict:
    form = {"seen_version": review.version, "threshold": "60", "reason": "比照院頒標準。"}
    for light, points in review.rules["light_points"].items():
        form[f"light_{light}"] = points or ""
    for place, band in enumerate(review.rules["bands"]):
        form |= {f"band_name_{place}": band["name"], f"band_from_{place}": band["from"]}
    return form | fields


def test_rules_are_shown_before_they_are_applied(world, review):
    browser = browse(world, "reviewer")
    url = reverse("review-rules", args=[review.pk])
    given = rules_given(review, threshold="50", light_behind="52.50")
    shown = browser.post(url, given)
    text = shown.content.decode()
    assert "這樣改，5項會不同：0項變成低於門檻，5項不再低於" in text
    assert "52.5%" in text and "55.0%" in text
    assert not RuleChange.objects.exists()
    assert Review.objects.get().rules["threshold"] == "60"

    previewed = shown.context["previewed"]
    # Somebody changes the boxes after the preview: it is shown again, not applied.
    again = browser.post(url, given | {"threshold": "90", "previewed": previewed})
    assert again.status_code == 200 and not RuleChange.objects.exists()

    answer = browser.post(url, given | {"previewed": previewed})
    assert answer.status_code == 302
    change = RuleChange.objects.get()
    assert (change.before["threshold"], change.after["threshold"]) == ("60", "50")
    assert change.after["light_points"]["behind"] == "52.5"
    assert (change.reason, change.by) == ("比照院頒標準。", world.reviewer)
    assert Edition.objects.get().rules["threshold"] == "60"
    assert Job.objects.get().key == f"compile:{review.pk}"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"threshold": "101"}, "門檻填0到100的數字。"),
        ({"threshold": "六十"}, "門檻填0到100的數字。"),
        ({"light_done": "-5"}, "燈號的分數填0到100的數字，不換算的留空。"),
        ({"band_from_2": "10"}, "最低的一級從0開始，才不會有數字落在等級之外。"),
        ({"band_name_1": "達成"}, "等級的名稱與下限不能重複。"),
        ({"code_0": "9.9", "weight_0": "2", "reason_0": "重要"}, "沒有編號「9.9」的項目。"),
        (
            {"code_0": "1.1.2.1", "weight_0": "0", "reason_0": "試辦"},
            "1.1.2底下各項的權重不能都是0，那樣算不出它的達成度。",
        ),
        ({"code_0": "1.1.1.1", "weight_0": "2"}, "1.1.1.1的權重要寫理由，最多200個字。"),
        ({"code_0": "1", "weight_0": "x", "reason_0": "重要"}, "1的權重填0到1000的數字。"),
        ({"reason": ""}, "這一欄要填。"),
    ],
)
def test_rules_that_make_no_sense_are_named_at_their_box(world, review, fields, sentence):
    url = reverse("review-rules", args=[review.pk])
    answer = browse(world, "reviewer").post(url, rules_given(review, **fields))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_weight_with_its_reason_changes_the_mean(world, review):
    browser = browse(world, "reviewer")
    given = rules_given(review, code_0="1.1.1", weight_0="3.0", reason_0="經費占七成")
    shown = browser.post(reverse("review-rules", args=[review.pk]), given)
    browser.post(
        reverse("review-rules", args=[review.pk]),
        given | {"previewed": shown.context["previewed"]},
    )
    assert Review.objects.get().rules["weights"] == {
        "1.1.1": {"weight": "3", "reason": "經費占七成"}
    }


def test_settings_are_saved_and_criteria_can_be_added(world, review):
    url = reverse("review-settings", args=[review.pk])
    browser = browse(world, "reviewer")
    form = browser.get(url).context["form"]
    given = {"seen_version": 1, "title": "期中", "criterion_0": "相關程度", "criterion_5": "永續性"}
    given |= {f"criterion_{n}": form[f"criterion_{n}"].value() for n in range(1, 5)}
    given |= {f"comments_due_on_{n}": part for n, part in enumerate(("112", "3", "31"))}
    assert browser.post(url, given).status_code == 302
    row = Review.objects.get()
    assert row.criteria == [
        {"key": "relevance", "name": "相關程度"},
        {"key": "effectiveness", "name": "有效性"},
        {"key": "efficiency", "name": "效率"},
        {"key": "coherence", "name": "一致性"},
        {"key": "added_value", "name": "附加價值"},
        {"key": "own_1", "name": "永續性"},
    ]
    assert (row.title, row.comments_due_on.isoformat()) == ("期中", "2023-03-31")


def test_filing_and_its_answer_are_plain_forms(world, review):
    review = bring_review(world, review, ReviewState.APPROVED)
    url = reverse("review-filing", args=[review.pk])
    browser = browse(world, "collator")
    today = timezone.localdate()
    day = {f"on_{n}": part for n, part in enumerate((today.year - 1911, today.month, today.day))}
    given = {
        "verb": "file", "edition": 1, "seen_version": review.version, "step": "for_reference",
        "document_number": "科會前字第1號", "addressee": "行政院", **day,
    }  # fmt: skip
    assert browser.post(url, given | {"document_number": ""}).status_code == 422
    assert browser.post(url, given).status_code == 302
    filing = Filing.objects.get()
    text = browser.get(url).content.decode()
    assert "科會前字第1號" in text and filing.content_digest in text
    assert "和現在存的相同" in text
    answer = browser.post(
        reverse("review-acknowledge", args=[review.pk, filing.pk]), {"number": "院臺1", **day}
    )
    assert answer.status_code == 302
    given = {"verb": "publish", "seen_version": Review.objects.get().version, **day}
    assert browser.post(url, given).status_code == 302
    assert Review.objects.get().state == "published"
    subject = f"document:edition:{filing.edition_id}"
    assert {job.key for job in Job.objects.all()} == {
        f"{subject}:main:pdf", f"{subject}:main:odt", f"{subject}:figures:ods",
    }  # fmt: skip
    given = {"verb": "withdraw", "seen_version": Review.objects.get().version, "reason": "有誤。"}
    assert browser.post(url, given).status_code == 302
    assert Review.objects.get().state == "synthesis"
    assert Edition.objects.count() == 2


# --- the navigation -------------------------------------------------------------------------------
def waiting(world, name: str) -> int:
    cache.clear()
    items = browse(world, name).get(reverse("review-list")).context["nav_items"]
    return next(item["count"] for item in items if item["url"] == reverse("review-list"))


def test_meetings_resolutions_and_opinions_lie_under_the_reviews(world):
    edition = make_edition(world)
    meeting = hold(world, call(world, edition))
    given = decide(world, meeting)
    opinion = make_opinion(world, edition.review)
    for url in (
        reverse("meeting", args=[meeting.pk]),
        reverse("resolution-list"),
        reverse("resolution", args=[given.pk]),
        reverse("opinion-show", args=[opinion.pk]),
    ):
        items = browse(world, "reviewer").get(url).context["nav_items"]
        assert [item["label"] for item in items if item["current"]] == ["評估"], url


def test_an_open_resolution_counts_on_its_owners_desk(world):
    def count(name: str) -> int:
        cache.clear()
        items = browse(world, name).get(reverse("resolution-list")).context["nav_items"]
        return next((one["count"] for one in items if one["url"] == reverse("desk")), 0)

    edition = make_edition(world)
    before = {name: count(name) for name in ("officer_b", "window_b", "officer_a")}
    given = decide(world, hold(world, call(world, edition)))
    after = {name: count(name) for name in before}
    assert {name: after[name] - before[name] for name in before} == {
        "officer_b": 1, "window_b": 1, "officer_a": 0,
    }  # fmt: skip
    Resolution.objects.filter(pk=given.pk).update(state="reported")
    assert count("officer_b") == before["officer_b"]


def test_the_navigation_counts_what_waits(world, review):
    SeatItem.objects.create(seat=seat(world, review), measure_code="1.1.1.1")
    people = ("officer_a", "expert", "reviewer", "second", "collator", "anonymous")

    def counts() -> dict[str, int]:
        return {name: number for name in people if (number := waiting(world, name))}

    assert counts() == {}
    bring_review(world, review, ReviewState.ASSESSING)
    assert counts() == {"expert": 1}
    bring_review(world, review, ReviewState.COMMENTING)
    assert counts() == {"officer_a": 1}
    bring_review(world, review, ReviewState.APPROVING)
    assert counts() == {"second": 1}
    bring_review(world, review, ReviewState.APPROVED)
    assert counts() == {"collator": 1}
    send(world, review)
    assert counts() == {"collator": 1}
