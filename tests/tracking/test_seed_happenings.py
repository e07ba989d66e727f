"""What the demo shows beside its filings: each once at least, marked, and mailed to nobody."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from ministries.models import User
from plan.models import Indicator, Plan
from tracking.demo import seed, seed_happenings
from tracking.demo.texts import MARK
from tracking.enums import Part, RequestState, Status
from tracking.models import (
    CorrectionRequest,
    Dissent,
    ExtensionRequest,
    Handover,
    IndicatorValue,
    Message,
    Notice,
    ProgressReport,
    Quotation,
    Receipt,
    Submission,
)
from tracking.receipts import Finding, judge

pytestmark = pytest.mark.django_db


def test_every_page_beside_the_filings_has_something_to_show():
    call_command("load_plan", stdout=StringIO())
    plan, today = Plan.objects.get(), timezone.localdate()
    seed(plan, [110, 111], today=today)
    assert seed_happenings(plan, today=today)

    extensions = {row.state: row for row in ExtensionRequest.objects.all()}
    assert set(extensions) == {RequestState.ASKED, RequestState.GRANTED}
    # Who waits is a ministry whose accounts are shown.
    assert extensions[RequestState.ASKED].ministry.code == "moea"
    granted = extensions[RequestState.GRANTED]
    theirs = ProgressReport.objects.filter(reporting_year__year=111, ministry=granted.ministry)
    assert set(theirs.values_list("extended_until", flat=True)) == {granted.granted_until}

    corrections = list(CorrectionRequest.objects.order_by("pk"))
    assert [(row.state, row.applied) for row in corrections] == [
        (RequestState.ASKED, False),
        (RequestState.GRANTED, False),
        (RequestState.GRANTED, True),
    ]
    assert corrections[1].copy.status == Status.RETURNED
    assert corrections[1].copy.returned_parts == [Part.PROGRESS]
    assert "補列" in corrections[2].report.work_done

    parts = IndicatorValue.objects.exclude(parts={}).get()
    assert sum(number for _name, number in parts.by_part) == parts.actual
    rate = Indicator.objects.exclude(formula="").get()
    assert rate.values.get(report=parts.report).actual == 70
    assert parts.report.status == Status.DRAFT

    quotation = Quotation.objects.get()
    assert quotation.text in quotation.report.work_done
    assert [bool(row.answer) for row in Dissent.objects.order_by("pk")] == [True, False]
    assert [row.side for row in Message.objects.order_by("pk")] == [
        "science",
        "ministry",
        "science",
    ]
    for row in Message.objects.all():
        assert row.text.endswith(MARK)

    sent = Submission.objects.filter(report__reporting_year__year=111, number__gt=0)
    assert Receipt.objects.filter(reporting_year__year=111).count() == sent.count() > 300
    for receipt in Receipt.objects.order_by("pk")[::40]:
        assert judge(receipt) == Finding.SAME
    handover = Handover.objects.get()
    assert handover.items and handover.leaver.is_demo
    assert handover.taker == User.objects.get(email="officer.moea@demo.example")
    assert not handover.leaver.ministry_ids

    assert not Notice.objects.exists()
    assert not seed_happenings(plan, today=today)
