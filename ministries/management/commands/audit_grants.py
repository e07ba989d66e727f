"""Print the SQL that lets a PostgreSQL role add audit events and read them, and nothing more."""

import re

from django.core.management.base import BaseCommand, CommandError

from ministries.audit_triggers import CHECKPOINT, EVENT, TABLES


def grants(role: str) -> list[str]:
    """The statements, to be run by the owner of the tables after each `migrate`.

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
    help = "印出SQL：讓PostgreSQL的一個角色只能新增和讀稽核紀錄，不能改、不能刪，也不能寫鏈。"

    def add_arguments(self, parser):
        parser.add_argument("role", help="網站和背景工作用的角色，不是資料表的擁有者")

    def handle(self, *args, **options):
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", options["role"]):
            raise CommandError("角色的名稱只能是小寫英文、數字和底線。")
        for statement in grants(options["role"]):
            self.stdout.write(f"{statement};")
