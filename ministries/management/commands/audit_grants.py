"""The SQL that lets a PostgreSQL role add audit events and read them, and nothing more: printed, or
run as the owner of the tables.
"""

import re

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, transaction

from ministries import audit
from ministries.audit_triggers import CHECKPOINT, EVENT, TABLES

BY = "system:audit_grants"


def grants(role: str) -> list[str]:
    """The statements, to be run in one transaction by the owner of the tables after each `migrate`:
    the site may be working meanwhile.

    The chain is written by a trigger with its owner's rights, so the role needs none on it.
    """
    every = ", ".join(TABLES)
    return [
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"REVOKE ALL ON {every} FROM {role}",
        f"GRANT SELECT ON {every} TO {role}",
        f"GRANT INSERT ON {EVENT}, {CHECKPOINT} TO {role}",
    ]


class Command(BaseCommand):
    help = (
        "讓PostgreSQL的一個角色只能新增和讀稽核紀錄，不能改、不能刪，也不能寫鏈："
        "印出SQL，加--apply就執行。"
    )

    def add_arguments(self, parser):
        parser.add_argument("role", help="網站和背景工作用的角色，不是資料表的擁有者")
        parser.add_argument("--apply", action="store_true", help="以資料表擁有者的身分執行")

    def handle(self, *args, **options):
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", options["role"]):
            raise CommandError("角色的名稱只能是小寫英文、數字和底線。")
        if options["apply"]:
            self.apply(options["role"])
            return
        self.stdout.write("BEGIN;")
        for statement in grants(options["role"]):
            self.stdout.write(f"{statement};")
        self.stdout.write("COMMIT;")

    def apply(self, role: str) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("只有PostgreSQL有角色。")
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT current_user")
                if cursor.fetchone() == (role,):
                    raise CommandError("DATABASE_URL用的就是這個角色：請改用資料表擁有者的。")
                for statement in grants(role):
                    cursor.execute(statement)
                audit.record("audit.grant", "ministries.auditevent", by=BY, after={"role": role})
        except DatabaseError as error:
            raise CommandError(f"資料庫不准：{str(error).strip()}") from error
        self.stdout.write(f"角色 {role} 只能新增和讀稽核紀錄。")
