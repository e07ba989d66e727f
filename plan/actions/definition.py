"""What an indicator's definition has to hold to: its formula, its dimension, its letter."""

from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ministries.models import Lineage, Ministry
from plan import formula
from plan.enums import IndicatorKind
from plan.models import Indicator, Measure

MOST_PARTS = 30
LONGEST_PART = 40

Errors = dict[str, list[str]]


def siblings_of(measure: Measure, ministry: Ministry) -> QuerySet[Indicator]:
    """All indicators of the ministry, and of the bodies it came from, for the measure: what a
    formula may name. Under every version of the plan, so that letters stay theirs.
    """
    bodies = Lineage().line(ministry.pk, timezone.localdate())
    return Indicator.objects.filter(
        measure__lineage=measure.lineage, ministry__in={ministry.pk, *bodies}
    )


def next_ordinal(measure: Measure, ministry: Ministry) -> int:
    """The first number after those taken; call it under the measure's lock."""
    last = siblings_of(measure, ministry).aggregate(last=Max("ordinal"))["last"]
    return (last or 0) + 1


def check_definition(row: Indicator, errors: Errors) -> None:
    """Tidy formula, dimension and parts of the row, and say what can't be taken."""
    _check_parts(row, errors)
    if not row.formula:
        return
    if row.kind == IndicatorKind.YES_NO:
        errors["formula"] = [_("「是否」的指標不能用算式計算。")]
    elif row.parts or row.dimension:
        errors["formula"] = [_("計算指標由算式得出，不再分項。")]
    else:
        try:
            _check_formula(row)
        except formula.FormulaError as wrong:
            errors["formula"] = [str(wrong)]


def _check_formula(row: Indicator) -> None:
    if len(row.formula) > formula.LONGEST:
        raise formula.FormulaError(_("算式最多%(count)d個字。") % {"count": formula.LONGEST})
    asked = formula.names(formula.parse(row.formula))
    row.formula = formula.plain(row.formula)
    if not asked:
        raise formula.FormulaError(_("算式至少要用到一個指標代號；固定的數字不必計算。"))
    own = row.letter
    if own in asked:
        raise formula.FormulaError(_("算式不能用到自己（%(letter)s）。") % {"letter": own})
    others = {
        other.letter: other
        for other in siblings_of(row.measure, row.ministry).exclude(pk=row.pk).order_by("pk")
    }
    if unknown := sorted(asked - set(others)):
        raise formula.FormulaError(
            _("這項措施沒有代號%(letters)s的指標；可用的代號：%(known)s。")
            % {"letters": "、".join(unknown), "known": "、".join(sorted(others)) or "—"}
        )
    uses = {
        letter: formula.names(formula.parse(other.formula))
        for letter, other in others.items()
        if other.formula
    }
    if way := formula.circle({**uses, own: asked}):
        raise formula.FormulaError(
            _("算式互相用到對方，算不出來：%(way)s。") % {"way": " → ".join(way)}
        )


def _check_parts(row: Indicator, errors: Errors) -> None:
    given = row.parts if isinstance(row.parts, list) else []
    row.parts = [name for part in given if (name := str(part).strip())]
    if not row.dimension and not row.parts:
        return
    if row.kind == IndicatorKind.YES_NO:
        errors["dimension"] = [_("「是否」的指標不能分項。")]
    elif not row.dimension:
        errors["dimension"] = [_("寫下依什麼分項，例如性別、地區、領域。")]
    if len(row.parts) < 2:
        errors["parts"] = [_("分項至少兩項。")]
    elif len(row.parts) > MOST_PARTS:
        errors["parts"] = [_("分項最多%(count)d項。") % {"count": MOST_PARTS}]
    elif len(set(row.parts)) < len(row.parts):
        errors["parts"] = [_("分項的名稱不能重複。")]
    elif any(len(name) > LONGEST_PART for name in row.parts):
        errors["parts"] = [_("分項的名稱最多%(count)d個字。") % {"count": LONGEST_PART}]
