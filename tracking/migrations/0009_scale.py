"""An index for the reports of one ministry in one year, among those of hundreds of years."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracking", "0008_search")]

    operations = [
        migrations.AddIndex(
            model_name="progressreport",
            index=models.Index(fields=["reporting_year", "ministry"], name="report_year_ministry"),
        ),
    ]
