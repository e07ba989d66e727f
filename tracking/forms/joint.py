"""What a partner notes of a lead's report, and what the lead answers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from config.kit.forms import LongTextField
from tracking.forms.base import MarkedForm


class DissentForm(MarkedForm):
    text = LongTextField(
        label=_("不同意見"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )


class AnswerForm(MarkedForm):
    text = LongTextField(
        label=_("回應"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )
