"""Datasets of what was done: accepted reports of released years, their indicators and money."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.db.models import Max, Min, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from config.kit.roc import gregorian_year
from plan.enums import AssignmentRole
from plan.models import Indicator, IndicatorTarget, Measure
from reports.opendata.dataset import (
    ROWS_AT_ONCE,
    Column,
    Dataset,
    Kind,
    day,
    measure,
    ministry,
    plan,
    year,
)
from reports.opendata.plans import NOBODY, last_told, public_versions
from tracking.enums import Status, YearState
from tracking.models import IndicatorValue, MoneyLine, ProgressReport, ReportingYear
from tracking.standing import lights_of_years

ON_RELEASE = _("每年公布時，與公布後的更正")


def public_reports() -> QuerySet[ProgressReport]:
    """Accepted ones of released years, as everybody may read them."""
    return ProgressReport.objects.visible_to(NOBODY).filter(status=Status.ACCEPTED)


def released() -> QuerySet[ReportingYear]:
    return ReportingYear.objects.filter(state=YearState.RELEASED)


def _released_years() -> tuple[int, int] | None:
    found = released().aggregate(first=Min("year"), last=Max("year"))
    return (found["first"], found["last"]) if found["first"] else None


def _changed() -> datetime | None:
    moments = (
        released().aggregate(at=Max("released_at"))["at"],
        public_reports().aggregate(at=Max("accepted_at"))["at"],
    )
    return max((at for at in moments if at), default=None)


# --- reports --------------------------------------------------------------------------------------
def _text(name: str, title: str, definition: str = "") -> Column:
    return Column(name, title, definition or _("部會填報的文字；沒有時空白。"))


REPORTS = Dataset(
    "reports",
    _("年度執行情形"),
    _("已公布年度裡已接受的報告，一個部會對一項措施一年一列。沒有接受的報告不在這裡。"),
    (
        plan("reporting_year__plan__slug"),
        *year("reporting_year__year"),
        *measure("measure"),
        Column("ministry", _("部會代碼"), _("填報當時的部會。"), of="ministry__code"),
        Column("ministry_name", _("部會"), _("填報當時的全名；後來更名不改。")),
        Column("role", _("角色"), _("lead主辦、partner協辦。")),
        Column("coordinating", _("統籌主辦"), _("是否為第1個主辦。"), Kind.YES_NO),
        Column("nothing_to_report", _("無事項"), _("本年度沒有應填報的事項。"), Kind.YES_NO),
        _text("nothing_reason", _("無事項理由")),
        Column("light", _("燈號"),
               _("far_behind嚴重落後、behind落後、on_track符合、ahead超前、done已完成、"
                 "not_due未到期、stopped終止；無事項與協辦可空白。")),
        Column("completion", _("累計完成度"), _("部會自評，到該年年底。"), Kind.INTEGER, "%"),
        Column("completed_on", _("完成日期"), _("完成度100時才有。"), Kind.DATE),
        _text("work_done", _("執行情形")),
        _text("benefit", _("效益")),
        Column("cause", _("落後主因"),
               _("procurement採購、site場域、regulation法規、staff人力、budget經費、"
                 "coordination協調、technology技術、epidemic疫情、other其他；未落後空白。")),
        _text("sub_cause", _("細因")),
        _text("obstacle", _("落後原因")),
        _text("response", _("因應對策")),
        _text("others_must_act", _("需要配合的機關")),
        Column("catch_up_on", _("預計趕上日期"), _("落後時才有。"), Kind.DATE),
        _text("next_steps", _("後續精進策略")),
        day("filed_on", _("送出日"), _("部會窗口核可並送國科會的日子。"), "filed_at"),
        Column("late", _("逾期送出"), _("第一次送出是否晚於截止日。"), Kind.YES_NO),
        day("accepted_on", _("接受日"), _("國科會接受的日子。"), "accepted_at"),
    ),
    lambda: public_reports().order_by(
        "reporting_year__plan__slug", "reporting_year__year", "measure__position", "role",
        "ministry__code", "pk",
    ),
    ON_RELEASE,
    _changed,
    _released_years,
)  # fmt: skip

MONEY = Dataset(
    "money",
    _("經費"),
    _("已公布報告所填的經費，一個經費來源一列。"),
    (
        plan("report__reporting_year__plan__slug"),
        *year("report__reporting_year__year"),
        *measure("report__measure"),
        *ministry("report__ministry"),
        Column("source", _("經費來源"), _("部會所填的名稱。")),
        Column("allocated_thousand", _("分配數"), _("當年分配的經費。"), Kind.INTEGER, _("千元")),
        Column("spent_thousand", _("支用數"), _("當年支用的經費；空白是不知道，不是0。"),
               Kind.INTEGER, _("千元")),
        Column("note", _("說明"), _("部會填報的文字；沒有時空白。")),
    ),
    lambda: MoneyLine.objects.filter(report__in=public_reports()).order_by(
        "report__reporting_year__plan__slug", "report__reporting_year__year",
        "report__measure__position", "report__role", "report__ministry__code", "report_id",
        "ordinal",
    ),
    ON_RELEASE,
    _changed,
    _released_years,
)  # fmt: skip


# --- indicators -----------------------------------------------------------------------------------
def _targets() -> QuerySet[IndicatorTarget]:
    approved = Indicator.objects.visible_to(NOBODY)
    reported = IndicatorValue.objects.filter(
        indicator=OuterRef("indicator"),
        report__reporting_year__year=OuterRef("year"),
        report__in=public_reports(),
    ).order_by("-report__measure__version__number", "pk")
    return (
        IndicatorTarget.objects.filter(
            indicator__in=approved, indicator__measure__version__in=public_versions()
        )
        .annotate(
            actual=Subquery(reported.values("actual")[:1]),
            actual_note=Subquery(reported.values("note")[:1]),
        )
        .order_by(
            "indicator__measure__version__plan__slug", "indicator__measure__position",
            "indicator__ministry__code", "indicator__ordinal", "indicator_id", "year",
        )
    )  # fmt: skip


def _indicator_years() -> tuple[int, int] | None:
    found = IndicatorTarget.objects.filter(indicator__in=Indicator.objects.visible_to(NOBODY))
    span = found.aggregate(first=Min("year"), last=Max("year"))
    return (span["first"], span["last"]) if span["first"] else None


INDICATORS = Dataset(
    "indicators",
    _("指標、目標與實績"),
    _("已核定指標的年度目標，一年一列；實績只有已公布的年度才有。"),
    (
        plan("indicator__measure__version__plan__slug"),
        *measure("indicator__measure"),
        *ministry("indicator__ministry"),
        Column("indicator", _("指標名稱"), _("部會提出、國科會核定的名稱。"), of="indicator__name"),
        Column("unit", _("單位"), _("目標與實績的單位。"), of="indicator__unit"),
        Column("kind", _("類型"), _("quantity數量、count件數、ratio比率、yes_no是否（1是、0否）。"),
               of="indicator__kind"),
        Column("accumulation", _("計算方式"), _("yearly當年值、cumulative累計值。"),
               of="indicator__accumulation"),
        Column("direction", _("方向"),
               _("higher越高越好、lower越低越好、within維持在範圍內。"), of="indicator__direction"),
        *year("year", _("年度")),
        Column("target", _("目標值"), _("維持在範圍內的指標空白。"), Kind.NUMBER, of="value"),
        Column("low", _("下限"), _("只有維持在範圍內的指標才有。"), Kind.NUMBER),
        Column("high", _("上限"), _("只有維持在範圍內的指標才有。"), Kind.NUMBER),
        Column("actual", _("實績"), _("空白是還沒有公布或不知道，不是0。"), Kind.NUMBER),
        Column("note", _("說明"), _("部會對實績的說明。"), of="actual_note"),
        Column("formula", _("算式"),
               _("計算指標才有；字母是同一部會在這項措施的第幾個指標，A是第1個。"),
               of="indicator__formula"),
        Column("dimension", _("分項依據"), _("分項填報時才有；各分項在「指標分項實績」。"),
               of="indicator__dimension"),
    ),
    _targets,
    _("核定指標與每年公布時"),
    lambda: max(filter(None, (_changed(), last_told("indicator."))), default=None),
    _indicator_years,
)  # fmt: skip


def _parts() -> Iterator[tuple]:
    """In the order of the indicators, year after year, parts as the definition lists them."""
    rows = (
        IndicatorValue.objects.filter(
            report__in=public_reports(), indicator__in=Indicator.objects.visible_to(NOBODY)
        )
        .exclude(parts={})
        .order_by(
            "report__reporting_year__plan__slug", "report__measure__position",
            "indicator__ministry__code", "indicator__ordinal", "indicator_id",
            "report__reporting_year__year", "pk",
        )
    )  # fmt: skip
    for *who, names, indicator, unit, dimension, year_of, parts in rows.values_list(
        "report__reporting_year__plan__slug", "report__measure__code", "report__measure__name",
        "indicator__ministry__code", "indicator__ministry__short_name", "indicator__parts",
        "indicator__name", "indicator__unit", "indicator__dimension",
        "report__reporting_year__year", "parts",
    ).iterator(chunk_size=ROWS_AT_ONCE):  # fmt: skip
        for name in names:
            number = None if parts.get(name) is None else Decimal(parts[name])
            yield (
                *who, indicator, unit, dimension, name, year_of, gregorian_year(year_of), number,
            )  # fmt: skip


INDICATOR_PARTS = Dataset(
    "indicator-parts",
    _("指標分項實績"),
    _("已公布報告裡分項填報的實績（例如依性別、地區），一個分項一年一列。"),
    (
        plan(""),
        *measure("measure"),
        *ministry("ministry"),
        Column("indicator", _("指標名稱"), _("部會提出、國科會核定的名稱。")),
        Column("unit", _("單位"), _("實績的單位。")),
        Column("dimension", _("分項依據"), _("例如性別、地區、領域。")),
        Column("part", _("分項"), _("數量與件數的各分項加總等於實績；比率不必。")),
        *year("year", _("年度")),
        Column("actual", _("實績"), _("空白是不知道，不是0。"), Kind.NUMBER),
    ),
    _parts,
    ON_RELEASE,
    _changed,
    _released_years,
)  # fmt: skip


# --- lights ---------------------------------------------------------------------------------------
def _lights() -> Iterator[tuple]:
    """Plan after plan, year after year, in the order of the tree."""
    for year_row in released().select_related("plan").order_by("plan__slug", "year"):
        found = lights_of_years([year_row], NOBODY)[year_row.pk]
        rows = Measure.objects.filter(reports__reporting_year=year_row).distinct()
        for code, name, lineage in rows.order_by("position").values_list("code", "name", "lineage"):
            if (light := found.get(lineage)) is not None:
                yield (
                    year_row.plan.slug, year_row.year, gregorian_year(year_row.year), code, name,
                    light.shown, light.computed, light.set_to, light.reason, light.completion,
                )  # fmt: skip


def _lights_size() -> int:
    rows = ProgressReport.objects.filter(reporting_year__in=released(), role=AssignmentRole.LEAD)
    return rows.order_by().values("reporting_year", "measure").distinct().count()


LIGHTS = Dataset(
    "measure-lights",
    _("措施燈號"),
    _("每項措施在已公布年度的燈號：各主辦部會已接受的報告裡最差的；審查人另行審定時兩者並列。"),
    (
        plan(""),
        *year("year"),
        *measure("measure"),
        Column("light", _("燈號"),
               _("作準的燈號；incomplete缺一個以上的主辦、unknown沒有主辦的報告。")),
        Column("light_computed", _("計算的燈號"), _("由主辦的報告得出，未經審定。")),
        Column("light_set", _("審定的燈號"), _("審查人另行審定時才有。")),
        Column("reason", _("審定理由"), _("審查人另行審定時才有。")),
        Column("completion", _("累計完成度"), _("統籌主辦所報。"), Kind.INTEGER, "%"),
    ),
    _lights,
    ON_RELEASE,
    lambda: max(filter(None, (_changed(), last_told("light."))), default=None),
    _released_years,
    _lights_size,
)  # fmt: skip
