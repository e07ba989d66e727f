"""The page on which people sign in."""

from allauth.account.internal.stagekit import clear_login
from allauth.account.stages import LoginStage
from allauth.account.views import LoginView
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from ministries import identity, queries


class SignIn(LoginView):
    """allauth's sign-in, with the ministries' own identity providers; where demo people exist it
    lists some of them, never with a password.
    """

    def _redirect_to_pending_stage(
        self, request: HttpRequest, stage: LoginStage
    ) -> HttpResponse | None:
        """Whose second factor was reset while they stood before it begins anew: that step leads
        back here, and would for ever.
        """
        if stage.urlname == "mfa_authenticate" and not stage.login.user.has_second_factor:
            clear_login(request)
            return None
        return super()._redirect_to_pending_stage(request, stage)

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(**kwargs)
        context["providers"] = identity.providers()
        if settings.DEPLOYMENT != "production":
            context["demo_accounts"] = queries.demo_accounts()
        return context
