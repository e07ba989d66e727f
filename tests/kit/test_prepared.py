"""Prepared querysets give the rows of the queryset itself, on every call and for every argument."""

from datetime import date, timedelta

import pytest
from django.db import DataError, connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from config.kit.prepared import prepared
from plan.models import Assignment, Measure

FIELDS = ("pk", "lineage", "code", "name", "strategy__sub_goal__implicit")


@prepared
def measures(version, positions):
    return (
        Measure.objects.filter(Q(version=version), Q(position__in=positions) | Q(code="1.1.2.1"))
        .order_by("-position")
        .values_list(*FIELDS)
    )


def plain(version, positions):
    rows = Measure.objects.filter(version=version).order_by("-position")
    return [
        row[:-1]
        for row in rows.values_list(*FIELDS, "position")
        if row[-1] in positions or row[2] == "1.1.2.1"
    ]


@pytest.mark.parametrize("positions", [(1,), (2,), (1, 2), (4, 1), (4,)])
def test_rows_are_those_of_the_queryset(world, positions, django_assert_num_queries):
    expected = plain(world.version.pk, positions)
    with django_assert_num_queries(1):
        assert measures(world.version.pk, positions) == expected


def test_only_the_sql_is_kept(world):
    assert measures(world.version.pk, (1,))[-1][3] == "培育種子師資"
    Measure.objects.filter(code="1.1.1.1").update(name="改名")
    assert measures(world.version.pk, (1,))[-1][3] == "改名"
    assert measures(world.version.pk + 1, (1,)) == []


def test_days_are_arguments_too(world):
    @prepared
    def on(ministry, day):
        duties = Assignment.objects.on(day).filter(ministry=ministry)
        return duties.order_by("pk").values_list("measure__code", "since")

    day = date(2022, 7, 27)
    Assignment.objects.filter(measure__code="1.1.2.1").update(until=day)
    Assignment.objects.filter(measure__code="2.1.1.1").update(since=day)
    science, beta = world.science.pk, world.beta.pk
    eve = day - timedelta(days=1)
    assert on(science, eve) == [("1.1.1.2", None), ("1.1.2.1", None)]
    assert on(science, day) == [("1.1.1.2", None)]
    assert on(beta, eve) == [("1.1.1.1", None), ("1.1.1.2", None)]
    assert on(beta, day) == [("1.1.1.1", None), ("1.1.1.2", None), ("2.1.1.1", day)]


def test_an_argument_that_is_no_parameter_is_refused(db):
    @prepared
    def everything(version):
        return Measure.objects.values_list("pk")

    with pytest.raises(ValueError, match="no parameter"):
        everything(1)


def test_texts_and_uuids_are_arguments_too(world):
    @prepared
    def named(code, lineages):
        found = Measure.objects.filter(code=code, lineage__in=lineages)
        return found.values_list("code", "lineage")

    one, other = Measure.objects.filter(code__in=["1.1.1.1", "1.1.1.2"]).order_by("code")
    both = (one.lineage, other.lineage)
    assert named(one.code, both) == [(one.code, one.lineage)]
    assert named(other.code, both) == [(other.code, other.lineage)]
    assert named(one.code, (other.lineage,)) == []


def test_objects_come_with_what_they_hang_from(world, django_assert_num_queries):
    @prepared
    def of_version(version):
        found = Measure.objects.filter(version=version).select_related("strategy__sub_goal__goal")
        return found.defer("description").order_by("position")

    for _ in range(2):
        with django_assert_num_queries(1):
            found = of_version(world.version.pk)
            names = [(row.lineage, row.code, row.strategy.sub_goal.goal.name) for row in found]
        assert names == [
            (row.lineage, row.code, row.strategy.sub_goal.goal.name)
            for row in Measure.objects.filter(version=world.version).order_by("position")
        ]
        assert not found[0]._state.adding and found[0].get_deferred_fields() == {"description"}


def said_by(call):
    with CaptureQueriesContext(connection) as said:
        call()
    return [query["sql"] for query in said]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL keeps plans")
def test_postgresql_keeps_the_plan_for_as_long_as_the_connection(world, monkeypatch):
    @prepared
    def coded(code):
        return Measure.objects.filter(code=code, name__contains="100%").values_list("code")

    [first], [again] = (said_by(lambda: coded("1.1.1.1")) for _ in range(2))
    assert first.startswith("PREPARE coded_")
    assert again.startswith("EXECUTE coded_")
    # Connections that are pooled by transaction are not ours to keep anything in.
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    [pooled] = said_by(lambda: coded("1.1.1.1"))
    assert pooled.startswith("SELECT ")


def test_a_per_cent_sign_is_only_a_sign(world):
    @prepared
    def named(code):
        return Measure.objects.filter(code=code, name__contains="100%").values_list("name")

    assert named("1.1.1.1") == []
    Measure.objects.filter(code="1.1.1.1").update(name="達成100%")
    assert named("1.1.1.1") == [("達成100%",)]


@pytest.mark.postgres
def test_an_attempt_that_failed_is_not_in_the_way(world):
    @prepared
    def at(position):
        return Measure.objects.filter(position=position).values_list("code")

    with pytest.raises(DataError), transaction.atomic():
        at(2**40)
    assert at(1) == [("1.1.1.1",)]


def test_a_number_that_no_column_holds_names_no_row(world):
    @prepared
    def of_version(version):
        return Measure.objects.filter(version=version).values_list("code")

    assert of_version(10**30) == []
    assert of_version(-(10**30)) == []
