"""What people type in the room of experts: invitations, interests, assignment, opinions.

Permission is not asked here; the actions do that.
"""

from collections.abc import Sequence

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.kit.forms import LongTextField
from ministries.forms import PASSWORD_HINT, ActionForm
from ministries.models import Ministry
from reports.actions.opinions import LONGEST, LONGEST_REPLY, Draft
from reports.models import Opinion

CANNOT_JUDGE = "none"
SCORES = [
    ("5", _("5　很高")),
    ("4", _("4　高")),
    ("3", _("3　中等")),
    ("2", _("2　低")),
    ("1", _("1　很低")),
    (CANNOT_JUDGE, _("無法判斷")),
]


class InviteForm(ActionForm):
    name = forms.CharField(label=_("姓名"), max_length=80)
    email = forms.EmailField(label=_("電子郵件"), help_text=_("一次性的連結寄到這裡。"))
    affiliation = forms.CharField(
        label=_("任職機關（構）"),
        max_length=120,
        help_text=_("寫全名，例如「國立臺灣大學資訊工程學系」。"),
    )


class AffiliationForm(ActionForm):
    """Where the expert works; what the system compares with who leads a measure."""

    affiliation = forms.CharField(
        label=_("任職機關（構）"),
        max_length=120,
        help_text=_("全名。系統用它比對主辦與協辦部會，建議哪些項目要迴避。"),
    )
    ministry = forms.ModelChoiceField(
        Ministry.objects.none(),
        label=_("任職或隸屬的部會"),
        required=False,
        empty_label=_("不屬於部會"),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ministry"].queryset = Ministry.objects.on(timezone.localdate())


class JoinForm(AffiliationForm):
    """An existing account takes the seat."""


class NewExpertForm(AffiliationForm):
    """A new person makes an account and takes the seat."""

    name = forms.CharField(label=_("姓名"), max_length=80)
    password1 = forms.CharField(
        label=_("密碼"),
        strip=False,
        help_text=PASSWORD_HINT,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("再輸入一次密碼"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    field_order = ("name", "password1", "password2", "affiliation", "ministry")

    def clean(self) -> dict:
        given = super().clean()
        if given.get("password1") != given.get("password2"):
            self.add_error("password2", _("兩次輸入的密碼不一樣。"))
        return given


class DeclareForm(AffiliationForm):
    """A statement of interest: none, or which."""

    no_interest = forms.BooleanField(
        label=_("我和要評估的項目、主辦與協辦部會都沒有利害關係"), required=False
    )
    interests = LongTextField(
        label=_("利害關係說明"),
        required=False,
        max_length=2000,
        help_text=_("例如主持或參與過計畫、擔任過顧問或委員、親屬任職。沒有就勾選上面那一格。"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    field_order = ("affiliation", "ministry", "no_interest", "interests")


class AssignForm(ActionForm):
    """One expert, and a sub-goal or a measure. `scopes`: grouped choices of codes; `label`: what
    the plan calls these levels.
    """

    seat = forms.ChoiceField(label=_("專家"))
    scope = forms.ChoiceField()

    def __init__(self, *args, seats: Sequence, scopes: Sequence, label: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].label = label
        self.fields["seat"].choices = seats
        self.fields["scope"].choices = scopes


class ReasonForm(ActionForm):
    """A reason, for what is not done without one."""

    reason = forms.CharField(label=_("理由"), max_length=500)


class ReplyForm(ActionForm):
    text = LongTextField(
        label=_("部會回復"), max_length=LONGEST_REPLY, widget=forms.Textarea(attrs={"rows": 4})
    )


class OpinionForm(forms.Form):
    """Scores on the review's criteria and a text; all may stay open while it is a draft."""

    text = LongTextField(
        label=_("意見"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("為什麼這樣評分；哪裡做得好，哪裡要改。部會會讀到這一段。"),
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    edition = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, criteria: Sequence[dict], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for criterion in criteria:
            self.fields[name_of(criterion["key"])] = forms.ChoiceField(
                label=criterion["name"], required=False, choices=SCORES, widget=forms.RadioSelect
            )

    def scores(self) -> list[forms.BoundField]:
        return [self[name_of(criterion["key"])] for criterion in self.criteria]

    def draft(self) -> Draft:
        """What was typed, once it is valid."""
        given = self.cleaned_data
        chosen = {one["key"]: given[name_of(one["key"])] for one in self.criteria}
        return Draft(
            {
                key: None if score == CANNOT_JUDGE else int(score)
                for key, score in chosen.items()
                if score
            },
            given["text"],
            given["seen_version"],
            given["edition"],
        )

    def mark(self, errors: dict[str, list[str]]) -> None:
        """Sentences of an action at the fields that they are about."""
        for key, sentences in errors.items():
            name = key if key in self.fields else name_of(key)
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)


def name_of(criterion: str) -> str:
    return f"score_{criterion}"


def initial_of(opinion: Opinion | None, edition: int) -> dict:
    """What the form shows of an opinion, or of none yet."""
    if opinion is None:
        return {"seen_version": 0, "edition": edition}
    scores = {
        name_of(key): CANNOT_JUDGE if score is None else str(score)
        for key, score in opinion.scores.items()
    }
    return {
        **scores,
        "text": opinion.text,
        "seen_version": opinion.version,
        "edition": edition,
    }
