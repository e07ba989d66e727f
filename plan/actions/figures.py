"""The verbs of figures: add a series, enter a year's value, correct it, import many at once.

A value that is replaced stays, with the reason and who replaced it. Errors of Invalid are at the
field's name; those of an import at `ROW.FIELD`, where ROW is what its file calls it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, StaleVersion
from ministries import audit
from ministries.models import User
from plan import rules
from plan.enums import SeriesSubject
from plan.models import Plan, Series, SeriesValue

FIELDS = (
    "code", "subject", "name", "name_en", "of", "ministry", "basis", "status", "vintage",
    "special", "unit", "source", "source_url", "note",
)  # fmt: skip
SHORTEST_REASON, LONGEST_REASON = 10, 500
LAST_YEAR = 200  # ROC
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?", re.ASCII)
PLACES, BELOW = Decimal("0.0001"), Decimal(10) ** 16
# Addresses that stand where a series' code does.
_RESERVED = ("new", "import", "mismatches")
_WANTED = {
    SeriesSubject.BUDGET: ("basis", "special", "vintage"),
    SeriesSubject.BUDGET_RATIO: ("basis", "special", "vintage"),
    SeriesSubject.GDP: ("status", "vintage"),
}


@dataclass(frozen=True)
class Row:
    """One value of an import. `at` is its row in the file, for whoever mends it."""

    at: int
    series: Series
    year: int
    amount: Decimal
    dated: date | None = None
    source: str = ""
    note: str = ""
    reason: str = ""


@transaction.atomic
def add_series(plan: Plan, *, by: User, **fields: Any) -> Series:
    """A series without values yet. Budgets must say their basis, their date and whether 前瞻 is
    in; GDP its status and release date: else they could not be told from others.
    """
    rules.may_keep_figures(by).enforce()
    row = Series(plan=plan, **{name: fields[name] for name in FIELDS if name in fields})
    errors: dict[str, list[str]] = {}
    for name in _WANTED.get(row.subject, ()):
        if not getattr(row, name):
            errors[name] = [_("這個主題要寫明這一項，才分得出是哪一種數字。")]
    if row.code in _RESERVED:
        errors["code"] = [_("這個代碼留給網頁使用，請換一個。")]
    try:
        row.full_clean()
    except ValidationError as error:
        errors = error.message_dict | errors
    if errors:
        raise Invalid(errors)
    row.save()
    told = {name: getattr(row, name) for name in FIELDS if name != "ministry"}
    audit.record("series.add", row, by=by, ministry=row.ministry, after=told)
    return row


@transaction.atomic
def enter(
    series: Series,
    year: int,
    amount: Decimal,
    *,
    by: User,
    dated: date | None = None,
    source: str = "",
    note: str = "",
) -> SeriesValue:
    """The value of a year that has none yet; where it has one, it is corrected instead."""
    rules.may_keep_figures(by).enforce()
    row = SeriesValue(
        series=series, year=year, dated=dated, source=source, note=note, entered_by=by.email,
        amount=_amount(amount),
    )  # fmt: skip
    if SeriesValue.objects.current().filter(series=series, year=year).exists():
        raise Invalid(
            {"year": [_("%(year)s年已經有數值；請用更正，舊的值會留著。") % {"year": year}]}
        )
    _save(row)
    audit.record("series.enter", series, by=by, ministry=series.ministry, after=_told(row))
    return row


@transaction.atomic
def correct(
    value: SeriesValue,
    amount: Decimal,
    reason: str,
    *,
    by: User,
    dated: date | None = None,
    source: str = "",
    note: str = "",
) -> SeriesValue:
    """Put another amount in the place of a current one, which stays as it was.

    Refuses a reason that says nothing, an amount that is the same, and a value that somebody else
    replaced meanwhile (StaleVersion, with the current one).
    """
    rules.may_keep_figures(by).enforce()
    old = SeriesValue.objects.select_for_update(of=("self",)).get(pk=value.pk)
    if old.replaced_at is not None:
        current = SeriesValue.objects.current().filter(series=old.series_id, year=old.year).first()
        raise StaleVersion(_("這個數值剛剛被別人更正了，請看新的值再決定。"), current)
    row = SeriesValue(
        series=old.series, year=old.year, dated=dated, source=source, note=note,
        entered_by=by.email, amount=_amount(amount), reason=_reason(reason),
    )  # fmt: skip
    if row.amount == old.amount:
        raise Invalid({"amount": [_("和現在的值一樣，沒有更正什麼。")]})
    _replace(old, row)
    audit.record(
        "series.correct", old.series, by=by, ministry=old.series.ministry,
        before=_told(old), after=_told(row),
    )  # fmt: skip
    return row


@transaction.atomic
def import_values(rows: Sequence[Row], *, by: User) -> list[SeriesValue]:
    """Enter and correct all rows or none; rows that say what stands there already are left out.

    A row that replaces a value needs a reason. Every value written is audited by itself.
    """
    rules.may_keep_figures(by).enforce()
    errors: dict[str, list[str]] = {}
    written = []
    with transaction.atomic():
        for row, old in compared(rows, lock=True):
            if old is not None and old.amount == row.amount:
                continue
            said = {"dated": row.dated, "source": row.source, "note": row.note, "by": by}
            try:
                if old is None:
                    written.append(enter(row.series, row.year, row.amount, **said))
                else:
                    written.append(correct(old, row.amount, row.reason, **said))
            except Invalid as refusal:
                for name, sentences in refusal.errors.items():
                    errors.setdefault(f"{row.at}.{name}", []).extend(sentences)
        if errors:
            raise Invalid(errors)
    return written


def compared(rows: Sequence[Row], *, lock: bool = False) -> list[tuple[Row, SeriesValue | None]]:
    """Each row with the current value of its series and year. One query."""
    values = SeriesValue.objects.current().filter(series__in={row.series.pk for row in rows})
    if lock:
        values = values.select_for_update(of=("self",))
    current = {(value.series_id, value.year): value for value in values}
    return [(row, current.get((row.series.pk, row.year))) for row in rows]


def problems(row: Row, old: SeriesValue | None) -> dict[str, list[str]]:
    """Why a row of an import would be refused, by field; empty where it would not."""
    try:
        if old is not None:
            _reason(row.reason)
        _check(
            SeriesValue(
                series=row.series, year=row.year, amount=row.amount, dated=row.dated,
                source=row.source, note=row.note, reason=row.reason, entered_by="-",
            )
        )  # fmt: skip
    except Invalid as refusal:
        return refusal.errors
    return {}


def read_amount(text: str) -> Decimal:
    """A number as people write it: 1,307, １３０７, 0.64, −2. Raises Invalid, at `amount`.

    Refused: signs of any kind (%, 億), commas that part no thousands, more than four decimals.
    """
    bare = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
    if not _NUMBER.fullmatch(bare):
        raise Invalid(
            {"amount": [_("「%(text)s」不是數字；只填數字，不要單位。") % {"text": text}]}
        )
    return _amount(Decimal(bare.replace(",", "")))


def _amount(value: Decimal) -> Decimal:
    """As it is stored. Nothing is rounded on the way in."""
    if not value.is_finite() or abs(value) >= BELOW:
        raise Invalid({"amount": [_("數字太大，請再看一次單位。")]})
    stored = value.quantize(PLACES)
    if stored != value:
        raise Invalid({"amount": [_("最多四位小數。")]})
    return stored


def _reason(text: str) -> str:
    text = text.strip()
    if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
        raise Invalid(
            {
                "reason": [
                    _("寫下更正的理由，%(least)d到%(most)d個字。")
                    % {"least": SHORTEST_REASON, "most": LONGEST_REASON}
                ]
            }
        )
    return text


def _replace(old: SeriesValue, row: SeriesValue) -> None:
    """The old value makes room and is kept."""
    old.replaced_at = timezone.now()
    old.save(update_fields=["replaced_at"])
    _save(row)


def _check(row: SeriesValue) -> None:
    if not 1 <= row.year <= LAST_YEAR:
        raise Invalid({"year": [_("填民國年，1到%(last)d。") % {"last": LAST_YEAR}]})
    try:
        row.clean_fields(exclude=["series"])
    except ValidationError as error:
        raise Invalid(error.message_dict) from None


def _save(row: SeriesValue) -> None:
    _check(row)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Two people at once: the other one's value stands.
        taken = _("%(year)s年剛剛有人填了數值，請看新的值再決定。") % {"year": row.year}
        raise Invalid({"year": [taken]}) from None


def _told(row: SeriesValue) -> dict[str, Any]:
    names = ("year", "amount", "dated", "source", "note", "reason")
    return {name: getattr(row, name) for name in names}
