"""The page behind an invitation's link: a new person makes an account, others sign in first."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries import audit
from ministries.models import User
from reports.actions.experts import accept_invitation, invitation_of
from reports.forms.experts import AffiliationForm, JoinForm, NewExpertForm
from reports.models import Invitation
from reports.rules.experts import may_accept


@method_decorator(never_cache, name="dispatch")
@method_decorator(sensitive_post_parameters("password1", "password2"), name="dispatch")
class AcceptInvitation(View):
    """Everybody who holds the link; a link that is no longer good answers 404 and says why."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        invitation = invitation_of(token)
        if invitation is None or not may_accept(invitation):
            return self.gone(invitation)
        return self.page(invitation)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        invitation = invitation_of(token)
        if invitation is None or not may_accept(invitation):
            return self.gone(invitation)
        form = self.form_class(invitation)(request.POST)
        if not form.is_valid():
            return self.page(invitation, form)
        given = form.cleaned_data
        new = isinstance(form, NewExpertForm)
        try:
            seat = accept_invitation(
                token,
                affiliation=given["affiliation"],
                ministry=given["ministry"],
                name=given.get("name", ""),
                password=given.get("password1", ""),
                by=request.user if request.user.is_authenticated else None,
            )
        except Invalid as refusal:
            form.take(refusal)
            return self.page(invitation, form)
        except (NotAllowed, NotNow) as refusal:
            form.add_error(None, str(refusal))
            return self.page(invitation, form)
        if new:
            login(request, seat.user, backend=settings.AUTHENTICATION_BACKENDS[0])
            audit.record("session.start", seat.user, by=seat.user, after={"how": ["invitation"]})
        messages.success(request, _("歡迎加入，接下來請聲明有沒有利害關係。"))
        return redirect("review-dossier", seat.review_id)

    def account(self, invitation: Invitation) -> User | None:
        return User.objects.filter(email__iexact=invitation.email).first()

    def form_class(self, invitation: Invitation) -> type[AffiliationForm]:
        return NewExpertForm if self.account(invitation) is None else JoinForm

    def page(self, invitation: Invitation, form=None) -> HttpResponse:
        """The form, or what to do first: sign in with the account, or sign out of another one."""
        account, user = self.account(invitation), self.request.user
        status = 422 if form is not None else 200
        if form is None:
            initial = {"name": invitation.name, "affiliation": invitation.affiliation}
            form = self.form_class(invitation)(initial=initial)
        context = {
            "invitation": invitation,
            "review": invitation.review,
            "form": form,
            "known": account is not None,
            "must_sign_in": account is not None and not user.is_authenticated,
            "is_another": user.is_authenticated and user != account,
        }
        return render(self.request, "reports/invitation.html", context, status=status)

    def gone(self, invitation: Invitation | None) -> HttpResponse:
        reason = may_accept(invitation).reason if invitation else _("沒有這份邀請。")
        return render(self.request, "reports/invitation_gone.html", {"reason": reason}, status=404)
