"""What waits for a ministry is counted on every page: an index that tells it without the rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracking", "0010_comment_answered")]

    operations = [
        migrations.AddIndex(
            model_name="progressreport",
            index=models.Index(
                fields=["ministry", "status", "correction_due_on", "reporting_year"],
                name="report_of_ministry",
            ),
        ),
        migrations.RemoveIndex(model_name="progressreport", name="report_ministry_status"),
    ]
