"""Forms for asking for more time or a correction, and for the reviewer's decision."""

from django import forms
from django.utils.translation import gettext_lazy as _

from config.kit.forms import LongTextField, RocDateField
from tracking.enums import Part
from tracking.forms.base import MarkedForm


def _text(label: str, **more) -> LongTextField:
    return LongTextField(
        label=label, max_length=2000, required=False, widget=forms.Textarea({"rows": 4}), **more
    )


class ExtensionForm(MarkedForm):
    """A ministry asks for more time."""

    wanted_until = RocDateField(label=_("希望展延到"))
    reason = _text(_("為什麼趕不上"), help_text=_("審查人據此決定，也會留在紀錄裡。"))


class CorrectionForm(MarkedForm):
    """A ministry asks to correct parts of an accepted report."""

    parts = forms.MultipleChoiceField(
        label=_("要更正的部分"),
        choices=Part.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = _text(_("為什麼要更正"), help_text=_("寫出原來哪裡不對、正確的是什麼。"))


class GrantExtensionForm(MarkedForm):
    granted_until = RocDateField(label=_("展延到（含當天）"))
    note = _text(_("給部會的話（可不填）"))


class GrantCorrectionForm(MarkedForm):
    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    due_on = RocDateField(
        label=_("在這一天以前改好"), required=False, help_text=_("不填就是14天。")
    )
    note = _text(_("給部會的話（可不填）"))


class RefuseForm(MarkedForm):
    note = _text(_("不同意的理由（部會會看到）"))
