"""Indexes for reads that would otherwise look through the rows of every plan."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plan", "0005_search")]

    operations = [
        migrations.AddIndex(
            model_name="indicator",
            index=models.Index(
                condition=models.Q(("state", "proposed")),
                fields=["measure"],
                name="indicator_proposed",
            ),
        ),
        migrations.AddIndex(
            model_name="measure", index=models.Index(fields=["code"], name="measure_code")
        ),
    ]
