"""Settings and rules of a review. A rule is applied only after its effect was shown."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from config.kit.errors import Invalid
from reports import freeze
from reports.actions.reviews import (
    change_rules,
    change_settings,
    families_of,
    preview_rules,
    request_compiling,
)
from reports.calculation import checked_rules, printed
from reports.canonical import digest
from reports.forms.reviews import RulesForm, SettingsForm, initial_of
from reports.models import RuleChange
from reports.rules import reviews as rules
from reports.views.base import ReviewView
from reports.views.compared import changed_rules, differences_in_words


class Settings(ReviewView):
    """Name, dates, the experts' questions. For those who may change some of it."""

    room = "review-rules"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rules.may_set_dates(self.review, request.user).enforce()
        form = SettingsForm(initial=initial_of(self.review), criteria=self.review.criteria)
        return self.show(form)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        review = self.review
        rules.may_set_dates(review, request.user).enforce()
        form = SettingsForm(request.POST, criteria=review.criteria)
        if form.is_valid():
            told = form.cleaned_data
            names = ("title", "opinions_due_on", "comments_due_on", "opinions_open_before")
            try:
                change_settings(
                    review,
                    **{name: told[name] for name in names},
                    criteria=form.criteria,
                    seen_version=told["seen_version"],
                    by=request.user,
                )
            except Invalid as refusal:
                form.mark({_field(name): found for name, found in refusal.errors.items()})
            else:
                messages.success(request, _("已儲存評估的設定。"))
                return redirect("review-rules", pk)
        return self.show(form, status=422)

    def show(self, form: SettingsForm, status: int = 200) -> HttpResponse:
        criteria = [form[f"criterion_{place}"] for place in range(form.slots)]
        open_ = rules.may_change(self.review, self.request.user)
        context = self.context(form=form, criteria=criteria, open=open_)
        return render(self.request, "reports/review_settings.html", context, status=status)


def _field(name: str) -> str:
    return "criterion_0" if name == "criteria" else name


class Rules(ReviewView):
    """The rules in words; for a reviewer the form, whose first step shows what would change."""

    room = "review-rules"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self._form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        review, user = self.review, request.user
        rules.may_change(review, user).enforce()
        form = self._form(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            differences = preview_rules(review, form.given)
            wanted = checked_rules(form.given, families_of(self._head()))
            if "back" in request.POST:
                return self.show(form)
            if request.POST.get("previewed") != digest(wanted):
                return self.preview(form, wanted, differences)
            change_rules(
                review,
                form.given,
                reason=form.cleaned_data["reason"],
                seen_version=form.cleaned_data["seen_version"],
                by=user,
            )
        except Invalid as refusal:
            form.mark({_box(name): found for name, found in refusal.errors.items()})
            return self.show(form, status=422)
        request_compiling(review, by=user)
        messages.success(request, _("規則已變更，正在用新規則編製新的一版。"))
        return HttpResponseRedirect(reverse("review", args=[pk]) + "#h-editions")

    def _form(self, data=None) -> RulesForm:
        initial = {"seen_version": self.review.version}
        return RulesForm(data, initial=initial, rules=self.review.rules)

    def _head(self) -> dict:
        if self.edition is not None:
            return self.edition.head
        return freeze.gather(self.review).head

    def show(self, form: RulesForm, status: int = 200) -> HttpResponse:
        review = self.review
        works = self.request.user.is_science_staff
        history = RuleChange.objects.filter(review=review).select_related("by")
        context = self.context(
            form=form,
            rules=printed(review.rules),
            stale=self.edition is not None and self.edition.rules != review.rules,
            changing=rules.may_change(review, self.request.user) if works else None,
            setting=rules.may_set_dates(review, self.request.user) if works else None,
            history=[(one, changed_rules(one.before, one.after)) for one in history],
        )
        return render(self.request, "reports/review_rules.html", context, status=status)

    def preview(self, form: RulesForm, wanted: dict, differences: list[dict]) -> HttpResponse:
        editions = [self.edition] if self.edition else []
        rows = differences_in_words(differences, editions, self.review.rules, wanted)
        context = self.context(
            form=form,
            hidden=[(name, form[name].value() or "") for name in form.fields],
            previewed=digest(wanted),
            rows=rows,
            fallen=sum(row["below"] and not row["was_below"] for row in rows),
            risen=sum(row["was_below"] and not row["below"] for row in rows),
            changes=changed_rules(self.review.rules, wanted),
        )
        return render(self.request, "reports/review_rules_preview.html", context)


def _box(name: str) -> str:
    """The box at which a sentence about a part of the rules stands."""
    boxes = {"bands": "band_name_0", "light_points": "light_done", "weights": "code_0"}
    return boxes.get(name, name)
