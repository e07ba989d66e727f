"""Run in a process of its own on an empty database: the first release's rows, brought up to date.

Makes the tables as `first_release.json` says they were, fills them, migrates to today, and prints
as JSON what of these rows is gone or different, which pages don't answer, and what is wrong
with the audit log. The file was written by the code of that time, from a small world along the real
road, so that each of its tables has a row.
"""

import json
import sys

import django


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.core.management.color import no_style
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    with open(sys.argv[1], encoding="utf-8") as file:
        first = json.load(file)
    executor = MigrationExecutor(connection)
    old = executor.migrate(list(first["migrations"].items())).apps
    models = [old.get_model(label) for label in first["rows"]]
    with transaction.atomic():
        for model, table in zip(models, first["rows"].values(), strict=True):
            model._base_manager.bulk_create(
                model(**dict(zip(table["columns"], row, strict=True))) for row in table["rows"]
            )
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(sql)
    call_command("migrate", verbosity=0)
    found = [*_differences(first["rows"]), *_silent_pages(), *_audit_problems()]
    print(json.dumps(found, ensure_ascii=False, default=str))


def _differences(tables: dict) -> list:
    from django.apps import apps

    found = []
    for label, table in tables.items():
        model = apps.get_model(label)
        fields = {field.attname: field for field in model._meta.concrete_fields}
        found += [["column", label, name] for name in table["columns"] if name not in fields]
        for row in table["rows"]:
            told = dict(zip(table["columns"], row, strict=True))
            now = model._base_manager.filter(pk=told[model._meta.pk.attname]).values().first()
            if now is None:
                found.append(["row", label, told])
                continue
            for name, value in told.items():
                same = name not in fields or fields[name].to_python(value) == now[name]
                if not same:
                    found.append(["value", label, now["id"], name, value, now[name]])
    return found


def _silent_pages() -> list:
    """What everybody of that time is shown of that time's reports; a fault ends the process."""
    from django.test import Client
    from django.urls import reverse

    from ministries.models import User
    from tracking.models import ProgressReport

    found = []
    for user in User.objects.filter(is_active=True):
        client = Client()
        client.force_login(user)
        reports = ProgressReport.objects.visible_to(user).values_list("pk", flat=True)
        addresses = ["/", reverse("plan-tree")]
        addresses += [reverse("report", args=[pk]) for pk in reports]
        for address in addresses:
            if (status := client.get(address).status_code) != 200:
                found.append(["page", user.email, address, status])
    return found


def _audit_problems() -> list:
    from ministries import audit_chain

    verdict = audit_chain.verify()
    return [["audit", *problem] for problem in verdict.problems] or (
        [] if verdict.rows else [["audit", "empty"]]
    )


if __name__ == "__main__":
    main()
