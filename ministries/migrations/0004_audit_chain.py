"""The audit log gets a network address and a chain of hashes; what is in it is sealed in its order.

From here on the database seals each new event itself and refuses to change or remove one.
"""

import hashlib
from datetime import UTC

import django.utils.timezone
from django.db import migrations, models

from config.kit.canonical import digest
from ministries.audit_triggers import START, Guarded

AT_ONCE = 1000


def seal_what_is_there(apps, schema_editor):
    event_model = apps.get_model("ministries", "AuditEvent")
    seal_model = apps.get_model("ministries", "AuditSeal")
    number, last, after = 0, START, 0
    while rows := list(event_model.objects.filter(pk__gt=after).order_by("pk")[:AT_ONCE]):
        seals = []
        for row in rows:
            at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
            row.digest = digest([
                row.verb, row.actor, row.ministry, row.target, row.before, row.after, at,
                row.address,
            ])  # fmt: skip
            number += 1
            text = f"{number} {row.pk} {row.digest} {last}"
            made = hashlib.sha256(text.encode()).hexdigest()
            seals.append(seal_model(
                number=number, event=row.pk, digest=row.digest, previous=last, hash=made
            ))  # fmt: skip
            last = made
        event_model.objects.bulk_update(rows, ["digest"], batch_size=100)
        seal_model.objects.bulk_create(seals)
        after = rows[-1].pk
    if number:
        apps.get_model("ministries", "AuditHead").objects.create(pk=1, number=number, hash=last)


class Migration(migrations.Migration):

    dependencies = [
        ('ministries', '0003_calendar_feed'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.BigIntegerField(verbose_name='序號')),
                ('hash', models.CharField(max_length=64, verbose_name='雜湊值')),
            ],
            options={
                'verbose_name': '稽核鏈尾',
                'verbose_name_plural': '稽核鏈尾',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='序號')),
                ('event', models.BigIntegerField(unique=True, verbose_name='紀錄')),
                ('digest', models.CharField(max_length=64, verbose_name='摘要值')),
                ('previous', models.CharField(max_length=64, verbose_name='前一雜湊值')),
                ('hash', models.CharField(max_length=64, verbose_name='雜湊值')),
            ],
            options={
                'verbose_name': '稽核封緘',
                'verbose_name_plural': '稽核封緘',
                'ordering': ['number'],
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='auditevent',
            name='address',
            field=models.CharField(blank=True, db_default='', default='', max_length=45, verbose_name='網路位址'),
        ),
        migrations.AddField(
            model_name='auditevent',
            name='digest',
            field=models.CharField(db_default='', default='', editable=False, max_length=64, verbose_name='摘要值'),
        ),
        migrations.CreateModel(
            name='AuditCheckpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('regular', '定期'), ('prune', '清除')], max_length=10, verbose_name='種類')),
                ('number', models.BigIntegerField(verbose_name='序號')),
                ('hash', models.CharField(max_length=64, verbose_name='雜湊值')),
                ('count', models.BigIntegerField(verbose_name='筆數')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='時間')),
                ('digest', models.CharField(blank=True, max_length=64, verbose_name='摘要值')),
                ('previous', models.CharField(blank=True, max_length=64, unique=True, verbose_name='前一簽章')),
                ('key', models.CharField(max_length=16, verbose_name='金鑰')),
                ('signature', models.CharField(max_length=64, verbose_name='簽章')),
            ],
            options={
                'verbose_name': '稽核查核點',
                'verbose_name_plural': '稽核查核點',
                'ordering': ['pk'],
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['kind', 'number'], name='audit_checkpoint')],
            },
        ),
        migrations.RunPython(seal_what_is_there, migrations.RunPython.noop),
        Guarded(),
    ]
