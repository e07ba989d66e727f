"""Django's `changepassword`, told to the audit log; whoever is signed in there is signed out."""

from django.contrib.auth.management.commands import changepassword
from django.db import transaction

from ministries import audit
from ministries.actions.sessions import end_others
from ministries.models import User

BY = "system:changepassword"


class Command(changepassword.Command):
    help = "變更一個帳號的密碼：記入稽核紀錄，並登出這個帳號的所有連線。"

    @transaction.atomic
    def handle(self, *args, **options) -> str:
        said = super().handle(*args, **options)
        user = User.objects.get_by_natural_key(options["username"])
        audit.record("password.change", user, by=BY)
        end_others(user, by=BY)
        return said
