"""How allauth behaves here: nobody signs up, and a changed first password is remembered."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request) -> bool:
        return False

    def set_password(self, user, password: str) -> None:
        user.must_change_password = False
        super().set_password(user, password)
