"""Moves with a reason, and the reviewer's decisions."""

from collections.abc import Iterable

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from config.kit.forms import LongTextField, RocDateField
from tracking.enums import Part
from tracking.forms.base import MarkedForm


class NoteForm(MarkedForm):
    """A move with its reason; `seen_version` is what the person had before their eyes."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    note = LongTextField(
        label=_("理由"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )


class ReviewForm(MarkedForm):
    """The reviewer's decision on each part: `decision_<part>` and, where returned, `reason_…`."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    correction_due_on = RocDateField(
        label=_("補正期限"), required=False, help_text=_("不填就是14天。")
    )

    def __init__(self, data: QueryDict | None = None, *, parts: Iterable[Part], **kwargs) -> None:
        super().__init__(data, **kwargs)
        self.parts = list(parts)
        for part in self.parts:
            self.fields[f"decision_{part}"] = forms.ChoiceField(
                label=part.label,
                choices=[("accept", _("接受")), ("return", _("退回這一段"))],
                required=False,
                widget=forms.RadioSelect,
            )
            self.fields[f"reason_{part}"] = LongTextField(
                label=_("退回理由（部會會看到）"),
                required=False,
                max_length=2000,
                widget=forms.Textarea({"rows": 3}),
            )

    @property
    def accept_rest(self) -> bool:
        """The button that accepts what is still undecided."""
        return self.data.get("do") == "rest"

    def clean(self) -> dict:
        data = super().clean()
        for part in self.parts:
            decision = data.get(f"decision_{part}")
            if not decision and not self.accept_rest:
                self.add_error(f"decision_{part}", _("還沒決定。"))
            if decision == "return" and not data.get(f"reason_{part}", "").strip():
                self.add_error(f"reason_{part}", _("寫出退回的理由，部會才知道要補什麼。"))
        return data

    def returned(self) -> dict[str, str]:
        """Part → reason of what is returned; empty means that all is accepted."""
        return {
            part.value: self.cleaned_data[f"reason_{part}"].strip()
            for part in self.parts
            if self.cleaned_data[f"decision_{part}"] == "return"
        }
