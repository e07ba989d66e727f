"""Which reminder falls on which day: the day before, on the day and after, over a year's end."""

from datetime import date

import pytest

from tracking.reminders.rules import Kind, Reminder, reminders
from tracking.reminders.working_days import WorkingDays, calendar, differing, read, shipped

PLAIN = WorkingDays({}, [])
OFFICIAL = calendar()


def day_of(kind: Kind, due_on: date, correction: date | None = None, working=OFFICIAL) -> date:
    [found] = [one.day for one in reminders(due_on, correction, working) if one.kind is kind]
    return found


def test_a_due_date_is_said_30_and_7_days_before_and_once_it_has_passed():
    due = date(2026, 12, 10)  # a Thursday
    assert list(reminders(due, None, PLAIN)) == [
        Reminder(Kind.MONTH, date(2026, 11, 10), due),
        Reminder(Kind.WEEK, date(2026, 12, 3), due),
        Reminder(Kind.OVERDUE, date(2026, 12, 11), due),
    ]


def test_a_correction_counts_by_its_own_date_alone():
    due, until = date(2026, 12, 10), date(2026, 12, 24)
    assert list(reminders(due, until, PLAIN)) == [
        Reminder(Kind.CORRECTION, date(2026, 12, 22), until),
        Reminder(Kind.CORRECTION_OVERDUE, date(2026, 12, 25), until),
    ]


@pytest.mark.parametrize(
    ("due", "kind", "expected"),
    [
        # 115-12-31 is a Thursday; 116-01-01 is free, and a weekend follows.
        (date(2026, 12, 31), Kind.OVERDUE, date(2027, 1, 4)),
        (date(2026, 12, 31), Kind.WEEK, date(2026, 12, 24)),
        # 30 days before 116-02-01 is Saturday, 116-01-02: said on the last working day of 115.
        (date(2027, 2, 1), Kind.MONTH, date(2026, 12, 31)),
        # 7 days before 116-01-08 is the free New Year's day.
        (date(2027, 1, 8), Kind.WEEK, date(2026, 12, 31)),
        (date(2027, 1, 4), Kind.WEEK, date(2026, 12, 28)),
    ],
)
def test_over_a_year_s_end(due, kind, expected):
    assert day_of(kind, due) == expected


def test_a_correction_over_the_lunar_new_year_of_115():
    # Free from 115-02-14 to 22 (Saturday to Sunday); work begins on the 23rd.
    assert day_of(Kind.CORRECTION, date(2026, 1, 1), date(2026, 2, 18)) == date(2026, 2, 13)
    assert day_of(Kind.CORRECTION_OVERDUE, date(2026, 1, 1), date(2026, 2, 13)) == date(2026, 2, 23)


def test_a_weekend_day_that_is_worked_counts_as_a_working_day():
    # 113-02-17, a Saturday, was worked for the 15th.
    assert OFFICIAL.works(date(2024, 2, 17))
    assert not OFFICIAL.works(date(2024, 2, 24))
    assert day_of(Kind.OVERDUE, date(2024, 2, 16)) == date(2024, 2, 17)


def test_a_leap_day_is_a_day():
    assert day_of(Kind.WEEK, date(2024, 3, 7)) == date(2024, 2, 29)


@pytest.mark.parametrize("year", [2021, 2028])
def test_of_an_unknown_year_weekends_alone_are_free(year):
    assert not OFFICIAL.knows(date(year, 6, 1))
    assert OFFICIAL.works(date(year, 1, 4 if year == 2021 else 3))
    new_year = date(year, 1, 1)
    assert OFFICIAL.works(new_year) == (new_year.weekday() < 5)


def test_the_shipped_files_say_what_the_package_says():
    from taiwan_holidays.taiwan_calendar import TaiwanCalendar

    theirs = TaiwanCalendar()
    for _index, row in theirs.lookup.iterrows():
        day = row["西元日期"].date()
        assert OFFICIAL.works(day) == (row["是否放假"] != 2), day


def test_an_imported_year_wins_over_the_shipped_one_as_a_whole():
    assert date(2026, 1, 1) in shipped()[0]
    own = calendar([(date(2026, 6, 1), True), (date(2026, 6, 6), False)])
    assert own.works(date(2026, 1, 1)) and not own.works(date(2026, 6, 1))
    assert own.works(date(2026, 6, 6)) and not own.works(date(2027, 1, 1))


# --- the official file ---
def test_an_official_file_is_read_and_only_what_differs_is_kept():
    days = read(
        ["西元日期,星期,是否放假,備註", "20280101,六,2,開國紀念日", "20280103,一,2,補假",
         "20280104,二,0,", "20280108,六,0,補行上班"]
    )  # fmt: skip
    assert len(days) == 4
    assert differing(days) == {
        date(2028, 1, 3): (True, "補假"),
        date(2028, 1, 8): (False, "補行上班"),
    }


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (["日期,放假", "20280101,2"], 0),
        (["西元日期,是否放假", "2028-01-01,2"], 2),
        (["西元日期,是否放假", "20280101,2", "20280102,1"], 3),
        (["西元日期,是否放假", "20280101,2", "20280101,2"], 3),
        (["西元日期,是否放假", "20280101"], 2),
    ],
)
def test_a_line_that_cannot_be_read_is_named(lines, line):
    with pytest.raises(ValueError) as refused:
        read(lines)
    assert refused.value.args == (line,)
