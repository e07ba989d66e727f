"""What a search may find of a year, without the drafts, which only their ministry finds."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("tracking", "0019_correction_copies")]

    operations = [
        migrations.AddIndex(
            model_name="progressreport",
            index=models.Index(
                fields=["reporting_year"],
                name="report_standing",
                condition=Q(status__in=("submitted", "under_review", "accepted")),
            ),
        ),
    ]
