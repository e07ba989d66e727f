"""Moves with a reason, the reviewer's decisions, and messages."""

from collections.abc import Iterable, Mapping

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from config.kit.forms import LongTextField, RocDateField
from tracking.enums import Part
from tracking.forms.base import MarkedForm
from tracking.models import CannedReason


class NoteForm(MarkedForm):
    """A move with its reason; `seen_version` is what the person had before their eyes."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    note = LongTextField(
        label=_("理由"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )


class MessageForm(MarkedForm):
    """A message to the other side; its field has a name of its own, since on the review page it
    is posted with the decisions (`owner` is that form's id).
    """

    use_required_attribute = False
    message = LongTextField(
        label=_("留言"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("部會的承辦人、窗口與國科會的審查人、彙整人都看得到；送出後不能改。"),
        error_messages={"required": _("寫下要說的話。")},
    )

    def __init__(
        self, data: QueryDict | None = None, *, owner: str = "", initial: dict | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        if owner:
            self.fields["message"].widget.attrs["form"] = owner


class ReviewForm(MarkedForm):
    """The reviewer's decision on each part: `decision_<part>` and, where returned, `reason_…`.

    `canned` is part → reasons kept ready. One chosen in `canned_<part>` is a reason by itself, or
    comes before what was typed; a script puts it into the text instead.
    """

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    correction_due_on = RocDateField(
        label=_("補正期限"), required=False, help_text=_("不填就是14天。")
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        parts: Iterable[Part],
        canned: Mapping[str, list[CannedReason]] | None = None,
        **kwargs,
    ) -> None:
        super().__init__(data, **kwargs)
        self.parts = list(parts)
        self.canned = canned or {}
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
            ready = self.canned.get(part.value, ())
            if ready:
                self.fields[f"canned_{part}"] = forms.ChoiceField(
                    label=_("常用理由"),
                    choices=[("", _("自己寫")), *((str(row.pk), row.text) for row in ready)],
                    required=False,
                    widget=forms.Select(
                        {"data-canned": f"id_reason_{part}", "data-typed": _("已放進理由。")}
                    ),
                    error_messages={"invalid_choice": _("這個理由剛被停用，請再選一次。")},
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
            if decision == "return" and not self.has_error(f"reason_{part}"):
                data[f"reason_{part}"] = reason = self._reason(part)
                if not reason and not self.has_error(f"canned_{part}"):
                    self.add_error(f"reason_{part}", _("寫出退回的理由，部會才知道要補什麼。"))
        return data

    def _reason(self, part: Part) -> str:
        """What was chosen and what was typed, each once."""
        typed = self.cleaned_data.get(f"reason_{part}", "").strip()
        chosen = self.cleaned_data.get(f"canned_{part}", "")
        ready = self.canned.get(part.value, ())
        text = next((row.text for row in ready if str(row.pk) == chosen), "")
        if not text or text in typed:
            return typed
        return f"{text}\n{typed}" if typed else text

    def returned(self) -> dict[str, str]:
        """Part → reason of what is returned; empty means that all is accepted."""
        return {
            part.value: self.cleaned_data[f"reason_{part}"]
            for part in self.parts
            if self.cleaned_data[f"decision_{part}"] == "return"
        }
