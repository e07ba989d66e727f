"""A correction's copy: who finishes it when its body merges in mid-year, and what its receipt is
worth.
"""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from config.kit.canonical import digest
from ministries.actions.successions import record_succession
from ministries.models import Ministry
from tests.tracking.test_corrections import FIELDS, MORE, accept, ask, reopen, to_review
from tests.world import World, join, make_user
from tracking.actions import reports
from tracking.enums import Status
from tracking.models import ProgressReport, Receipt
from tracking.receipts import Finding, judge


@pytest.fixture
def accepted(world: World) -> ProgressReport:
    return world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)


@pytest.fixture
def copy(world: World, accepted: ProgressReport) -> ProgressReport:
    ask(world, accepted)
    return reopen(world, accepted)


# --- a merger -------------------------------------------------------------------------------------
def test_a_copy_stays_with_its_report_in_a_merger_and_the_heir_finishes_it(world, accepted, copy):
    heir = Ministry.objects.create(code="delta", short_name="丁部", full_name="行政院丁部")
    join(officer := make_user("officer_d"), heir, "officer")
    join(window := make_user("window_d"), heir, "window")
    world.ministries["delta"] = heir
    record_succession(
        predecessor=world.alpha, successor=heir, on=timezone.localdate(), kind="merged",
        legal_basis="丁部組織法", by=world.administrator,
    )  # fmt: skip
    assert world.report("1.1.1.2", "delta").opened_for == world.alpha  # its draft went along
    row = ProgressReport.working.get(pk=copy.pk)
    assert (row.ministry, row.ministry_name) == (world.alpha, "行政院甲部")
    assert (row.status, row.corrects, row.opened_for) == (Status.RETURNED, accepted, None)

    row = reports.save_draft(row, seen_version=row.version, by=officer, fields=FIELDS, money=MORE)
    row = reports.submit(row, seen_version=row.version, by=officer)
    row = reports.sign_off(row, seen_version=row.version, by=window)
    row = reports.start_review(row, seen_version=row.version, by=world.reviewer)
    accept(world, row)
    accepted.refresh_from_db()
    assert accepted.work_done == FIELDS["work_done"]
    assert (accepted.ministry, accepted.ministry_name) == (world.alpha, "行政院甲部")
    assert ProgressReport.objects.filter(measure=accepted.measure).count() == 2  # lead and partner


def test_a_copy_asked_for_after_the_merger_is_the_heir_s_to_write(world, accepted):
    heir = Ministry.objects.create(code="delta", short_name="丁部", full_name="行政院丁部")
    join(officer := make_user("officer_d"), heir, "officer")
    world.people["officer_d"] = officer
    record_succession(
        predecessor=world.alpha, successor=heir, on=timezone.localdate(), kind="renamed",
        legal_basis="丁部組織法", by=world.administrator,
    )  # fmt: skip
    ask(world, accepted, by="officer_d")
    row = reopen(world, accepted)
    assert row.ministry == world.alpha
    saved = reports.save_draft(row, seen_version=row.version, by=officer, fields=FIELDS, money=MORE)
    assert saved.work_done == FIELDS["work_done"]


# --- its receipt ----------------------------------------------------------------------------------
def test_a_correction_s_receipt_tells_of_the_new_text_and_the_first_stays_true(
    world, as_user, accepted, copy
):
    first = Receipt.objects.get(report=accepted)
    reviewed = to_review(world, copy)
    second = Receipt.objects.get(report=copy)
    said = second.content
    assert (said["ministry"], said["measure"], said["year"]) == ("alpha", "1.1.1.1", 111)
    assert said["signed_by"] == "window_a" and second.number != first.number
    assert second.digest != first.digest
    assert [judge(first), judge(second)] == [Finding.SAME, Finding.SAME]

    accept(world, reviewed)
    assert [judge(Receipt.objects.get(pk=row.pk)) for row in (first, second)] == [
        Finding.SAME, Finding.SAME,
    ]  # fmt: skip
    texts = []
    for row in (first, second):
        answer = as_user(world.officer_a).get(reverse("receipt-file", args=[row.number, "json"]))
        file = json.loads(answer.content)
        assert digest(file["sent"]) == row.digest
        texts.append(file["sent"]["fields"]["work_done"])
    assert texts == ["辦理三場培訓，共一百二十人次。", FIELDS["work_done"]]


def test_a_correction_s_receipt_is_verified_on_the_page_by_anybody(world, client, accepted, copy):
    to_review(world, copy)
    receipt = Receipt.objects.get(report=copy)
    given = {"number": receipt.number, "digest": receipt.digest}
    assert "相符：" in client.post(reverse("receipt-verify"), given).content.decode()
    other = Receipt.objects.get(report=accepted).digest
    answer = client.post(reverse("receipt-verify"), {**given, "digest": other})
    assert "相符：" not in answer.content.decode()
