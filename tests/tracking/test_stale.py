"""Two people, one report: the second to save is told, and no child row slips past the version."""

import pytest

from config.kit.errors import StaleVersion
from tests.world import MONEY, make_indicator
from tracking.actions import evidence, reports
from tracking.enums import Status
from tracking.models import ProgressReport


def save(report, by, **given):
    return reports.save_draft(report, seen_version=report.version, by=by, **{"fields": {}, **given})


def test_the_second_to_save_gets_the_row_as_it_is_now(world, report, officer_a):
    save(report, officer_a, fields={"work_done": "先寫的。"})
    with pytest.raises(StaleVersion) as refusal:
        save(report, officer_a, fields={"work_done": "後寫的。"})
    assert refusal.value.current.work_done == "先寫的。"
    assert refusal.value.current.version == 2
    assert ProgressReport.objects.get(pk=report.pk).work_done == "先寫的。"


def test_every_change_of_a_part_raises_the_version(world, report, officer_a):
    indicator = make_indicator(report.measure, world.alpha, officer_a)
    row = save(report, officer_a, money=MONEY)
    assert row.version == 2
    row = save(row, officer_a, values={indicator.pk: {"actual": 1}})
    assert row.version == 3
    link = evidence.add_link(row, seen_version=3, by=officer_a, url="https://a.test/")
    assert ProgressReport.objects.get(pk=report.pk).version == 4
    assert evidence.remove(link, seen_version=4, by=officer_a).version == 5


@pytest.mark.parametrize(
    ("status", "action", "person", "more"),
    [
        (Status.DRAFT, reports.submit, "officer_a", {}),
        (Status.DRAFT, reports.exempt, "reviewer", {"note": "無此業務。"}),
        (Status.SIGNING, reports.sign_off, "window_a", {}),
        (Status.SIGNING, reports.send_back, "window_a", {"note": "請改。"}),
        (Status.SUBMITTED, reports.withdraw, "officer_a", {}),
        (Status.SUBMITTED, reports.start_review, "reviewer", {}),
        (Status.UNDER_REVIEW, reports.accept, "reviewer", {}),
        (Status.UNDER_REVIEW, reports.return_report, "reviewer", {"parts": {"money": "請補。"}}),
        (Status.NOT_APPLICABLE, reports.resume, "reviewer", {"note": "恢復。"}),
    ],
)
def test_no_move_is_made_on_what_one_has_not_seen(world, report, status, action, person, more):
    row = world.bring(report, status)
    with pytest.raises(StaleVersion):
        action(row, seen_version=row.version - 1, by=world.people[person], **more)
    assert action(row, seen_version=row.version, by=world.people[person], **more)
