"""Forms of a rolling revision, one for each verb, each with the reason and the basis that it wants.

Bodies are written as a cell of table 7 prints them: leads, a stroke, partners (甲部、乙部／丙署).
"""

import re
from collections.abc import Iterable, Sequence

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kit.forms import LongTextField, RocDateField
from ministries.models import Ministry
from plan.actions.revise import Duties, Part, Why
from plan.actions.revise.wording import WORDING
from plan.enums import Ground, RunningYearRule
from plan.levels import Node, level_of

PARTS = 4


class DutiesField(forms.CharField):
    """Text as a cell prints it; cleans to `Duties` by the ministries' short names."""

    def clean(self, value: str) -> Duties:
        text = super().clean(value)
        sides = re.split(r"[／/]", text)
        if len(sides) > 2:
            raise forms.ValidationError(gettext("只用一個「／」分開主辦與協辦。"))
        names = [[name.strip() for name in re.split("[、,，]", side) if name.strip()]
                 for side in (*sides, "")[:2]]  # fmt: skip
        wanted = {name for side in names for name in side}
        known = dict(
            Ministry.objects.filter(short_name__in=wanted)
            .order_by("pk")
            .values_list("short_name", "pk")
        )
        if unknown := sorted(wanted - known.keys()):
            raise forms.ValidationError(
                gettext("不認得「%(names)s」；請寫部會的簡稱。")
                % {"names": gettext("、").join(unknown)}
            )
        return Duties(*([known[name] for name in side] for side in names))


class ChangeForm(forms.Form):
    """What every change carries. `seen_edits` is the draft that the person had before their eyes.

    `mark` shows what the action found, each sentence at its field.
    """

    seen_edits = forms.IntegerField(widget=forms.HiddenInput)
    own: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ground"] = forms.ChoiceField(label=_("緣由"), choices=Ground.choices)
        self.fields["reason"] = LongTextField(
            label=_("理由"), max_length=1000, widget=forms.Textarea({"rows": 3})
        )
        self.fields["basis"] = forms.CharField(
            label=_("依據"), max_length=200, help_text=_("文號、會議決議或評估結論的出處。")
        )

    @property
    def why(self) -> Why:
        return Why(*(self.cleaned_data[name] for name in ("ground", "reason", "basis")))

    def mark(self, errors: dict[str, list[str]]) -> None:
        for name, sentences in errors.items():
            self.add_error(name if name in self.fields else None, sentences)


class EndForm(ChangeForm):
    pass


class RewordForm(ChangeForm):
    def __init__(self, *args, node: Node, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        own = {}
        for name in WORDING[level_of(node)]:
            column = node._meta.get_field(name)
            options = {"label": column.verbose_name, "required": name == "name"}
            options["initial"] = getattr(node, name)
            if column.max_length:
                own[name] = forms.CharField(max_length=column.max_length, **options)
            else:
                own[name] = LongTextField(widget=forms.Textarea({"rows": 8}), **options)
        self.fields = own | self.fields

    @property
    def given(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.fields if name in _ALL_WORDING}


_ALL_WORDING = {name for names in WORDING.values() for name in names}


class AddForm(ChangeForm):
    """A node under another; `bodies` says whether it has duties, and whether they must be given."""

    def __init__(self, *args, bodies: bool, required: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        own: dict[str, forms.Field] = {
            "name": forms.CharField(label=_("名稱"), max_length=200),
            "text": LongTextField(
                label=_("內容"), required=False, widget=forms.Textarea({"rows": 4})
            ),
        }
        if bodies:
            own["leads"] = DutiesField(
                label=_("分工"),
                required=required,
                help_text=_("主辦、主辦／協辦，用簡稱。")
                if required
                else _("主辦、主辦／協辦，用簡稱；不填就和策略相同。"),
            )
        self.fields = own | self.fields


class SplitForm(ChangeForm):
    """Up to four parts; those without a name are left out. `text` is what is there to divide."""

    def __init__(self, *args, text: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        own: dict[str, forms.Field] = {}
        for number in range(1, PARTS + 1):
            own[f"name_{number}"] = forms.CharField(
                label=_("第%(number)s項的名稱") % {"number": number},
                max_length=200,
                required=number <= 2,
            )
            own[f"duties_{number}"] = DutiesField(
                label=_("第%(number)s項的分工") % {"number": number},
                required=False,
                help_text=_("不填就和原來相同。"),
            )
            own[f"text_{number}"] = LongTextField(
                label=_("第%(number)s項的內容") % {"number": number},
                required=False,
                initial=text if number == 1 else "",
                widget=forms.Textarea({"rows": 3}),
            )
        self.fields = own | self.fields

    @property
    def parts(self) -> list[Part]:
        given = self.cleaned_data
        return [
            Part(given[f"name_{n}"], given[f"text_{n}"], given[f"duties_{n}"])
            for n in range(1, PARTS + 1)
            if given[f"name_{n}"]
        ]


class MergeForm(ChangeForm):
    def __init__(self, *args, others: Iterable[Node], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {
            "measures": forms.TypedMultipleChoiceField(
                label=_("和哪些措施合併"),
                coerce=int,
                choices=[(row.pk, str(row)) for row in others],
                widget=forms.SelectMultiple({"size": 8}),
            ),
            "name": forms.CharField(label=_("合併後的名稱"), max_length=200),
            "text": LongTextField(
                label=_("合併後的內容"),
                required=False,
                help_text=_("不填就把原來各項的內容接在一起。"),
                widget=forms.Textarea({"rows": 4}),
            ),
            "leads": DutiesField(
                label=_("合併後的分工"),
                required=False,
                help_text=_("不填就由原來各項的部會一起承辦。"),
            ),
        } | self.fields


class MoveForm(ChangeForm):
    def __init__(self, *args, places: Sequence[Node], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {
            "under": forms.TypedChoiceField(
                label=_("移到"), coerce=int, choices=[(row.pk, str(row)) for row in places]
            )
        } | self.fields


class RenumberForm(ChangeForm):
    """The place of each sibling, 1 to n."""

    def __init__(self, *args, siblings: Sequence[Node], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.siblings = siblings
        self.fields = {
            f"place_{row.pk}": forms.IntegerField(
                label=str(row), min_value=1, max_value=len(siblings), initial=number
            )
            for number, row in enumerate(siblings, start=1)
        } | self.fields

    def clean(self) -> dict:
        given = super().clean()
        places = [given.get(f"place_{row.pk}") for row in self.siblings]
        if None not in places and len(set(places)) != len(places):
            raise forms.ValidationError(gettext("每個順序只用一次。"))
        return given

    @property
    def order(self) -> list[int]:
        return sorted(
            (row.pk for row in self.siblings), key=lambda pk: self.cleaned_data[f"place_{pk}"]
        )


class ReassignForm(ChangeForm):
    def __init__(self, *args, printed: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {
            "leads": DutiesField(
                label=_("分工"), initial=printed, help_text=_("主辦、主辦／協辦，用簡稱。")
            )
        } | self.fields


class ApproveForm(forms.Form):
    """What the superior's letter says, and what becomes of drafts of running years."""

    seen_edits = forms.IntegerField(widget=forms.HiddenInput)
    document_number = forms.CharField(label=_("核定文號"), max_length=60)
    on = RocDateField(label=_("生效日"), help_text=_("新的分工從這一天算起。"))
    running_year_rule = forms.ChoiceField(
        label=_("進行中年度還沒送出的報告"),
        choices=[
            (RunningYearRule.STAY, _("留在原版本，依原來的編號與名稱填完")),
            (
                RunningYearRule.FOLLOW,
                _("移到新版本的同一項措施；已分割、合併或終止的留在原版本，並列出來"),
            ),
        ],
        widget=forms.RadioSelect,
    )

    mark = ChangeForm.mark
