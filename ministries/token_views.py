"""Pages of one's own API tokens: the list, a new one (its secret shown once), revoking."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView

from config.kit.errors import Invalid
from config.kit.views import RefusalMixin, ScopedMixin, SignedInMixin
from ministries import rules
from ministries.actions import tokens
from ministries.forms import TokenForm
from ministries.models import ApiToken


class TokenPage(RefusalMixin, SignedInMixin):
    def refused_url(self) -> str:
        return reverse("token-list")


class TokenList(TokenPage, ScopedMixin, TemplateView):
    model = ApiToken
    template_name = "ministries/tokens.html"

    def get_context_data(self, **kwargs) -> dict:
        rows = list(self.get_queryset())
        return super().get_context_data(
            alive=[row for row in rows if row.is_alive],
            ended=[row for row in rows if not row.is_alive],
            verdict=rules.may_make_token(self.request.user),
            **kwargs,
        )


@method_decorator(never_cache, name="dispatch")
class CreateToken(TokenPage, FormView):
    """The answer to the form is the only page that ever shows the secret."""

    template_name = "ministries/token_new.html"
    form_class = TokenForm

    def form_valid(self, form: TokenForm) -> HttpResponse:
        given = form.cleaned_data
        expires_on = timezone.localdate() + timedelta(days=given.pop("days"))
        try:
            token, secret = tokens.create_token(
                **given, expires_on=expires_on, by=self.request.user
            )
        except Invalid as refusal:
            form.take(refusal)
            return self.form_invalid(form)
        shown = {"token": token, "secret": secret}
        return render(self.request, "ministries/token_secret.html", shown)

    def form_invalid(self, form: TokenForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class RevokeToken(TokenPage, ScopedMixin, TemplateView):
    model = ApiToken
    template_name = "ministries/token_revoke.html"

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(token=self.get_row(), **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        token = tokens.revoke_token(self.get_row(), by=request.user)
        messages.success(request, _("「%(name)s」這個權杖撤銷了。") % {"name": token.name})
        return redirect("token-list")
