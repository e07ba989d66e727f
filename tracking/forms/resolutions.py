"""Forms of a resolution: what was done, with its evidence; a change of the resolution itself."""

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kit.forms import LongTextField, RocDateField
from ministries.models import Ministry
from tracking.forms.base import MarkedForm
from tracking.models import Resolution


class ResolutionReportForm(MarkedForm):
    """What the owner says was done; a file or an address shows it."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    text = LongTextField(label=_("辦理情形"), max_length=2000, widget=forms.Textarea({"rows": 4}))
    upload = forms.FileField(label=_("佐證檔案"), required=False)
    url = forms.URLField(
        label=_("或佐證網址"), required=False, max_length=500, assume_scheme="https"
    )
    title = forms.CharField(
        label=_("佐證名稱"), required=False, max_length=200, help_text=_("不填就用檔名或網址。")
    )

    def __init__(self, *args, resolution: Resolution, **kwargs) -> None:
        kwargs.setdefault("initial", {"seen_version": resolution.version})
        super().__init__(*args, auto_id=f"id_resolution_{resolution.pk}_%s", **kwargs)
        most = settings.EVIDENCE_MAX_BYTES // 2**20
        self.fields["upload"].help_text = gettext(
            "PDF、ODF、docx、xlsx、pptx、PNG、JPG、純文字或CSV，每個%(most)d MB以內。"
        ) % {"most": most}


class AmendForm(MarkedForm):
    """Another owner, wording or date, with the reason."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    owner = forms.ModelChoiceField(Ministry.objects.none(), label=_("主辦部會"))
    text = LongTextField(label=_("決議"), max_length=2000, widget=forms.Textarea({"rows": 4}))
    due_on = RocDateField(label=_("期限"))
    note = LongTextField(label=_("理由"), max_length=2000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args, resolution: Resolution, **kwargs) -> None:
        kwargs.setdefault(
            "initial",
            {
                "seen_version": resolution.version,
                "owner": resolution.owner.on(timezone.localdate()),
                "text": resolution.text,
                "due_on": resolution.due_on,
            },
        )
        super().__init__(*args, auto_id="id_amend_%s", **kwargs)
        self.fields["owner"].queryset = Ministry.objects.on(timezone.localdate())
