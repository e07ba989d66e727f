"""Forms of figures: a series, a year's value, its correction, and a file of values."""

from django import forms
from django.utils.translation import gettext_lazy as _

from config.kit.forms import LongTextField, NumberField, RocDateField, WholeNumberField
from plan.actions.figures import FIELDS, LONGEST_REASON
from plan.models import Plan, Series


class MarkedForm(forms.Form):
    """`mark` shows what the action found, each sentence at its field."""

    def mark(self, errors: dict[str, list[str]]) -> None:
        for name, sentences in errors.items():
            self.add_error(name if name in self.fields else None, sentences)


class SeriesForm(MarkedForm, forms.ModelForm):
    """A new series. What its subject wants to know of it, the action asks."""

    vintage = RocDateField(
        label=_("日期"),
        required=False,
        help_text=_("GDP填發布日期，預算填這個階段的日期。"),
    )
    source_url = forms.URLField(
        label=_("來源網址"), required=False, max_length=300, assume_scheme="https"
    )

    class Meta:
        model = Series
        fields = ["plan", *FIELDS]
        help_texts = {
            "code": _("網址與下載檔用的代碼：英文字母、數字、連字號，例如budget-111-draft。"),
            "of": _("國家、部門或其他範圍；全國留空白。"),
            "basis": _("預算一定要選；不同基礎的數字不能連成一條線。"),
            "special": _("預算一定要選。"),
            "status": _("GDP一定要選。"),
            "source": _("誰發布的、哪一份文件。"),
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan"].queryset = Plan.objects.order_by("-start_year", "slug")
        ministries = self.fields["ministry"].queryset
        self.fields["ministry"].queryset = ministries.order_by("short_name")

    def _post_clean(self) -> None:
        """The action checks the row, and says so at the same fields."""


class ValueForm(MarkedForm):
    """What every value carries."""

    amount = NumberField(label=_("數值"), decimal_places=4)
    dated = RocDateField(label=_("日期"), required=False, help_text=_("這個數字是哪一天的。"))
    source = forms.CharField(
        label=_("來源"), max_length=300, required=False, help_text=_("和數列的來源不同時才填。")
    )
    note = forms.CharField(label=_("附註"), max_length=300, required=False)


class EnterForm(ValueForm):
    year = WholeNumberField(label=_("民國年"))
    field_order = ["year", "amount", "dated", "source", "note"]


class CorrectForm(ValueForm):
    """`seen` is the value that the person had before their eyes."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    reason = LongTextField(
        label=_("更正理由"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("舊的值、理由和誰更正的都會留著。"),
    )
    field_order = ["seen", "amount", "reason", "dated", "source", "note"]


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("檔案"), allow_empty_file=True, help_text=_(".ods，或UTF-8的.csv；最多2,000列。")
    )
    reason = LongTextField(
        label=_("更正理由"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("用在檔案裡沒有寫理由的更正；新的年度不用理由。"),
    )
