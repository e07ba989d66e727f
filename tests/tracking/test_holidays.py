"""Administrators import the official office calendar, and look at it before."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from config.kit.errors import Invalid, NotAllowed
from ministries.models import AuditEvent
from tracking.actions import holidays
from tracking.models import Holiday
from tracking.reminders.digest import working_days

PAGE = "/admin/tracking/holiday/import/"


def official(year: int, **special: str) -> bytes:
    """A whole year's file; `special` is d0103="2,補假"."""
    lines, day = ["西元日期,星期,是否放假,備註"], date(year, 1, 1)
    while day.year == year:
        plain = f"{2 if day.weekday() >= 5 else 0},"
        told = special.get(f"d{day:%m%d}", plain)
        lines.append(f"{day:%Y%m%d},{'一二三四五六日'[day.weekday()]},{told}")
        day += timedelta(days=1)
    return "\r\n".join(lines).encode("utf-8-sig")


def test_an_imported_year_is_known_and_counts(administrator):
    assert not working_days().knows(date(2028, 3, 1))
    content = official(2028, d0103="2,補假", d0108="0,補行上班")
    assert [(one.day, one.before, one.after) for one in holidays.preview(content)] == [
        (date(2028, 1, 3), None, "放假 補假"),
        (date(2028, 1, 8), None, "上班 補行上班"),
    ]
    assert holidays.import_calendar(content, name="117.csv", by=administrator) == 2
    calendar = working_days()
    assert calendar.knows(date(2028, 3, 1))
    assert not calendar.works(date(2028, 1, 3)) and calendar.works(date(2028, 1, 8))
    assert holidays.preview(content) == []
    assert AuditEvent.objects.get(verb="holiday.import").after["years"] == ["2028"]


def test_a_second_import_replaces_the_year_and_leaves_others(administrator):
    holidays.import_calendar(official(2028, d0103="2,補假"), name="a", by=administrator)
    holidays.import_calendar(official(2029, d0101="2,元旦"), name="b", by=administrator)
    holidays.import_calendar(official(2028, d0104="2,颱風"), name="c", by=administrator)
    assert list(Holiday.objects.values_list("day", flat=True)) == [
        date(2028, 1, 4),
        date(2029, 1, 1),
    ]


def test_a_file_in_big5_is_read(administrator):
    content = official(2028, d0103="2,補假").decode("utf-8-sig").encode("cp950")
    holidays.import_calendar(content, name="117.csv", by=administrator)
    assert Holiday.objects.get().name == "補假"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe\x00", "不是UTF-8或Big5"),
        ("日期,放假\n".encode(), "找不到「西元日期」"),
        ("西元日期,是否放假\n".encode(), "沒有日期"),
        ("西元日期,是否放假\n20280101,2\n".encode(), "117年只有1天"),
        ("西元日期,是否放假\n20280101,9\n".encode(), "第2行讀不懂"),
    ],
)
def test_another_file_is_refused_with_the_reason(administrator, content, sentence):
    with pytest.raises(Invalid, match=sentence):
        holidays.import_calendar(content, name="x", by=administrator)


def test_nobody_else_imports(collator):
    with pytest.raises(NotAllowed):
        holidays.import_calendar(official(2028, d0103="2,"), name="x", by=collator)


def test_the_page_shows_before_it_writes(administrator):
    browser = Client()
    browser.force_login(administrator)
    assert "系統知道這些年" in browser.get(PAGE).content.decode()
    file = SimpleUploadedFile("117.csv", official(2028, d0103="2,補假"))
    answer = browser.post(PAGE, {"file": file})
    assert "會改變1天" in answer.content.decode() and not Holiday.objects.exists()
    done = browser.post(PAGE, {"confirm": "1", "token": answer.context["token"]}, follow=True)
    assert "辦公日曆已匯入：1天改變。" in done.content.decode()
    assert Holiday.objects.count() == 1
    wrong = browser.post(PAGE, {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")})
    assert wrong.status_code == 422 and "找不到「西元日期」" in wrong.content.decode()
