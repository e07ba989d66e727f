"""Form fields for what officials type: ROC dates in three boxes, numbers with commas."""

import datetime as dt
import unicodedata
from decimal import Decimal

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.kit import roc


def plain_number(value: object) -> object:
    """Full-width digits made plain, commas and blanks left out: 「１,２００」 → "1200"."""
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFKC", value)
    return "".join(char for char in text if char != "," and not char.isspace())


class LongTextField(forms.CharField):
    """Text of several lines. Browsers send a line break as two characters; people count one.

    The box has no `maxlength`: browsers count a rare character as two by it, and cut off what is
    pasted without a word.
    """

    widget = forms.Textarea

    def widget_attrs(self, widget: forms.Widget) -> dict:
        attrs = super().widget_attrs(widget)
        return {name: value for name, value in attrs.items() if not name.endswith("length")}

    def to_python(self, value: object) -> str:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


class WholeNumberField(forms.IntegerField):
    """A whole number as it is written in tables: 1,234,567."""

    widget = forms.TextInput
    default_error_messages = {"invalid": _("填整數，不要小數點和單位。")}

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("inputmode", "numeric")

    def to_python(self, value: object) -> int | None:
        return super().to_python(plain_number(value))

    def prepare_value(self, value: object) -> object:
        return f"{value:,}" if isinstance(value, int) else value


class NumberField(forms.DecimalField):
    """A number with an optional fraction; shown without trailing zeros."""

    widget = forms.TextInput
    default_error_messages = {"invalid": _("填數字，不要單位。")}

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("inputmode", "decimal")

    def to_python(self, value: object) -> Decimal | None:
        return super().to_python(plain_number(value))

    def prepare_value(self, value: object) -> object:
        return format_number(value) if isinstance(value, Decimal) else value


def format_number(value: Decimal) -> str:
    """1200.5000 → "1,200.5"."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class RocDateWidget(forms.MultiWidget):
    """民國年, 月, 日: three labelled boxes, as in `.dt3` of the design."""

    use_fieldset = True
    labels = (_("民國年"), _("月"), _("日"))

    def __init__(self, attrs: dict | None = None) -> None:
        boxes = [forms.TextInput({"inputmode": "numeric", "maxlength": 3}) for _label in range(3)]
        super().__init__(boxes, attrs)

    def decompress(self, value: dt.date | None) -> list:
        return [roc.roc_year(value), value.month, value.day] if value else [None, None, None]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else ""

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        parts = self.get_context(name, value, attrs)["widget"]["subwidgets"]
        boxes = []
        for label, part in zip(self.labels, parts, strict=True):
            given = {**part["attrs"], "class": "form-control num", "name": part["name"]}
            given["value"] = "" if part["value"] is None else part["value"]
            given.pop("required", None)
            written = format_html_join("", ' {}="{}"', given.items())
            boxes.append((given["id"], label, written))
        return format_html(
            '<span class="dt3">{}</span>',
            format_html_join(
                "", '<span><label for="{}">{}</label><input type="text"{}></span>', boxes
            ),
        )


class RocDateField(forms.MultiValueField):
    """A date in the ROC calendar; all three boxes or none."""

    widget = RocDateWidget
    default_error_messages = {
        "incomplete": _("填年、月、日。"),
        "invalid": _("沒有這一天，請再看一次年、月、日。"),
    }

    def __init__(self, **kwargs) -> None:
        number = {"required": False, "error_messages": {"invalid": _("年、月、日都填數字。")}}
        fields = [WholeNumberField(**number) for _part in range(3)]
        super().__init__(fields, require_all_fields=False, **kwargs)

    def clean(self, value: list | None) -> dt.date | None:
        boxes = [part for part in value or [] if part not in (None, "")]
        if boxes and len(boxes) < 3:
            raise forms.ValidationError(self.error_messages["incomplete"], code="incomplete")
        return super().clean(value)

    def compress(self, parts: list) -> dt.date | None:
        if not parts or None in parts:
            return None
        year, month, day = parts
        try:
            found = dt.date(roc.gregorian_year(year), month, day)
        except (ValueError, OverflowError):
            found = None
        if found is None or not roc.FIRST_DAY <= found <= roc.LAST_DAY:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found
