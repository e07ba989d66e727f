"""The reviewer's other light for a measure's year."""

from django import forms
from django.utils.translation import gettext_lazy as _

from config.kit.forms import LongTextField
from tracking.enums import Light
from tracking.forms.base import MarkedForm


class LightForm(MarkedForm):
    light = forms.ChoiceField(label=_("審定燈號"), choices=Light.choices, widget=forms.RadioSelect)
    reason = LongTextField(
        label=_("審定理由"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("理由與部會填報的燈號會一起留著。"),
    )
