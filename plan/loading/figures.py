"""The steps of a loading run that are about figures: printed cells, and the series made of them."""

from django.utils import timezone

from plan.fixture_files.entry import FixtureError
from plan.fixture_files.facts import PlanFacts, SeriesFact
from plan.loading.bodies import Ministries
from plan.loading.ledger import Ledger
from plan.models import Plan, PrintedFigure, Series, SeriesValue

REASON = "載入的原文數字改了"
_AS_SAID = (
    "subject", "name", "name_en", "of", "basis", "status", "vintage", "special", "unit", "source",
    "source_url", "table", "page", "note",
)  # fmt: skip

Cells = dict[tuple[str, int, int], PrintedFigure]  # by table, row ordinal and column ordinal


def load_figures(facts: PlanFacts, plan: Plan, ministries: Ministries, ledger: Ledger) -> None:
    """Upsert the printed cells, the series and their values.

    A value that a person entered or corrected stays as it is, whatever the file says. One that was
    loaded and is printed otherwise now is replaced, and the old one kept.
    """
    if facts.figures is None:
        return
    cells = _load_cells(facts, plan, ministries, ledger)
    series = _load_series(facts, plan, ministries, ledger)
    _load_values(facts.series or (), series, cells, ledger)


def _load_cells(facts: PlanFacts, plan: Plan, ministries: Ministries, ledger: Ledger) -> Cells:
    place = ("table", "row_ordinal", "column_ordinal")
    return ledger.upsert(
        "原文數字",
        PrintedFigure,
        {tuple(getattr(row, name) for name in place): row for row in plan.printed_figures.all()},
        {
            (row.table, row.row_ordinal, row.column_ordinal): {
                "page": row.page,
                "row": row.row,
                "column": row.column,
                "year": row.year,
                "unit": row.unit,
                "printed": row.printed,
                "value": row.value,
                "ministry_id": ministries[row.ministry].pk if row.ministry else None,
            }
            for row in facts.figures
        },
        lambda key: {"plan": plan, **dict(zip(place, key, strict=True))},
        label=lambda key: f"表 {key[0]} 第 {key[1]} 列第 {key[2]} 欄",
        whole=facts.file,
    )


def _load_series(
    facts: PlanFacts, plan: Plan, ministries: Ministries, ledger: Ledger
) -> dict[str, Series]:
    facts_by_code = {one.code: one for one in facts.series or ()}
    loaded = {
        one.code: one
        for one in Series.objects.filter(values__printed__isnull=False, plan=plan).distinct()
    }
    taken = Series.objects.filter(code__in=facts_by_code).exclude(code__in=loaded)
    for code in taken.values_list("code", flat=True)[:1]:
        one = facts_by_code[code]
        raise FixtureError(one.file, one.place, f"數列代碼 {code} 已經是另一個登錄的數列")
    return ledger.upsert(
        "數列",
        Series,
        loaded,
        {
            one.code: {
                **{name: getattr(one, name) for name in _AS_SAID},
                "ministry_id": ministries[one.ministry].pk if one.ministry else None,
            }
            for one in facts_by_code.values()
        },
        lambda code: {"plan": plan, "code": code},
        whole=facts.file,
    )


def _load_values(
    facts: tuple[SeriesFact, ...], series: dict[str, Series], cells: Cells, ledger: Ledger
) -> None:
    rows = [row for row in series.values() if row.pk]
    current = {
        (row.series_id, row.year): row
        for row in SeriesValue.objects.current().filter(series__in=rows)
    }
    now, new, old = timezone.now(), [], []
    for one in facts:
        row = series[one.code]
        for year, place in one.cells.items():
            cell = cells[(one.table, *place)]
            before = current.get((row.pk, year))
            label = f"{one.code} {year}"
            if before is None:
                ledger.add("added", "數列的數值", label)
            elif before.printed_id is None or before.amount == cell.value:
                continue
            else:
                old.append(before.pk)
                said = (str(before.amount.normalize()), str(cell.value))
                ledger.add("changed", "數列的數值", label, "數值", *said)
            new.append(
                SeriesValue(
                    series=row,
                    year=year,
                    amount=cell.value,
                    printed=cell,
                    reason=REASON if before else "",
                    entered_by=ledger.by if isinstance(ledger.by, str) else ledger.by.email,
                    entered_at=now,
                )
            )
    SeriesValue.objects.filter(pk__in=old).update(replaced_at=now)
    SeriesValue.objects.bulk_create(new)
