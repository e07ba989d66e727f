"""Forms of a review: begin it, its dates and criteria, its rules in two steps, its filing."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kit.forms import LongTextField, RocDateField, WholeNumberField
from plan.models import Plan
from reports.calculation import default_rules
from reports.enums import FilingStep, ReviewKind
from reports.models import Review
from tracking.enums import Light

BANDS = 6
BLANK_WEIGHTS = 3
CRITERIA = 8


class MarkedForm(forms.Form):
    """`mark` shows what the action found, each sentence at its field."""

    def mark(self, errors: Mapping[str, list[str]]) -> None:
        for name, sentences in errors.items():
            self.add_error(name if name in self.fields else None, sentences)


class SeenForm(MarkedForm):
    """`seen_version` is the review that the person had before their eyes."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)


class NoteForm(SeenForm):
    note = LongTextField(
        label=_("理由"), required=False, max_length=500, widget=forms.Textarea({"rows": 3})
    )


def usual_years(plan: Plan, kind: str) -> tuple[int, int] | None:
    """First and last ROC year of a review of this kind: half of the plan's years, or all of them;
    None for one whose years are to be said.
    """
    halfway = plan.start_year + (plan.end_year - plan.start_year) // 2
    last = {ReviewKind.MIDTERM: halfway, ReviewKind.FINAL: plan.end_year}.get(kind)
    return (plan.start_year, last) if last else None


class CreateForm(MarkedForm):
    """Years that are left blank are the usual ones of the plan and the kind."""

    plan = forms.ModelChoiceField(label=_("計畫"), queryset=Plan.objects.none(), empty_label=None)
    kind = forms.ChoiceField(label=_("種類"), choices=ReviewKind.choices)
    title = forms.CharField(label=_("名稱"), max_length=120)
    first_year = WholeNumberField(
        label=_("起始年度（民國）"),
        min_value=1,
        max_value=999,
        required=False,
        help_text=_("空著就依種類：期中是前一半的年度，期末是全部。"),
    )
    last_year = WholeNumberField(
        label=_("結束年度（民國）"), min_value=1, max_value=999, required=False
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan"].queryset = Plan.objects.order_by("-start_year", "slug")

    def usual(self) -> dict[str, tuple[int, int]]:
        """`plan id:kind` → its usual years, for the page to fill in as they are chosen."""
        return {
            f"{plan.pk}:{kind}": years
            for plan in self.fields["plan"].queryset
            for kind in ReviewKind.values
            if (years := usual_years(plan, kind))
        }

    def clean(self) -> dict:
        given = super().clean()
        plan, kind = given.get("plan"), given.get("kind")
        usual = usual_years(plan, kind) if plan and kind else None
        for place, name in enumerate(("first_year", "last_year")):
            if name in given and given[name] is None:
                if usual:
                    given[name] = usual[place]
                elif plan and kind:
                    self.add_error(name, _("這種評估要填年度。"))
        return given


class SettingsForm(SeenForm):
    """Criteria come as pairs of name and key; a row without a name is left out."""

    title = forms.CharField(label=_("名稱"), max_length=120)
    opinions_due_on = RocDateField(label=_("專家意見期限"), required=False)
    comments_due_on = RocDateField(label=_("部會意見期限"), required=False)
    opinions_open_before = forms.BooleanField(
        label=_("專家送出自己的意見以前，就可以看別人已送出的意見"), required=False
    )

    def __init__(self, *args, criteria: list[dict], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.slots = min(max(CRITERIA, len(criteria) + 1), 20)
        self.known = [one["key"] for one in criteria]
        for place in range(self.slots):
            self.fields[f"criterion_{place}"] = forms.CharField(
                label=_("評估準則%(n)d") % {"n": place + 1},
                max_length=60,
                required=False,
                initial=criteria[place]["name"] if place < len(criteria) else "",
            )

    @property
    def criteria(self) -> list[dict]:
        """As they were typed: the key of its place, or a new one."""
        found, used = [], set(self.known)
        for place in range(self.slots):
            name = self.cleaned_data[f"criterion_{place}"].strip()
            if place < len(self.known):
                key = self.known[place]
            else:
                key = next(f"own_{n}" for n in range(1, 99) if f"own_{n}" not in used)
            if name:
                used.add(key)
                found.append({"key": key, "name": name})
        return found


class RulesForm(SeenForm):
    """The rules as boxes. Whether they make sense says `reports.calculation`."""

    threshold = forms.CharField(
        label=_("門檻（%）"), max_length=8, help_text=_("低於門檻的項目提跨部會協調會議。")
    )

    def __init__(self, *args, rules: Mapping, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["threshold"].initial = rules["threshold"]
        self.lights = list(default_rules()["light_points"])
        for light in self.lights:
            self._text(f"light_{light}", Light(light).label, 8, rules["light_points"].get(light))
        bands = [*rules["bands"], *[{}] * BANDS][:BANDS]
        self.keys = [band.get("key") or f"band_{place}" for place, band in enumerate(bands)]
        for place, band in enumerate(bands):
            number = {"n": place + 1}
            self._text(f"band_name_{place}", _("第%(n)d級的名稱") % number, 60, band.get("name"))
            self._text(f"band_from_{place}", _("第%(n)d級的下限") % number, 8, band.get("from"))
        weights = list(rules["weights"].items())
        self.rows = range(len(weights) + BLANK_WEIGHTS)
        for place in self.rows:
            code, entry = weights[place] if place < len(weights) else ("", {})
            number = {"n": place + 1}
            self._text(f"code_{place}", _("第%(n)d列的編號") % number, 20, code)
            self._text(f"weight_{place}", _("第%(n)d列的權重") % number, 9, entry.get("weight"))
            self._text(f"reason_{place}", _("第%(n)d列的理由") % number, 200, entry.get("reason"))
        self.fields["reason"] = LongTextField(
            label=_("這次變更的理由"), max_length=500, widget=forms.Textarea({"rows": 3})
        )

    def _text(self, name: str, label: object, longest: int, initial: str | None) -> None:
        self.fields[name] = forms.CharField(
            label=label,
            max_length=longest,
            required=False,
            initial=initial or "",
            widget=forms.TextInput({"aria-label": label}),
        )

    def clean(self) -> dict:
        codes = [self.cleaned_data.get(f"code_{place}", "").strip() for place in self.rows]
        named = [code for code in codes if code]
        if len(set(named)) < len(named):
            raise forms.ValidationError(gettext("同一個編號只能有一個權重。"))
        return self.cleaned_data

    @property
    def given(self) -> dict:
        """In the shape of the rules, as typed."""
        told = self.cleaned_data
        return {
            "threshold": told["threshold"],
            "light_points": {light: told[f"light_{light}"] for light in self.lights},
            "bands": [
                {"key": key, "name": told[f"band_name_{n}"], "from": told[f"band_from_{n}"]}
                for n, key in enumerate(self.keys)
            ],
            "weights": {
                told[f"code_{n}"].strip(): {
                    "weight": told[f"weight_{n}"],
                    "reason": told[f"reason_{n}"],
                }
                for n in self.rows
                if told[f"code_{n}"].strip()
            },
        }

    @property
    def light_rows(self) -> list:
        return [(light, self[f"light_{light}"]) for light in self.lights]

    @property
    def band_rows(self) -> list:
        return [(self[f"band_name_{n}"], self[f"band_from_{n}"]) for n in range(BANDS)]

    @property
    def weight_rows(self) -> list:
        return [(self[f"code_{n}"], self[f"weight_{n}"], self[f"reason_{n}"]) for n in self.rows]


# --- filing ---------------------------------------------------------------------------------------
class FileForm(SeenForm):
    step = forms.ChoiceField(label=_("性質"), choices=FilingStep.choices, widget=forms.RadioSelect)
    document_number = forms.CharField(label=_("發文字號"), max_length=60)
    on = RocDateField(label=_("發文日期"))
    addressee = forms.CharField(label=_("受文者"), max_length=80)


class AcknowledgeForm(MarkedForm):
    number = forms.CharField(label=_("復文字號"), max_length=60)
    on = RocDateField(label=_("復文日期"))


class PublishForm(SeenForm):
    on = RocDateField(label=_("公布日期"), help_text=_("可以是以後的日期，到了那一天才公開。"))


class WithdrawForm(SeenForm):
    reason = LongTextField(label=_("撤回理由"), max_length=500, widget=forms.Textarea({"rows": 3}))


def initial_of(review: Review) -> dict:
    """What the settings form starts with."""
    return {
        "seen_version": review.version,
        "title": review.title,
        "opinions_due_on": review.opinions_due_on,
        "comments_due_on": review.comments_due_on,
        "opinions_open_before": review.opinions_open_before,
    }
