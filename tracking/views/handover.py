"""交接: an officer's open work goes to a colleague; reached from the list of people."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kit.forms import LongTextField
from ministries.enums import MembershipRole
from ministries.forms import ActionForm
from ministries.models import Membership, Ministry, User
from ministries.queries import line_of, people_of
from ministries.views import PeopleForm
from tracking.actions.handover import hand_over, open_work


class HandoverForm(ActionForm):
    taker = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("接辦人"),
        empty_label=gettext_lazy("請選擇"),
        help_text=gettext_lazy("貴部會現任的人員；還不是承辦人的，會同時成為承辦人。"),
    )
    note = LongTextField(
        label=gettext_lazy("交接說明"),
        max_length=2000,
        help_text=gettext_lazy("進行到哪裡、還要做什麼、找誰問。兩個人都會收到。"),
    )

    def __init__(self, *args, colleagues, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["taker"].queryset = colleagues


class HandOver(PeopleForm):
    template_name = "tracking/handover.html"
    form_class = HandoverForm

    @cached_property
    def membership(self) -> Membership:
        rows = Membership.objects.visible_to(self.request.user).current()
        rows = rows.filter(role=MembershipRole.OFFICER, pk=self.kwargs["pk"])
        row = rows.select_related("user", "ministry").first()
        if row is None:
            raise Http404
        return row

    @cached_property
    def ministry(self) -> Ministry:
        return self.membership.ministry.on(timezone.localdate())

    @cached_property
    def line(self) -> list[int]:
        return line_of(self.ministry, timezone.localdate())

    def get_form_kwargs(self) -> dict:
        people = people_of(self.line, timezone.localdate()).filter(is_active=True)
        colleagues = people.exclude(pk=self.membership.user_id)
        return {**super().get_form_kwargs(), "colleagues": colleagues}

    def get_context_data(self, **kwargs) -> dict:
        items = open_work(self.membership.user, self.line)
        return super().get_context_data(person=self.membership.user, items=items, **kwargs)

    def act(self, given: dict) -> HttpResponse:
        row = hand_over(self.membership, **given, by=self.request.user)
        values = {"leaver": row.leaver, "taker": row.taker, "n": len(row.items)}
        done = _("%(leaver)s的工作交給%(taker)s了，未結事項%(n)d件；兩個人都會收到信。") % values
        messages.success(self.request, done)
        return redirect(self.list_url(row.ministry))
