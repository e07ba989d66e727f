"""What of printed figures does not add up, and where it is told."""

from collections import namedtuple
from decimal import Decimal

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from plan.printed_sums import mismatches

Figure = namedtuple("Figure", "table row row_ordinal column column_ordinal year unit printed value")


def cell(table, row, column, printed, unit="千元", year=110) -> Figure:
    value = None if printed == "-" else Decimal(printed.replace(",", ""))
    return Figure(table, row[0], row[1], column[0], column[1], year, unit, printed, value)


def column(*printed: str, table="1", unit="千元") -> list[Figure]:
    names = [*(f"第{n}署" for n in range(1, len(printed))), "合計"]
    return [
        cell(table, (name, n), ("110年", 1), text, unit)
        for n, (name, text) in enumerate(zip(names, printed, strict=True), start=1)
    ]


def told(figures) -> list[str]:
    return [str(one) for one in mismatches(figures)]


def test_a_column_that_adds_up_is_not_told():
    assert told(column("1", "-", "2", "3")) == []
    assert told(column("9.9", "90.0", "100", unit="%")) == []


def test_a_column_that_does_not_names_both_numbers():
    assert told(column("1,000", "2,000", "3,001")) == [
        "表 1「110年」，民國 110 年：印的合計是 3,001 千元，各項相加是 3,000 千元"
    ]


def test_a_row_is_added_up_where_a_column_is_the_total():
    row = ("110", 1)
    names = (("甲 金額", 1), ("乙 金額", 2), ("合計 金額", 3))
    cells = [cell("1", row, name, text) for name, text in zip(names, ("1", "2", "4"), strict=True)]
    shares = [cell("1", row, ("合計 占比", 4), "100", "%")]
    assert told(cells + shares) == [
        "表 1「110」，民國 110 年：印的合計是 4 千元，各項相加是 3 千元"
    ]


def test_a_sentence_is_held_against_its_table_as_it_rounds():
    table = column("110,520,000", "110,520,000", table="2")
    said = [cell("2內文", ("合計", 1), ("110年", 1), "1,105", "億元")]
    assert told(table + said) == []
    said = [cell("2內文", ("合計", 1), ("110年", 1), "1,083", "億元")]
    assert told(table + said) == ["表 2，民國 110 年：內文是 1,083 億元，表裡的合計是 1,105.2 億元"]
    assert told(said) == []


def test_the_pages_of_versions_and_of_the_plan_lead_to_them(db):
    call_command("load_plan")
    listed = reverse("figures-mismatches")
    page = Client().get(reverse("revision-list")).content.decode()
    assert "原文有5處數字兜不攏" in page
    assert listed in page
    assert listed in Client().get(reverse("plan-tree")).content.decode()
