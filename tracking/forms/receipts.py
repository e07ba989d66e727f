"""The form of the public page that tells whether a receipt is genuine."""

import json

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracking.forms.base import MarkedForm

MOST_BYTES = 1_000_000


class VerifyForm(MarkedForm):
    """A number with its digest, or the file that was downloaded.

    Valid with `given` (number, digest) and `file`, the file's content or None.
    """

    number = forms.CharField(
        label=gettext_lazy("收據號碼"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("例如R112-K7F3X-9QXMB"),
    )
    digest = forms.CharField(
        label=gettext_lazy("摘要值（SHA-256）"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("64個字，0到9與a到f"),
    )
    file = forms.FileField(
        label=gettext_lazy("或選下載的JSON檔"),
        required=False,
        help_text=gettext_lazy("只用來比對，不會留下來。"),
    )

    def clean_file(self) -> dict | None:
        upload = self.cleaned_data["file"]
        if upload is None:
            return None
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(_("檔案太大，不是這裡下載的收據。"))
        try:
            content = json.loads(upload.read())
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise forms.ValidationError(_("讀不懂這個檔案；請選從收據頁下載的JSON檔。"))
        return content

    def clean(self) -> dict:
        given = super().clean()
        if given.get("file") or self.errors:
            return given
        for name in ("number", "digest"):
            if not given.get(name):
                self.add_error(name, _("號碼和摘要值都要填，或選下載的JSON檔。"))
        return given

    @property
    def given(self) -> tuple[str, str]:
        """Number and digest: of the file, where there is one."""
        source = self.cleaned_data.get("file") or self.cleaned_data
        return str(source.get("number", "")), str(source.get("digest", ""))
