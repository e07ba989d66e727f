"""Resolutions of meetings: who owes, who reports with evidence, who closes, who sees."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow, StaleVersion
from ministries.enums import MembershipRole, SystemRole
from ministries.models import AuditEvent
from tests.tracking.pages import fields
from tests.world import grant, join, make_user
from tracking.actions import resolutions
from tracking.enums import ResolutionState, ResolutionVerb
from tracking.models import Notice, Resolution, ResolutionReport
from tracking.models.notice import NoticeKind
from tracking.rules.resolutions import moves, verdict
from tracking.workflow import RESOLUTION_ROAD

TEXT = "甲部會同乙部在期限前提出場域共用辦法。"
DONE = {"text": "辦法已於十一月一日發布。", "url": "https://example.test/rules.pdf"}
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def give(world, owner="alpha", code="1.1.1.1", **given) -> Resolution:
    today = timezone.localdate()
    measure = world.measures[code]
    values = {
        "plan": world.plan,
        "owner": world.ministries[owner],
        "text": TEXT,
        "decided_on": today,
        "due_on": today + timedelta(days=30),
        "source": "第1次協調會議",
        "code": code,
        "name": measure.name,
        "lineage": measure.lineage,
        "measure": measure,
        "by": world.reviewer,
    }
    return resolutions.give(**{**values, **given})


@pytest.fixture
def resolution(world) -> Resolution:
    return give(world)


@pytest.fixture
def reported(world, resolution) -> Resolution:
    return resolutions.report(resolution, seen_version=1, by=world.officer_a, **DONE)


def overdue(row: Resolution) -> Resolution:
    """As if it had been resolved two months ago, due a month ago."""
    today = timezone.localdate()
    Resolution.objects.filter(pk=row.pk).update(
        decided_on=today - timedelta(days=60), due_on=today - timedelta(days=30)
    )
    row.refresh_from_db()
    return row


def told(kind: NoticeKind) -> set[str]:
    rows = Notice.objects.filter(kind=kind).select_related("recipient")
    return {row.recipient.email.split("@")[0] for row in rows}


# --- the road -------------------------------------------------------------------------------------
def test_from_given_to_closed(world, resolution):
    assert resolution.state == ResolutionState.OPEN
    row = resolutions.report(resolution, seen_version=1, by=world.officer_a, **DONE)
    assert (row.state, row.version) == (ResolutionState.REPORTED, 2)
    row = resolutions.send_back(row, seen_version=2, note="請附公文。", by=world.reviewer)
    assert row.state == ResolutionState.OPEN
    row = resolutions.report(row, seen_version=3, by=world.window_a, **DONE)
    row = resolutions.agree(row, seen_version=4, by=world.reviewer)
    assert row.state == ResolutionState.CLOSED
    assert row.closed_at
    answers = row.reports.order_by("pk").values_list("answer", "reason")
    assert list(answers) == [("sent_back", "請附公文。"), ("agreed", "")]
    verbs = AuditEvent.objects.filter(target=f"tracking.resolution:{row.pk}").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "resolution.give",
        "resolution.report",
        "resolution.send_back",
        "resolution.report",
        "resolution.agree",
    ]


def test_the_table_is_all_that_can_happen(world):
    """State × verb × person against one exact set."""
    people = ["officer_a", "window_a", "viewer_a", "officer_b", "reviewer", "collator",
              "administrator", "expert"]  # fmt: skip
    row = give(world)
    allowed = set()
    for state in ResolutionState:
        row.state = state
        for verb in ResolutionVerb:
            for name in people:
                if verdict(verb, row, world.people[name]):
                    allowed.add((state, verb, name))
    ours, science = ("officer_a", "window_a"), ("reviewer",)
    assert allowed == {
        (state, verb, name)
        for state, verb in RESOLUTION_ROAD
        for name in (ours if verb == ResolutionVerb.REPORT else science)
    }
    row.state = ResolutionState.OPEN
    assert moves(row, world.officer_b) == []


def test_without_evidence_nothing_is_reported(world, resolution):
    for given in ({"url": ""}, {"upload": SimpleUploadedFile("a.pdf", PDF)}):
        with pytest.raises(Invalid) as refusal:
            resolutions.report(resolution, seen_version=1, by=world.officer_a, **{**DONE, **given})
        assert set(refusal.value.errors) == {"upload"}
    with pytest.raises(Invalid):
        resolutions.report(
            resolution, seen_version=1, by=world.officer_a, **{**DONE, "url": "javascript:1"}
        )
    assert not ResolutionReport.objects.exists()


def test_a_file_is_stored_with_its_digest_and_goes_when_the_move_is_refused(
    world, resolution, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    given = {"text": "完成。", "upload": SimpleUploadedFile("公文.pdf", PDF)}
    with pytest.raises(NotAllowed):
        resolutions.report(resolution, seen_version=1, by=world.officer_b, **given)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    given["upload"].seek(0)
    row = resolutions.report(resolution, seen_version=1, by=world.officer_a, **given)
    found = row.reports.get()
    assert (found.title, found.media_type, len(found.sha256)) == ("公文.pdf", "application/pdf", 64)


def test_who_saw_an_older_version_is_refused(world, resolution):
    resolutions.report(resolution, seen_version=1, by=world.officer_a, **DONE)
    with pytest.raises(StaleVersion):
        resolutions.agree(resolution, seen_version=1, by=world.reviewer)
    with pytest.raises(NotNow):
        resolutions.report(resolution, seen_version=2, by=world.officer_a, **DONE)


def test_nobody_closes_what_they_reported(world):
    both = make_user("both")
    join(both, world.science, MembershipRole.OFFICER)
    grant(both, SystemRole.REVIEWER)
    row = give(world, owner="science", code="1.1.2.1")
    row = resolutions.report(row, seen_version=1, by=both, **DONE)
    with pytest.raises(NotAllowed):
        resolutions.agree(row, seen_version=2, by=both)
    assert resolutions.agree(row, seen_version=2, by=world.reviewer).closed_at


def test_an_amendment_needs_a_reason_and_tells_the_new_owner(world, resolution):
    given = {
        "owner": world.beta,
        "text": TEXT,
        "due_on": resolution.due_on + timedelta(days=30),
        "by": world.reviewer,
    }
    with pytest.raises(Invalid) as refusal:
        resolutions.amend(resolution, seen_version=1, note=" ", **given)
    assert set(refusal.value.errors) == {"note"}
    Notice.objects.all().delete()
    row = resolutions.amend(resolution, seen_version=1, note="業務移撥。", **given)
    assert (row.owner, row.state) == (world.beta, ResolutionState.OPEN)
    assert told(NoticeKind.RESOLUTION_GIVEN) == {"officer_b", "window_b"}


def test_only_science_staff_give_and_what_is_given_makes_sense(world):
    with pytest.raises(NotAllowed):
        give(world, by=world.officer_a)
    today = timezone.localdate()
    bad = {"owner": "gamma", "text": " ", "due_on": today - timedelta(days=1)}
    with pytest.raises(Invalid) as refusal:
        give(world, **bad)
    assert set(refusal.value.errors) == {"owner", "text", "due_on"}
    assert "乙部" in refusal.value.errors["owner"][0]


def test_each_step_is_told_to_who_has_to_act(world, resolution):
    assert told(NoticeKind.RESOLUTION_GIVEN) == {"officer_a", "window_a"}
    row = resolutions.report(resolution, seen_version=1, by=world.officer_a, **DONE)
    assert told(NoticeKind.RESOLUTION_REPORTED) == {"reviewer"}
    row = resolutions.send_back(row, seen_version=2, note="請附公文。", by=world.reviewer)
    assert told(NoticeKind.RESOLUTION_RETURNED) == {"officer_a", "window_a"}
    row = resolutions.report(row, seen_version=3, by=world.officer_a, **DONE)
    resolutions.agree(row, seen_version=4, by=world.reviewer)
    assert told(NoticeKind.RESOLUTION_CLOSED) == {"officer_a", "window_a"}
    mail = Notice.objects.filter(kind=NoticeKind.RESOLUTION_RETURNED).first()
    assert "請附公文。" in mail.body
    assert reverse("resolution", args=[row.pk]) in mail.body


# --- succession -----------------------------------------------------------------------------------
def test_the_heir_answers_for_a_resolution_of_the_body_before_it(world, client):
    """丙署 merged into 乙部: what it owed is 乙部's today."""
    row = give(world, owner="beta", code="2.1.1.1")
    Resolution.objects.filter(pk=row.pk).update(owner=world.gamma)
    row.refresh_from_db()
    client.force_login(world.officer_b)
    assert TEXT in client.get(reverse("desk")).content.decode()
    page = client.get(reverse("resolution", args=[row.pk])).content.decode()
    assert "今由乙部承接" in page
    form = world.report("2.1.1.1", "beta")
    assert TEXT in client.get(reverse("report-edit", args=[form.pk])).content.decode()
    row = resolutions.report(row, seen_version=1, by=world.officer_b, **DONE)
    assert told(NoticeKind.RESOLUTION_REPORTED) == {"reviewer"}
    resolutions.agree(row, seen_version=2, by=world.reviewer)
    assert told(NoticeKind.RESOLUTION_CLOSED) == {"officer_b", "window_b"}


# --- pages ----------------------------------------------------------------------------------------
def test_the_desk_shows_the_overdue_first_and_takes_the_report(world, client, resolution):
    late = overdue(give(world, text="先辦的一件。"))
    give(world, owner="beta", code="1.1.1.2", text="乙部的一件。")
    client.force_login(world.officer_a)
    page = client.get(reverse("desk")).content.decode()
    assert page.index("先辦的一件。") < page.index(TEXT)
    assert "逾期30天" in page
    assert "乙部的一件。" not in page
    address = reverse("resolution-move", args=[late.pk, "report"])
    assert client.post(address, {"seen_version": 1, "text": "完成。"}).status_code == 422
    answer = client.post(address, {"seen_version": 1, **DONE})
    assert answer.url == reverse("resolution", args=[late.pk])
    page = client.get(reverse("desk")).content.decode()
    assert page.index("先辦的一件。") > page.index(TEXT)
    assert "已回報，待確認" in page


def test_the_form_reminds_until_the_reviewer_agrees(world, client, resolution, report):
    edit = reverse("report-edit", args=[report.pk])
    other = reverse("report-edit", args=[world.report("1.1.2.1", "alpha").pk])
    partner = reverse("report-edit", args=[world.report("1.1.1.1", "beta").pk])
    client.force_login(world.officer_a)
    assert TEXT in client.get(edit).content.decode()
    assert reverse("resolution", args=[resolution.pk]) in client.get(edit).content.decode()
    assert TEXT not in client.get(other).content.decode()
    row = resolutions.report(resolution, seen_version=1, by=world.officer_a, **DONE)
    assert TEXT in client.get(edit).content.decode()
    resolutions.agree(row, seen_version=2, by=world.reviewer)
    assert TEXT not in client.get(edit).content.decode()
    give(world)
    client.force_login(world.officer_b)
    assert TEXT not in client.get(partner).content.decode()


def test_a_resolution_on_a_strategy_shows_with_its_measures(world, client):
    strategy = world.measures["1.1.1.1"].strategy
    give(world, name=strategy.name, lineage=strategy.lineage, measure=None)
    client.force_login(world.officer_a)
    for code, shown in (("1.1.1.1", True), ("1.1.1.2", True), ("1.1.2.1", False)):
        page = client.get(reverse("report-edit", args=[world.report(code, "alpha").pk]))
        assert (TEXT in page.content.decode()) is shown, code


def test_the_reviewer_finds_it_in_the_queue_and_decides(world, client, reported):
    client.force_login(world.reviewer)
    assert TEXT in client.get(reverse("review-queue")).content.decode()
    address = reverse("resolution", args=[reported.pk])
    page = client.get(address)
    agree = reverse("resolution-move", args=[reported.pk, "agree"])
    back = reverse("resolution-move", args=[reported.pk, "send_back"])
    assert client.post(back, fields(page, back)).status_code == 422
    assert client.post(agree, fields(page, agree)).url == address
    reported.refresh_from_db()
    assert reported.state == ResolutionState.CLOSED
    assert TEXT not in client.get(reverse("review-queue")).content.decode()
    again = client.post(agree, {"seen_version": 3}, follow=True)
    assert "已結案" in again.content.decode()


def test_a_reviewer_amends_on_the_page(world, client, resolution):
    client.force_login(world.reviewer)
    address = reverse("resolution-move", args=[resolution.pk, "amend"])
    given = fields(client.get(reverse("resolution", args=[resolution.pk])), address)
    assert given["text"] == TEXT
    given |= {"owner": world.beta.pk, "note": "業務移撥。"}
    assert client.post(address, given).status_code == 302
    resolution.refresh_from_db()
    assert resolution.owner == world.beta


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("officer_a", 200),
        ("window_a", 200),
        ("viewer_a", 200),
        ("reviewer", 200),
        ("collator", 200),
        ("officer_b", 404),
        ("administrator", 404),
        ("expert", 404),
    ],
)
def test_who_sees_a_resolution_and_its_evidence(world, client, reported, name, seen):
    client.force_login(world.people[name])
    assert client.get(reverse("resolution", args=[reported.pk])).status_code == seen
    evidence = reverse("resolution-evidence", args=[reported.reports.get().pk])
    assert client.get(evidence).status_code == seen
    listing = client.get(reverse("resolution-list"))
    assert listing.status_code == 200
    assert (TEXT in listing.content.decode()) is (seen == 200)
    move = reverse("resolution-move", args=[reported.pk, "agree"])
    assert client.post(move, {"seen_version": 2}).status_code == (
        404 if seen == 404 else 302 if name == "reviewer" else 403
    )


def test_the_public_is_asked_to_sign_in(client, world, resolution):
    for url in (
        reverse("resolution-list"),
        reverse("resolution", args=[resolution.pk]),
        reverse("resolution-move", args=[resolution.pk, "report"]),
    ):
        assert client.get(url).status_code in (302, 405)
    assert client.get(reverse("resolution-list")).url.startswith(reverse("account_login"))


def test_the_measures_page_lists_what_this_person_may_see(world, client, resolution):
    address = reverse("measure", args=["1.1.1.1"])
    for name, shown in (("officer_a", True), ("reviewer", True), ("officer_b", False)):
        client.force_login(world.people[name])
        assert (TEXT in client.get(address).content.decode()) is shown, name
    client.logout()
    assert TEXT not in client.get(address).content.decode()
