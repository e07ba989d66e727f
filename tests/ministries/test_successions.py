"""Who holds a duty on a day; which successions are refused; what always holds for recorded ones."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from config.kit.errors import Invalid, NotAllowed
from ministries.actions.people import appoint_deputy
from ministries.actions.successions import date_problems, record_succession
from ministries.enums import MembershipRole, SuccessionKind
from ministries.models import AuditEvent, Lineage, Ministry, Succession, User
from ministries.queries import acting_as, line_of_names

RENAMING = date(2022, 7, 27)


def ministry(code: str, **dates) -> Ministry:
    return Ministry.objects.create(code=code, short_name=code, full_name=f"{code}部", **dates)


def record(old: Ministry, new: Ministry, on: date = RENAMING, kind: str = "renamed", **values):
    return record_succession(
        predecessor=old,
        successor=new,
        on=on,
        kind=kind,
        legal_basis="組織法",
        by="system:test",
        **values,
    )


@pytest.fixture
def science(db) -> tuple[Ministry, Ministry, Ministry]:
    """科技部 and its office, both succeeded by 國科會 on one day."""
    old, office, new = ministry("most", since=date(2014, 3, 3)), ministry("bost"), ministry("nstc")
    record(old, new)
    record(office, new, kind="merged")
    return old, office, new


def test_the_holder_changes_on_the_day(science):
    old, office, new = science
    assert old.on(RENAMING - timedelta(days=1)) == old
    assert old.on(RENAMING) == office.on(RENAMING) == new
    assert new.on(date(2021, 1, 1)) == new


def test_open_dates_are_set_and_the_act_is_in_the_log(science):
    for row in science:
        row.refresh_from_db()
    old, office, new = science
    assert old.until == office.until == new.since == RENAMING
    event = AuditEvent.objects.filter(verb="succession.record").last()
    assert event.actor == "system:test"
    assert event.ministry == "nstc"
    assert event.after["predecessor_until"] == "2022-07-27"
    assert set(Ministry.objects.on(RENAMING)) == {new}


def test_names_of_the_line_are_in_time_order(science):
    old, _office, new = science
    other = ministry("other")
    third = ministry("third")
    record(new, other, date(2023, 1, 1), "partial_transfer")
    record(new, third, date(2024, 1, 1))
    ministry("stranger")
    for row in (old, new, third):
        assert [(e.predecessor.code, e.successor.code) for e in line_of_names(row)] == [
            ("bost", "nstc"),
            ("most", "nstc"),
            ("nstc", "other"),
            ("nstc", "third"),
        ]
    assert [e.successor.code for e in line_of_names(other)] == ["other"]


@pytest.mark.parametrize(
    ("old", "new", "on", "kind", "field"),
    [
        pytest.param("most", "most", RENAMING, "renamed", "successor", id="itself"),
        pytest.param("most", "nstc", RENAMING, "renamed", "successor", id="twice"),
        pytest.param("nstc", "most", date(2023, 1, 1), "merged", "successor", id="cycle"),
        pytest.param("most", "alpha", RENAMING, "renamed", "predecessor", id="second heir"),
        pytest.param("most", "alpha", RENAMING, "split", "predecessor", id="split after renaming"),
        pytest.param(
            "most", "alpha", date(2023, 1, 1), "partial_transfer", "on", id="after the end"
        ),
        pytest.param(
            "young", "alpha", date(2019, 1, 1), "merged", "on", id="before the predecessor"
        ),
        pytest.param("nstc", "alpha", RENAMING, "renamed", "on", id="on the day it was renamed"),
        pytest.param(
            "alpha", "young", date(2019, 1, 1), "merged", "successor", id="before the successor"
        ),
        pytest.param(
            "alpha", "gone", date(2023, 1, 1), "partial_transfer", "successor", id="to one gone"
        ),
        pytest.param("gone", "alpha", date(2020, 1, 1), "merged", "on", id="another last day"),
        pytest.param("alpha", "young", date(2021, 1, 1), "renamed", "kind", id="no new name"),
        pytest.param("alpha", "nstc", RENAMING, "renamed", "kind", id="a name of two"),
    ],
)
def test_what_cannot_be_is_refused(science, old, new, on, kind, field):
    ministry("alpha")
    ministry("young", since=date(2020, 1, 1))
    ministry("gone", until=date(2021, 1, 1))
    rows = {row.code: row for row in Ministry.objects.all()}
    before = Succession.objects.count(), AuditEvent.objects.count()
    with pytest.raises(Invalid) as refusal:
        record(rows[old], rows[new], on, kind)
    assert field in refusal.value.errors
    assert all(str(text).endswith("。") for text in refusal.value.errors[field])
    assert (Succession.objects.count(), AuditEvent.objects.count()) == before


def test_a_body_does_not_end_while_a_later_transfer_stands(db):
    old, heir, other = ministry("old"), ministry("heir"), ministry("other")
    record(old, other, date(2023, 1, 1), "partial_transfer")
    with pytest.raises(Invalid, match="112-01-01"):
        record(old, heir, date(2022, 1, 1), "merged")


def test_a_body_may_split_into_several_on_one_day(db):
    old, one, two = ministry("old"), ministry("one"), ministry("two")
    record(old, one, kind="split")
    record(old, two, kind="split")
    assert old.on(RENAMING) == old, "no single body holds what was split"
    with pytest.raises(Invalid):
        record(old, ministry("three"), RENAMING + timedelta(days=1), "split")


def test_a_legal_basis_is_required_and_only_administrators_record(db):
    old, new = ministry("old"), ministry("new")
    with pytest.raises(Invalid) as refusal:
        record_succession(
            predecessor=old,
            successor=new,
            on=RENAMING,
            kind="merged",
            legal_basis=" ",
            by="system:x",
        )
    assert set(refusal.value.errors) == {"legal_basis"}
    person = User.objects.create_user("someone@example.org", name="某人")
    with pytest.raises(NotAllowed):
        record_succession(
            predecessor=old, successor=new, on=RENAMING, kind="merged", legal_basis="法", by=person
        )


def test_people_of_the_old_body_act_for_the_new_one(science, django_assert_num_queries):
    old, _office, new = science
    officer = User.objects.create_user("officer@example.org", name="承辦")
    officer.memberships.create(ministry=old, role=MembershipRole.OFFICER, since=date(2021, 1, 1))
    window = User.objects.create_user("window@example.org", name="窗口")
    window.memberships.create(ministry=new, role=MembershipRole.WINDOW, since=RENAMING)

    with django_assert_num_queries(2):
        roles = officer.ministry_roles
    assert roles == {row.pk: {"officer"} for row in science}
    assert window.ministries_as("window") == {row.pk for row in science}

    appoint_deputy(
        ministry=new,
        deputy=officer,
        until=timezone.localdate() + timedelta(days=3),
        by=window,
    )
    deputy = User.objects.get(pk=officer.pk)
    assert deputy.ministries_as("window") == {row.pk for row in science}
    assert acting_as(deputy, [old.pk]) == window
    assert acting_as(window, [old.pk]) is None


# --- what always holds ----------------------------------------------------------------------------
DAYS = st.dates(date(2015, 1, 1), date(2026, 12, 31))
EDGES = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), DAYS, st.sampled_from(SuccessionKind.values)),
    max_size=14,
)


class Histories(TestCase):
    """Whatever is tried, what was let in is a history: no cycles, one holder, one way back."""

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(edges=EDGES, day=DAYS)
    def test_recorded_successions_make_a_history(self, edges, day):
        bodies = [ministry(f"b{number}") for number in range(7)]
        for old, new, on, kind in edges:
            try:
                record(bodies[old], bodies[new], on, kind)
            except Invalid:
                continue
        lineage = Lineage()
        holders = {}
        for body in bodies:
            holder = lineage.holder(body.pk, day)
            assert lineage.holder(holder, day) == holder, "whoever holds a duty holds it"
            assert lineage.holder(body.pk, date(2100, 1, 1)) == lineage.holder(
                holder, date(2100, 1, 1)
            ), "later days lead on from there"
            holders.setdefault(holder, set()).add(body.pk)
        for holder, line in holders.items():
            found = lineage.line(holder, day)
            assert set(found) == line, "the line is the inverse of the holder"
            assert len(found) == len(line), "nobody is met twice"
            assert found[0] == holder

        heirs: dict[int, set[int]] = {}
        for old, new in Succession.objects.values_list("predecessor_id", "successor_id"):
            heirs.setdefault(old, set()).add(new)
        for body in bodies:
            reached, todo = set(), list(heirs.get(body.pk, ()))
            while todo:
                current = todo.pop()
                assert current != body.pk, "no body comes after itself"
                if current not in reached:
                    reached.add(current)
                    todo += heirs.get(current, ())
        for row in Ministry.objects.all():
            gone = [e.on for e in row.succeeded_by.exclude(kind="partial_transfer")]
            assert len(set(gone)) <= 1
            assert all(row.until == day_gone for day_gone in gone)
            assert all(row.until is None or e.on <= row.until for e in row.succeeded_by.all())


@pytest.mark.parametrize(
    ("code", "dates", "fields"),
    [
        ("most", {}, []),
        ("most", {"until": date(2022, 8, 1)}, ["until"]),
        ("most", {"until": None}, ["until"]),
        ("most", {"since": date(2023, 1, 1), "until": RENAMING}, ["since"]),
        ("nstc", {"since": date(2022, 7, 28)}, ["since"]),
        ("nstc", {"since": date(2022, 7, 26)}, ["since"]),
        ("nstc", {"until": RENAMING}, ["until"]),
    ],
)
def test_dates_that_contradict_a_recorded_edge_are_told(science, code, dates, fields):
    body = Ministry.objects.get(code=code)
    for name, day in dates.items():
        setattr(body, name, day)
    assert list(date_problems(body, Succession.objects.all())) == fields
