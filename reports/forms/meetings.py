"""Forms of coordination meetings: calling one, changing it, its record, and what was resolved."""

import re

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kit.forms import LongTextField, RocDateField
from ministries.models import Ministry
from reports.agenda import Proposal
from reports.models import AgendaItem, Attendance, CoordinationMeeting
from tracking.forms.base import MarkedForm

LEADS, BOTH, NOBODY = "leads", "both", "nobody"


def today_bodies():
    return Ministry.objects.on(timezone.localdate())


class CallForm(MarkedForm):
    """Day, place, chair, what is on the agenda, and who is called.

    `nodes` are all of the edition: `items` chooses among what is proposed, `more` names others by
    code.
    """

    title = forms.CharField(label=_("會議名稱"), max_length=120)
    on = RocDateField(label=_("日期"))
    place = forms.CharField(label=_("地點"), max_length=120)
    chair = forms.CharField(label=_("主席"), max_length=80)
    items = forms.MultipleChoiceField(
        label=_("議題"), required=False, widget=forms.CheckboxSelectMultiple
    )
    more = forms.CharField(
        label=_("其他議題的編號"),
        required=False,
        max_length=400,
        help_text=_("不在上面、也要討論的項目，各層都可以，編號之間用頓號或空白隔開。"),
    )
    invite = forms.ChoiceField(
        label=_("邀請"),
        choices=[
            (BOTH, _("議題的主辦與協辦部會")),
            (LEADS, _("議題的主辦部會")),
            (NOBODY, _("只有下面選的部會")),
        ],
        initial=BOTH,
        widget=forms.RadioSelect,
    )
    also = forms.ModelMultipleChoiceField(
        Ministry.objects.none(),
        label=_("另外邀請"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, nodes: list[Proposal], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.by_code = {one.code: one for one in nodes}
        self.by_key = {f"{one.level}:{one.code}": one for one in nodes}
        self.fields["items"].choices = [(key, one.name) for key, one in self.by_key.items()]
        self.fields["also"].queryset = today_bodies()

    def clean_more(self) -> list[Proposal]:
        codes = [code for code in re.split(r"[\s,，、;；]+", self.cleaned_data["more"]) if code]
        if unknown := [code for code in codes if code not in self.by_code]:
            raise forms.ValidationError(
                gettext("這一版沒有這些編號：%(codes)s。") % {"codes": "、".join(unknown)}
            )
        return [self.by_code[code] for code in codes]

    def chosen(self) -> list[Proposal]:
        """The agenda, in the order of the proposal, then what was named."""
        return [
            *(self.by_key[key] for key in self.cleaned_data["items"]),
            *self.cleaned_data["more"],
        ]

    def ministries(self) -> list[Ministry]:
        """Who is called: those chosen, and those of the agenda, as the bodies that they are now."""
        codes: set[str] = set()
        for one in self.chosen():
            if self.cleaned_data["invite"] != NOBODY:
                codes |= set(one.leads)
            if self.cleaned_data["invite"] == BOTH:
                codes |= set(one.partners)
        today = timezone.localdate()
        found = {row.on(today) for row in Ministry.objects.filter(code__in=codes)}
        return sorted({*found, *self.cleaned_data["also"]}, key=lambda row: row.code)


class ChangeForm(MarkedForm):
    """Another day, place, chair or circle."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("會議名稱"), max_length=120)
    on = RocDateField(label=_("日期"))
    place = forms.CharField(label=_("地點"), max_length=120)
    chair = forms.CharField(label=_("主席"), max_length=80)
    ministries = forms.ModelMultipleChoiceField(
        Ministry.objects.none(), label=_("邀請的部會"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, meeting: CoordinationMeeting, **kwargs) -> None:
        called = [one.ministry_id for one in meeting.attendances.all()]
        names = ("title", "on", "place", "chair")
        initial = {name: getattr(meeting, name) for name in names}
        initial |= {"seen_version": meeting.version, "ministries": called}
        super().__init__(*args, initial=initial, auto_id="id_change_%s", **kwargs)
        self.fields["ministries"].queryset = today_bodies() | Ministry.objects.filter(pk__in=called)


class RecordForm(MarkedForm):
    """Who came, what was said of each item, and the minutes."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    minutes = LongTextField(
        label=_("會議紀錄"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 10}),
    )

    def __init__(self, *args, meeting: CoordinationMeeting, **kwargs) -> None:
        initial = {"seen_version": meeting.version, "minutes": meeting.minutes}
        super().__init__(*args, initial=initial, auto_id="id_record_%s", **kwargs)
        self.attendances = list(meeting.attendances.all())
        self.agenda = list(meeting.items.all())
        for one in self.attendances:
            self._presence(one)
        for item in self.agenda:
            name = f"discussion_{item.pk}"
            self.fields[name] = LongTextField(
                label=gettext("%(code)s的討論") % {"code": item.code},
                required=False,
                max_length=4000,
                widget=forms.Textarea({"rows": 3}),
            )
            self.initial[name] = item.discussion

    def _presence(self, one: Attendance) -> None:
        name = one.ministry.short_name
        self.fields[f"present_{one.pk}"] = forms.TypedChoiceField(
            label=gettext("%(ministry)s出席") % {"ministry": name},
            choices=[("", _("未記錄")), ("1", _("出席")), ("0", _("缺席"))],
            coerce=lambda value: value == "1",
            empty_value=None,
            required=False,
        )
        self.fields[f"persons_{one.pk}"] = forms.CharField(
            label=gettext("%(ministry)s出席人員") % {"ministry": name},
            required=False,
            max_length=500,
        )
        for key in (f"present_{one.pk}", f"persons_{one.pk}"):
            self.fields[key].widget.attrs["aria-label"] = self.fields[key].label
        self.initial[f"present_{one.pk}"] = {True: "1", False: "0"}.get(one.present, "")
        self.initial[f"persons_{one.pk}"] = one.persons

    def rows(self) -> list[dict]:
        """For the table of presence."""
        return [
            {
                "attendance": one,
                "present": self[f"present_{one.pk}"],
                "persons": self[f"persons_{one.pk}"],
            }
            for one in self.attendances
        ]

    def discussions(self) -> list[tuple[AgendaItem, forms.BoundField]]:
        return [(item, self[f"discussion_{item.pk}"]) for item in self.agenda]

    def given(self) -> dict:
        """What `record_meeting` takes."""
        data = self.cleaned_data
        return {
            "seen_version": data["seen_version"],
            "minutes": data["minutes"],
            "presence": {
                one.pk: (data[f"present_{one.pk}"], data[f"persons_{one.pk}"])
                for one in self.attendances
            },
            "discussions": {item.pk: data[f"discussion_{item.pk}"] for item in self.agenda},
        }


class DecideForm(MarkedForm):
    """What was resolved: on which item, who owes it, by when."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    item = forms.ModelChoiceField(
        AgendaItem.objects.none(), label=_("議題"), required=False, empty_label=_("不屬於單一議題")
    )
    text = LongTextField(label=_("決議"), max_length=2000, widget=forms.Textarea({"rows": 3}))
    owner = forms.ModelChoiceField(Ministry.objects.none(), label=_("主辦部會"))
    due_on = RocDateField(label=_("期限"))

    def __init__(self, *args, meeting: CoordinationMeeting, **kwargs) -> None:
        kwargs.setdefault("initial", {"seen_version": meeting.version})
        super().__init__(*args, auto_id="id_decide_%s", **kwargs)
        self.fields["item"].queryset = meeting.items.all()
        self.fields["item"].label_from_instance = lambda item: f"{item.code} {item.name}"
        self.fields["owner"].queryset = today_bodies()


class NoteForm(MarkedForm):
    """A move with its reason."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    note = LongTextField(label=_("理由"), max_length=500, widget=forms.Textarea({"rows": 3}))


class VersionForm(MarkedForm):
    """A move that needs nothing but what the person saw."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
