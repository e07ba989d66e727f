from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0013_reminders"),
    ]

    operations = [
        migrations.AddField(
            model_name="indicatorvalue",
            name="parts",
            field=models.JSONField(blank=True, default=dict, verbose_name="分項實績"),
        ),
    ]
