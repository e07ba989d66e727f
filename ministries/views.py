"""Pages of the `ministries` room: the list of people that a window keeps."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView

from config.kit import roc
from config.kit.errors import Invalid
from config.kit.verdicts import Verdict
from config.kit.views import RefusalMixin, ScopedMixin, SignedInMixin
from ministries import queries, rules
from ministries.actions import people
from ministries.enums import MembershipRole
from ministries.forms import AccountForm, DeputyForm, MembershipForm
from ministries.models import Deputyship, Membership, Ministry, User

PEOPLE_A_PAGE = 50
IDLE_DAYS = 90


class PeoplePage(RefusalMixin, SignedInMixin):
    """What the pages about people share: which bodies their reader manages, and the way back."""

    @cached_property
    def ministries(self) -> QuerySet[Ministry]:
        """Bodies of today whose people the reader manages."""
        return Ministry.objects.managed_by(self.request.user).on(timezone.localdate())

    @cached_property
    def ministry(self) -> Ministry | None:
        """The one that the address asks for, else the first."""
        wanted = self.request.GET.get("ministry")
        if wanted:
            return get_object_or_404(self.ministries, code=wanted)
        return self.ministries.first()

    def list_url(self, ministry: Ministry | None) -> str:
        """The list of a body, under the name that it bears today."""
        if ministry is None:
            return reverse("people")
        return f"{reverse('people')}?ministry={ministry.on(timezone.localdate()).code}"

    def refused_url(self) -> str:
        return reverse("people")


class PeopleList(PeoplePage, TemplateView):
    """Who acts for a ministry today, who stands in for its window, and (?ended=1) who did.

    Who manages several bodies chooses one first.
    """

    def get_template_names(self) -> list[str]:
        return ["ministries/people_choice.html" if self.undecided else "ministries/people.html"]

    @cached_property
    def undecided(self) -> bool:
        return not self.request.GET.get("ministry") and len(self.ministries) > 1

    def get_context_data(self, **kwargs) -> dict:
        user, today = self.request.user, timezone.localdate()
        rules.may_manage_people(user).enforce()
        if self.undecided:
            return super().get_context_data(ministries=self.ministries, **kwargs)
        ministry = self.ministry
        line = queries.line_of(ministry, today)
        windows = Membership.objects.on(today).filter(
            ministry__in=line, role=MembershipRole.WINDOW, user__is_active=True
        )
        page = Paginator(queries.people_of(line, today), PEOPLE_A_PAGE)
        ended = self.request.GET.get("ended") == "1"
        return super().get_context_data(
            ministry=ministry,
            ministries=self.ministries,
            page=page.get_page(self.request.GET.get("page")),
            windows=windows.count(),
            deputyships=queries.deputyships_of(line, today),
            may_appoint=rules.may_appoint_deputy(user, ministry),
            ended=queries.ended_memberships(line, today)[:PEOPLE_A_PAGE] if ended else None,
            **kwargs,
        )


class IdleList(PeoplePage, TemplateView):
    """Accounts that nobody used for long, for whoever manages them to look at. None is closed by
    itself.
    """

    template_name = "ministries/idle.html"

    def get_context_data(self, **kwargs) -> dict:
        rules.may_manage_people(self.request.user).enforce()
        since = timezone.now() - timedelta(days=IDLE_DAYS)
        rows = queries.idle_accounts(self.request.user, since)
        page = Paginator(rows, PEOPLE_A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, days=IDLE_DAYS, **kwargs)


class PeopleForm(PeoplePage, FormView):
    """A form whose action may refuse: 403, or the sentences at their fields (status 422)."""

    def form_valid(self, form) -> HttpResponse:
        try:
            return self.act(form.cleaned_data)
        except Invalid as refusal:
            form.take(refusal)
            return self.form_invalid(form)

    def form_invalid(self, form) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def act(self, given: dict) -> HttpResponse:
        raise NotImplementedError

    def get_context_data(self, **kwargs) -> dict:
        ministry = self.ministry
        return super().get_context_data(
            ministry=ministry, list_url=self.list_url(ministry), **kwargs
        )


@method_decorator(never_cache, name="dispatch")
class CreateAccount(PeopleForm):
    """A new account; its first password is shown on the answer to the form, once."""

    template_name = "ministries/account_new.html"
    form_class = AccountForm

    def get_form_kwargs(self) -> dict:
        rules.may_manage_people(self.request.user).enforce()
        everybody = rules.may_administer(self.request.user).ok
        return {
            **super().get_form_kwargs(),
            "ministries": self.ministries,
            "everybody": everybody,
            "initial": {"ministry": self.ministry, "role": MembershipRole.OFFICER},
        }

    def act(self, given: dict) -> HttpResponse:
        person, password = people.create_account(**given, by=self.request.user)
        shown = {
            "person": person,
            "password": password,
            "created": True,
            "list_url": self.list_url(given["ministry"]),
        }
        return render(self.request, "ministries/first_password.html", shown)


class GrantMembership(PeopleForm):
    """Another role for somebody whom the ministry knows (an administrator: for anybody)."""

    template_name = "ministries/membership_new.html"
    form_class = MembershipForm

    @cached_property
    def person(self) -> User:
        rows = User.objects.visible_to(self.request.user)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_form_kwargs(self) -> dict:
        return {
            **super().get_form_kwargs(),
            "ministries": self.ministries,
            "initial": {"ministry": self.ministry},
        }

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(person=self.person, **kwargs)

    def act(self, given: dict) -> HttpResponse:
        membership = people.grant_membership(self.person, **given, by=self.request.user)
        done = _("%(name)s現在是%(ministry)s的%(role)s。") % {
            "name": self.person,
            "ministry": membership.ministry,
            "role": membership.get_role_display(),
        }
        messages.success(self.request, done)
        return redirect(self.list_url(membership.ministry))


class AppointDeputy(PeopleForm):
    template_name = "ministries/deputy_new.html"
    form_class = DeputyForm

    def get_form_kwargs(self) -> dict:
        user, today = self.request.user, timezone.localdate()
        if self.ministry is None:
            rules.may_manage_people(user).enforce()
        rules.may_appoint_deputy(user, self.ministry).enforce()
        line = queries.line_of(self.ministry, today)
        own = Ministry.objects.on(today).filter(pk__in=user.own_window_ids)
        return {
            **super().get_form_kwargs(),
            "ministries": own,
            "colleagues": queries.people_of(line, today).filter(is_active=True).exclude(pk=user.pk),
            "initial": {"ministry": self.ministry, "since": today},
        }

    def act(self, given: dict) -> HttpResponse:
        last_day = given.pop("until")
        deputyship = people.appoint_deputy(
            **given, until=people.first_day_after(last_day), by=self.request.user
        )
        done = _("%(since)s到%(until)s由%(deputy)s代理你。") % {
            "since": roc.format_date(deputyship.since),
            "until": roc.format_date(last_day),
            "deputy": deputyship.deputy,
        }
        messages.success(self.request, done)
        return redirect(self.list_url(deputyship.ministry))


class ConfirmPage(PeoplePage, ScopedMixin, TemplateView):
    """One line says what will happen; then one button, greyed with a reason where it may not."""

    template_name = "ministries/confirm.html"

    def verdict(self, row) -> Verdict:
        raise NotImplementedError

    def texts(self, row) -> dict:
        """title, what (will happen) and button."""
        raise NotImplementedError

    def get_context_data(self, **kwargs) -> dict:
        row = self.get_row()
        return super().get_context_data(
            row=row,
            verdict=self.verdict(row),
            list_url=self.list_url(getattr(row, "ministry", None)),
            **self.texts(row),
            **kwargs,
        )


class RetireMembership(ConfirmPage):
    model = Membership

    def verdict(self, row: Membership) -> Verdict:
        return rules.may_retire(self.request.user, row)

    def texts(self, row: Membership) -> dict:
        names = {"name": row.user, "ministry": row.ministry, "role": row.get_role_display()}
        return {
            "title": _("結束%(name)s在%(ministry)s的%(role)s身分") % names,
            "what": _(
                "從今天起，這個人不再是%(ministry)s的%(role)s。填過的報告和姓名都留著。"
                "沒有其他身分的帳號會停用，登入中的連線也會中斷。"
            )
            % names,
            "button": _("結束這個身分"),
        }

    def post(self, request: HttpRequest, **kwargs) -> HttpResponse:
        row = self.get_row()
        people.retire_membership(row, by=request.user)
        names = {"name": row.user, "ministry": row.ministry, "role": row.get_role_display()}
        messages.success(request, _("%(name)s不再是%(ministry)s的%(role)s。") % names)
        return redirect(self.list_url(row.ministry))


class EndDeputyship(ConfirmPage):
    model = Deputyship

    def verdict(self, row: Deputyship) -> Verdict:
        return rules.may_end_deputyship(self.request.user, row)

    def texts(self, row: Deputyship) -> dict:
        names = {"deputy": row.deputy, "window": row.window}
        return {
            "title": _("結束%(deputy)s的代理") % names,
            "what": _("從今天起，%(deputy)s不再代理%(window)s。已經核可的報告不受影響。") % names,
            "button": _("結束這個代理"),
        }

    def post(self, request: HttpRequest, **kwargs) -> HttpResponse:
        row = self.get_row()
        people.end_deputyship(row, by=request.user)
        names = {"deputy": row.deputy, "window": row.window}
        messages.success(request, _("%(deputy)s不再代理%(window)s。") % names)
        return redirect(self.list_url(row.ministry))


@method_decorator(never_cache, name="dispatch")
class ResetPassword(ConfirmPage):
    model = User

    def verdict(self, row: User) -> Verdict:
        return rules.may_reset_password(self.request.user, row)

    def texts(self, row: User) -> dict:
        return {
            "title": _("重設%(name)s的密碼") % {"name": row},
            "what": _(
                "會產生一組新的第一次密碼，只顯示一次。原來的密碼立刻失效，"
                "登入中的連線也會中斷；這個人登入後必須先改密碼。"
            ),
            "button": _("產生新的第一次密碼"),
        }

    def post(self, request: HttpRequest, **kwargs) -> HttpResponse:
        person = self.get_row()
        password = people.reset_first_password(person, by=request.user)
        return render(
            request,
            "ministries/first_password.html",
            {"person": person, "password": password, "list_url": reverse("people")},
        )
