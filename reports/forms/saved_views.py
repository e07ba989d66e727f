"""Forms of saved views: the name under which an address is kept."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reports.actions.saved_views import LONGEST
from reports.forms.reviews import MarkedForm


class NameForm(MarkedForm):
    name = forms.CharField(label=_("名稱"), max_length=LONGEST)


class SaveForm(NameForm):
    address = forms.CharField(widget=forms.HiddenInput)
