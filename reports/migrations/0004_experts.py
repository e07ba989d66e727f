from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0003_edition_compiled_at'),
    ]

    operations = [
        migrations.AddField(
            model_name='invitation',
            name='mailed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='寄出時間'),
        ),
        migrations.AddField(
            model_name='recusal',
            name='decision_reason',
            field=models.CharField(blank=True, max_length=500, verbose_name='決定的理由'),
        ),
    ]
