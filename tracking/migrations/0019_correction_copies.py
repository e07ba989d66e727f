"""A report may be corrected more than once: its copies stay, and at most one is on its road."""

import django.db.models.deletion
from django.db import migrations, models

REPORT = "tracking.progressreport"


class Migration(migrations.Migration):
    dependencies = [("tracking", "0018_opened_for")]

    operations = [
        migrations.RemoveConstraint("correctionrequest", "correction_granted_has_day"),
        migrations.RemoveIndex("correctionrequest", "correction_copy"),
        migrations.RemoveField("correctionrequest", "copy_id"),
        migrations.AddField(
            "correctionrequest",
            "copy",
            models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="correction_of",
                to=REPORT,
            ),
        ),
        migrations.AddConstraint(
            "correctionrequest",
            models.CheckConstraint(
                condition=models.Q(state="granted", due_on__isnull=False, copy__isnull=False)
                | (~models.Q(state="granted") & models.Q(due_on__isnull=True, copy__isnull=True)),
                name="correction_granted_has_day",
            ),
        ),
        migrations.AlterField(
            "progressreport",
            "corrects",
            models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to=REPORT,
                verbose_name="更正的報告",
            ),
        ),
        migrations.AddConstraint(
            "progressreport",
            models.UniqueConstraint(
                condition=models.Q(corrects__isnull=False) & ~models.Q(status="accepted"),
                fields=("corrects",),
                name="report_one_correction",
            ),
        ),
    ]
