"""An expert's own opinion of a measure: the frozen lines, the form, and two windows at once."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, Refused, StaleVersion
from config.kit.set_aside import KeepsTyped, holder
from reports.actions import opinions as actions
from reports.actions.opinions import LONGEST, Draft
from reports.actions.recusals import declare_recusal
from reports.forms.experts import OpinionForm, ReasonForm, initial_of
from reports.models import Opinion
from reports.pages import dossier
from reports.queries import lineage
from reports.queries.experts import labels
from reports.rules import experts as rules_of_experts
from reports.views import opinion_conflict as conflict
from reports.views.dossier import SeatedView
from reports.views.opinions import readable, told


class OpinionPage(KeepsTyped, SeatedView):
    """The frozen lines of one measure, and the expert's own opinion of it.

    `do` is save or submit; htmx saves by itself while it is a draft. Whatever is refused comes
    back with all that was typed.
    """

    @cached_property
    def item(self) -> dossier.Item:
        rules_of_experts.may_open_dossier(self.seat, self.request.user).enforce()
        if self.edition is None:
            raise Http404
        items = dossier.items_of(self.seat, self.edition)
        found = next((item for item in items if item.code == self.code), None)
        if found is None:
            raise Http404
        self.items = items
        return found

    @cached_property
    def code(self) -> str:
        """Today's code of the measure. A form that was opened under an older edition, before a
        revision renumbered, is about what bore the code then."""
        code, number = self.kwargs["code"], self.request.POST.get("edition", "")
        older = None
        if number.isdecimal() and int(number) != self.edition.number:
            older = self.review.editions.filter(number=number).first()
        return lineage.now_called(older, self.edition, code) if older else code

    def handle_no_permission(self) -> HttpResponse:
        answer = super().handle_no_permission()
        if not self.request.htmx:
            return answer
        context = {"signed_out": self.request.path}
        status = HTTPStatus.CONFLICT
        return render(self.request, "reports/_opinion_saved.html", context, status=status)

    def get(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        opinion = self.item.opinion
        if (typed := self.taken_back()) is not None:
            messages.warning(request, _("登入結束以前打的字放回來了，還沒有存。"))
            return self.page(self.form(typed))
        return self.page(self.form(initial=initial_of(opinion, self.edition.number)))

    def post(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        code, form = self.item.code, self.form(request.POST)
        if not form.is_valid():
            return self.refused(form)
        draft, submits = form.draft(), request.POST.get("do") == "submit"
        if "conflict" in request.POST:
            draft, page = self.resolved(draft)
            if page is not None:
                return page
        act = actions.submit_opinion if submits else actions.save_opinion
        try:
            row = act(self.seat, measure_code=code, draft=draft, by=request.user)
        except StaleVersion as refusal:
            if request.htmx:
                return self.saved(None, HTTPStatus.CONFLICT)
            return self.conflict_page(draft, refusal.current)
        except Invalid as refusal:
            form.mark(refusal.errors)
            return self.refused(form)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.refused(form, HTTPStatus.CONFLICT)
        if request.htmx:
            return self.saved(row)
        if not submits:
            messages.success(request, _("草稿已存，第%(n)d版，只有你看得到。") % {"n": row.version})
            return redirect("opinion", pk, code)
        messages.success(request, _("%(code)s的意見已送出。") % {"code": code})
        following = self.following()
        return redirect("opinion", pk, following) if following else redirect("review-dossier", pk)

    def following(self) -> str:
        """The next measure that waits for an opinion; "" where none does."""
        items = dossier.items_of(self.seat, self.edition)
        place = next(i for i, item in enumerate(items) if item.code == self.item.code)
        return next((item.code for item in items[place + 1 :] + items[:place] if item.left), "")

    def form(self, data=None, **kwargs) -> OpinionForm:
        return OpinionForm(data, criteria=self.review.criteria, **kwargs)

    def refused(
        self, form: OpinionForm, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
    ) -> HttpResponse:
        """The page again with what was typed; for a save by htmx only that it was not saved."""
        if self.request.htmx:
            return self.saved(None, status)
        return self.page(form, status)

    def saved(self, row: Opinion | None, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        context = {"opinion": row, "conflict": status == HTTPStatus.CONFLICT}
        return render(self.request, "reports/_opinion_saved.html", context, status=status)

    def page(self, form: OpinionForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        item, user = self.item, self.request.user
        opinion, codes = item.opinion, [one.code for one in self.items]
        place = codes.index(item.code)
        names = labels(self.review)
        others = readable(user).filter(seat__review=self.review, measure_code=item.code)
        changes = None
        if item.state == dossier.CHANGED:
            changes = dossier.changes_since(opinion.edition, self.edition, item.code)
        context = self.context(
            seat=self.seat,
            item=item,
            measure=item.measure,
            opinion=opinion,
            form=form,
            holder=holder(self.request),
            limit=LONGEST,
            verdict=rules_of_experts.may_judge(self.seat, item.code, user),
            recusing=rules_of_experts.may_recuse_oneself(self.seat, item.code, user),
            reason_form=ReasonForm(),
            editing=opinion is None
            or opinion.submitted_at is None
            or "edit" in self.request.GET
            or form.is_bound,
            autosaves=opinion is None or opinion.submitted_at is None,
            changes=changes,
            before=codes[place - 1] if place else "",
            after=codes[place + 1] if place + 1 < len(codes) else "",
            nth=place + 1,
            total=len(codes),
            own=told(opinion, names, user) if opinion else None,
            others=[told(one, names, user) for one in others.exclude(seat=self.seat)],
            open_before=self.review.opinions_open_before,
            **dossier.reading_of(self.edition, item.code),
        )
        return render(self.request, "reports/opinion.html", context, status=status)

    # --- two windows ------------------------------------------------------------------------------
    def resolved(self, draft: Draft) -> tuple[Draft, HttpResponse | None]:
        """The draft as it was put together on the conflict page, or that page again."""
        saved = Opinion.objects.visible_to(self.request.user).get(pk=self.item.opinion.pk)
        if draft.seen_version != saved.version:
            return draft, self.conflict_page(draft, saved)
        found = conflict.differences(draft, saved, self.review.criteria, self.request.POST.dict())
        if not all(one.decided for one in found):
            return draft, self.conflict_page(draft, saved, undecided=True)
        return conflict.merged(draft, saved, found), None

    def conflict_page(
        self, draft: Draft, saved: Opinion, *, undecided: bool = False
    ) -> HttpResponse:
        """Mine and what is saved, side by side; nothing is lost. 409, or 422 where undecided."""
        posted = self.request.POST.dict()
        context = self.context(
            item=self.item,
            opinion=saved,
            differences=conflict.differences(draft, saved, self.review.criteria, posted),
            hidden=conflict.hidden(draft),
            do="submit" if posted.get("do") == "submit" else "save",
            undecided=undecided,
        )
        status = HTTPStatus.UNPROCESSABLE_ENTITY if undecided else HTTPStatus.CONFLICT
        return render(self.request, "reports/opinion_conflict.html", context, status=status)


class Recuse(OpinionPage):
    """An expert asks to be left out of one measure."""

    def get(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        return redirect("opinion", pk, code)

    def post(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        try:
            declare_recusal(
                self.seat,
                code=self.item.code,
                reason=request.POST.get("reason", ""),
                by=request.user,
            )
        except Invalid as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("已提出迴避，由審查人決定。"))
        return redirect("opinion", pk, code)

    def refused_url(self) -> str:
        return reverse("opinion", args=[self.kwargs["pk"], self.kwargs["code"]])
