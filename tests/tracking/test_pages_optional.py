"""The form says what need not be filled in, and asks each body for its own indicators."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.world import LATE, make_indicator
from tracking.enums import Light, Status
from tracking.parts import indicators_of


def form(as_user, world, report):
    answer = as_user(world.officer(report)).get(reverse("report-edit", args=[report.pk]))
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize(("light", "idle"), [(Light.ON_TRACK, "不必填"), (Light.BEHIND, "")])
def test_lateness_is_to_be_filled_in_by_late_ones_only(world, report, as_user, light, idle):
    late = {**LATE, "catch_up_on": date(2099, 12, 31)} if light == Light.BEHIND else {}
    world.bring(report, Status.DRAFT, **{**late, "light": light})
    answer = form(as_user, world, report)
    assert answer.context["sections"]["lateness"].idle == idle
    assert answer.context["to_fill"] == (6 if idle else 7)  # there are no indicators either
    assert ("不必填" in answer.content.decode()) == bool(idle)


def test_a_section_without_indicators_is_not_ticked(world, report, as_user):
    answer = form(as_user, world, report)
    assert answer.context["sections"]["indicators"].mark == "idle"
    assert "沒有指標" in answer.content.decode()
    make_indicator(report.measure, world.alpha, world.officer_a)
    assert form(as_user, world, report).context["sections"]["indicators"].mark == "open"


def test_a_partner_reads_that_light_and_completion_are_optional(
    world, report, partner_report, as_user
):
    page = form(as_user, world, partner_report).content.decode()
    assert "協辦部會可以不選" in page
    assert "完成度以統籌主辦填的為準" in page
    page = form(as_user, world, report).content.decode()
    assert "可以不選" not in page
    assert "以統籌主辦填的為準" not in page


def test_bodies_that_merged_later_are_asked_for_their_own_indicators(world):
    report = world.report("2.1.1.1", "beta")
    own = make_indicator(report.measure, world.beta, world.officer_b, name="巡檢次數")
    other = make_indicator(report.measure, world.gamma, world.officer_b, name="異常通報")
    # 丙署 became a part of 乙部 a year ago: since then both are 乙部's to report on.
    assert set(indicators_of(report)) == {own, other}
    report.reporting_year.opens_on = timezone.localdate() - timedelta(days=400)
    assert list(indicators_of(report)) == [own]
    report.ministry = world.gamma
    assert list(indicators_of(report)) == [other]
