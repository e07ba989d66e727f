"""What a refusal about a reporting year says, word for word, and to whom."""

from datetime import date

from django.contrib.auth.models import AnonymousUser

from config.kit import roc
from tracking.enums import YearState, YearVerb
from tracking.rules import years

NOBODY = AnonymousUser()


def test_who_keeps_years_and_when(world):
    year = world.year

    def told(verb: YearVerb, user=world.collator, day: date | None = None) -> str:
        return years.year_verdict(verb, year, user, day).reason

    assert told(YearVerb.CLOSE) == ""
    assert told(YearVerb.CLOSE, world.reviewer) == ("「截止」填報年度是彙整人的事，你不是彙整人。")
    assert told(YearVerb.RELEASE) == "111年度是「填報中」；只有「已截止」的年度可以「公布」。"
    year.state = YearState.RELEASED
    assert told(YearVerb.OPEN) == (
        "111年度是「已公布」；只有「未開放」、「填報中」的年度可以「開放填報」。"
    )
    year.state, year.opens_on = YearState.PLANNED, date(2022, 1, 2)
    assert told(YearVerb.OPEN, day=date(2022, 1, 2)) == ""
    assert told(YearVerb.OPEN, day=date(2022, 1, 1)) == ("111年度的開放日是111-01-02，還沒有到。")


def test_the_buttons_of_a_year(world):
    def buttons(user) -> list[tuple]:
        return [
            (move.verb, move.label, move.ok, move.reason)
            for move in years.year_moves(world.year, user)
        ]

    assert buttons(world.collator) == [
        ("open", "補齊缺少的報告", True, ""),
        ("close", "截止", True, ""),
    ]
    assert [ok for _verb, _label, ok, _reason in buttons(world.reviewer)] == [False, False]
    assert buttons(world.reviewer)[1][3] == "「截止」填報年度是彙整人的事，你不是彙整人。"
    assert buttons(world.officer_a) == buttons(NOBODY) == []
    world.year.state, world.year.opens_on = YearState.PLANNED, date(2022, 1, 2)
    moves = years.year_moves(world.year, world.collator, date(2022, 1, 1))
    assert [(move.label, move.ok) for move in moves] == [("開放填報", False)]


def test_who_asks_partners_to_file_earlier(world):
    year = world.year

    def told(user=world.collator) -> str:
        return years.partner_days_verdict(year, user).reason

    for year.state in (YearState.PLANNED, YearState.OPEN):
        assert told() == ""
    theirs = "改協辦提前天數是彙整人的事，你不是彙整人。"
    for user in (NOBODY, world.reviewer, world.administrator, world.officer_a):
        assert told(user) == theirs
    year.state = YearState.CLOSED
    assert told() == "111年度是「已截止」，不再收件，協辦提前天數不能改。"
    year.state = YearState.RELEASED
    assert told() == "111年度是「已公布」，不再收件，協辦提前天數不能改。"


def test_days_are_told_in_the_years_of_the_republic():
    assert roc.format_date(date(2022, 3, 4)) == "111-03-04"
