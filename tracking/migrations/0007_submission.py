import django.core.serializers.json
import django.db.models.deletion
import django.db.models.manager
import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q

# What a submission holds, as it was when this migration was written.
FIELDS = (
    "nothing_to_report",
    "nothing_reason",
    "light",
    "completion",
    "completed_on",
    "work_done",
    "benefit",
    "cause",
    "sub_cause",
    "obstacle",
    "response",
    "others_must_act",
    "catch_up_on",
    "next_steps",
)
MONEY = ("source", "allocated_thousand", "spent_thousand", "note")
SIGNED_OFF = ("submitted", "under_review", "returned", "accepted")
AT_ONCE = 500


def keep_what_was_submitted(apps, schema_editor):
    """Every report that was submitted gets a submission that says what the report says now: of one
    that is being corrected nothing older is known.
    """
    report_model = apps.get_model("tracking", "ProgressReport")
    copy_model = apps.get_model("tracking", "Submission")
    through = copy_model.evidence.through
    reports = (
        report_model.objects.filter(
            Q(status__in=SIGNED_OFF) | Q(status__in=("draft", "signing"), filed_at__isnull=False)
        )
        .order_by("pk")
        .prefetch_related("values", "money_lines", "evidence")
    )
    pks = list(reports.values_list("pk", flat=True))
    for start in range(0, len(pks), AT_ONCE):
        rows = list(reports.filter(pk__in=pks[start : start + AT_ONCE]))
        copies = copy_model.objects.bulk_create(
            copy_model(
                report=row,
                number=max(row.submissions, 1),
                content=_content(row),
                at=row.filed_at or row.saved_at or django.utils.timezone.now(),
            )
            for row in rows
        )
        through.objects.bulk_create(
            through(submission_id=copy.pk, evidence_id=held.pk)
            for copy, row in zip(copies, rows, strict=True)
            for held in row.evidence.all()
        )


def _content(row):
    return {
        "fields": {name: getattr(row, name) for name in FIELDS},
        "values": [
            {
                "indicator": value.indicator_id,
                "actual": None if value.actual is None else str(value.actual),
                "note": value.note,
            }
            for value in row.values.all()
        ],
        "money": [
            {name: getattr(line, name) for name in MONEY}
            for line in sorted(row.money_lines.all(), key=lambda line: line.ordinal)
        ],
    }


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0006_review_notices"),
    ]

    operations = [
        migrations.AlterModelManagers(
            name="evidence",
            managers=[
                ("held", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name="evidence",
            name="removed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="移除時間"),
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "content",
                    models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("evidence", models.ManyToManyField(related_name="copies", to="tracking.evidence")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="tracking.progressreport",
                    ),
                ),
            ],
            options={
                "verbose_name": "送出的內容",
                "verbose_name_plural": "送出的內容",
                "ordering": ["report_id", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("report", "number"), name="submission_once")
                ],
            },
        ),
        migrations.RunPython(keep_what_was_submitted, migrations.RunPython.noop),
    ]
