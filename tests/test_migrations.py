"""New migrations let the release before go on working, since old and new servers run side by side.

An upgrade migrates first and replaces the web servers after it, one by one. So a migration takes
nothing away that the release before reads, adds nothing that it would have to write, and holds no
lock on a large table for longer than a moment (docs/operations.md, "Migrations without a pause").
"""

from collections.abc import Iterator

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models.fields import NOT_PROVIDED

from config.kit.indexes import AddIndexBeside

# The last migration of each room in the first release; nothing older ran on anybody's server.
BASELINE = {"ministries": 6, "plan": 7, "tracking": 20, "reports": 8}
# Tables that grow with every report, page and person: on these an index is built beside the writes.
LARGE = {
    "ministries.auditevent",
    "ministries.auditseal",
    "reports.job",
    "reports.snapshotline",
    "tracking.indicatorvalue",
    "tracking.moneyline",
    "tracking.notice",
    "tracking.progressreport",
    "tracking.reportevent",
}
# "room.name_of_migration: sentence" as it is found below → why it may: since which release nothing
# uses it any more, or why the lock is short.
ALLOWED: dict[str, str] = {}

TAKES_AWAY = (
    migrations.DeleteModel,
    migrations.RemoveField,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)


def problems(room: str, operation: Operation, before: ProjectState, new: set[str]) -> Iterator[str]:
    """Sentences on what the release before, or a busy table, would not bear. `new` are the models
    that this release makes: nobody uses them yet.
    """
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        for part in operation.database_operations:
            yield from problems(room, part, before, new)
        return
    name = getattr(operation, "model_name", getattr(operation, "name", "")).lower()
    model = f"{room}.{name}"
    if model in new:
        return
    if isinstance(operation, migrations.RunSQL):
        yield "SQL that nobody can check"
    elif isinstance(operation, TAKES_AWAY):
        yield f"{model}: {type(operation).__name__}"
    elif isinstance(operation, migrations.AddField):
        field = operation.field
        # Django drops the default of the column again after it has filled the rows.
        if not (field.null or field.many_to_many or field.db_default is not NOT_PROVIDED):
            yield f"{model}.{operation.name}: a column that the release before does not write"
    elif isinstance(operation, migrations.AlterField):
        old = before.models[room, name].fields[operation.name]
        yield from (
            f"{model}.{operation.name}: {clause}" for clause in changes(old, operation.field)
        )
    elif isinstance(operation, AddIndexConcurrently):
        return
    elif isinstance(operation, migrations.AddIndex) and model in LARGE:
        yield f"{model}: an index that blocks writes"
    elif _constrains(operation):
        yield f"{model}: a constraint that the release before does not know"


def _constrains(operation: Operation) -> bool:
    """Whether rows are held to something at once that the release before does not know of."""
    if isinstance(operation, migrations.AlterUniqueTogether):
        return bool(operation.unique_together)
    return isinstance(operation, migrations.AddConstraint) and not isinstance(
        operation, AddConstraintNotValid
    )


def changes(old: models.Field, new: models.Field) -> Iterator[str]:
    """What another definition of a column means for rows and for the release before."""
    if old.null and not new.null:
        yield "no longer empty"
    # The release before writes DEFAULT, which the column then no longer has.
    if old.db_default is not NOT_PROVIDED and new.db_default is NOT_PROVIDED and not new.null:
        yield "no default of the database any more"
    if isinstance(old, models.CharField) and isinstance(new, models.CharField | models.TextField):
        room_left = new.max_length is None or (
            old.max_length is not None and new.max_length >= old.max_length
        )
        if not room_left:
            yield "shorter"
    elif old.get_internal_type() != new.get_internal_type():
        yield "another type"
    elif isinstance(old, models.DecimalField) and (
        new.decimal_places != old.decimal_places
        or new.max_digits - new.decimal_places < old.max_digits - old.decimal_places
    ):
        yield "other digits"
    if new.unique and not old.unique:
        yield "unique"


def found_in(loader: MigrationLoader) -> Iterator[str]:
    """Every problem of the migrations after the baseline."""
    new: set[str] = set()
    for key in _in_order(loader):
        room, name = key
        state = loader.project_state([key], at_end=False)
        for operation in loader.graph.nodes[key].operations:
            if isinstance(operation, migrations.CreateModel):
                new.add(f"{room}.{operation.name_lower}")
            for sentence in problems(room, operation, state, new):
                yield f"{room}.{name}: {sentence}"
            operation.state_forwards(room, state)


def _in_order(loader: MigrationLoader) -> Iterator[tuple[str, str]]:
    for room, last in BASELINE.items():
        for leaf in loader.graph.leaf_nodes(room):
            for key in loader.graph.forwards_plan(leaf):
                if key[0] == room and int(key[1][:4]) > last:
                    yield key


def test_new_migrations_leave_the_release_before_running():
    found = set(found_in(MigrationLoader(None)))
    assert found - ALLOWED.keys() == set()
    assert ALLOWED.keys() - found == set(), "an exception that is no longer one"


# --- the check itself -----------------------------------------------------------------------------
STATE = ProjectState()
STATE.add_model(
    ModelState(
        "tracking",
        "Notice",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("subject", models.CharField(max_length=100)),
            ("count", models.IntegerField(null=True)),
            ("share", models.DecimalField(max_digits=9, decimal_places=2, null=True)),
            ("state", models.CharField(max_length=9, db_default="")),
        ],
    )
)
INDEX = models.Index(fields=["subject"], name="notice_subject")
POSITIVE = models.CheckConstraint(condition=models.Q(count__gt=0), name="notice_count")


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        (migrations.RemoveField("notice", "count"), "tracking.notice: RemoveField"),
        (migrations.RenameField("notice", "count", "n"), "tracking.notice: RenameField"),
        (migrations.DeleteModel("Notice"), "tracking.notice: DeleteModel"),
        (migrations.RunSQL("SELECT 1"), "SQL that nobody can check"),
        (
            migrations.AddField("notice", "kind", models.CharField(max_length=9, default="")),
            "tracking.notice.kind: a column that the release before does not write",
        ),
        (
            migrations.AlterField("notice", "count", models.IntegerField()),
            "tracking.notice.count: no longer empty",
        ),
        (
            migrations.AlterField("notice", "count", models.TextField(null=True)),
            "tracking.notice.count: another type",
        ),
        (
            migrations.AlterField("notice", "subject", models.CharField(max_length=50)),
            "tracking.notice.subject: shorter",
        ),
        (
            migrations.AlterField(
                "notice", "subject", models.CharField(max_length=100, unique=True)
            ),
            "tracking.notice.subject: unique",
        ),
        (
            migrations.AlterField(
                "notice", "share", models.DecimalField(max_digits=7, decimal_places=2, null=True)
            ),
            "tracking.notice.share: other digits",
        ),
        (
            migrations.AlterField("notice", "state", models.CharField(max_length=9)),
            "tracking.notice.state: no default of the database any more",
        ),
        (
            migrations.AlterUniqueTogether("notice", {("subject", "count")}),
            "tracking.notice: a constraint that the release before does not know",
        ),
        (migrations.AddIndex("notice", INDEX), "tracking.notice: an index that blocks writes"),
        (
            migrations.AddConstraint("notice", POSITIVE),
            "tracking.notice: a constraint that the release before does not know",
        ),
        (
            migrations.SeparateDatabaseAndState([migrations.RemoveField("notice", "count")]),
            "tracking.notice: RemoveField",
        ),
    ],
)
def test_what_an_upgrade_under_way_would_not_bear(operation, sentence):
    assert list(problems("tracking", operation, STATE, set())) == [sentence]


@pytest.mark.parametrize(
    "operation",
    [
        migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddField("notice", "kind", models.CharField(max_length=9, null=True)),
        migrations.AddField("notice", "kind", models.CharField(max_length=9, db_default="")),
        migrations.AlterField("notice", "subject", models.CharField(max_length=200)),
        migrations.AlterField("notice", "subject", models.TextField()),
        migrations.AlterField(
            "notice", "share", models.DecimalField(max_digits=12, decimal_places=2, null=True)
        ),
        migrations.AlterUniqueTogether("notice", set()),
        migrations.RemoveIndex("notice", "notice_subject"),
        AddIndexBeside("notice", INDEX),
        AddConstraintNotValid("notice", POSITIVE),
    ],
)
def test_what_it_bears(operation):
    assert list(problems("tracking", operation, STATE, set())) == []


def test_what_this_release_makes_it_may_shape():
    operation = migrations.RemoveField("notice", "count")
    assert list(problems("tracking", operation, STATE, {"tracking.notice"})) == []


def test_an_index_is_built_beside_the_writes(transactional_db):
    """On either engine, and taken back."""
    from tracking.models import Notice

    state = ProjectState.from_apps(Notice._meta.apps)
    operation = AddIndexBeside("notice", models.Index(fields=["kind"], name="notice_beside"))
    after = state.clone()
    operation.state_forwards("tracking", after)

    def named() -> bool:
        with connection.cursor() as cursor:
            table = Notice._meta.db_table
            return "notice_beside" in connection.introspection.get_constraints(cursor, table)

    try:
        with connection.schema_editor(atomic=False) as editor:
            operation.database_forwards("tracking", editor, state, after)
        assert named()
    finally:
        with connection.schema_editor(atomic=False) as editor:
            operation.database_backwards("tracking", editor, after, state)
    assert not named()
