"""Datasets of money and GDP: the plan's printed tables, and the series of figures."""

from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from plan.models import PrintedFigure, SeriesValue
from reports.opendata.dataset import Column, Dataset, Kind, plan, year
from reports.opendata.plans import last_told, public_plans


def _span(model) -> tuple[int, int] | None:
    span = model.objects.aggregate(first=Min("year"), last=Max("year"))
    return (span["first"], span["last"]) if span["first"] else None


PRINTED = Dataset(
    "printed-figures",
    _("計畫所印的數字"),
    _("計畫各表與各圖所印的數字，一格一列，照印不改；兜不攏的也照印。"),
    (
        plan("plan__slug"),
        Column("table", _("表"), _("表、圖或章的號碼，例如8、圖3、柒。")),
        Column("page", _("頁碼"), _("計畫所印的頁碼。"), Kind.INTEGER),
        Column("row", _("列"), _("所印的列名。")),
        Column("column", _("欄"), _("所印的欄名。")),
        *year("year", _("年度")),
        Column("ministry", _("部會代碼"), _("這一格屬於某部會時才有。"), of="ministry__code"),
        Column("unit", _("單位"), _("數值的單位。")),
        Column("printed", _("所印"), _("照印的字。")),
        Column("value", _("數值"), _("所印的數；沒有印數字時空白。"), Kind.NUMBER),
    ),
    lambda: PrintedFigure.objects.filter(plan__in=public_plans()).order_by(
        "plan__slug", "table", "row_ordinal", "column_ordinal", "pk"
    ),
    _("計畫載入時"),
    lambda: last_told("plan.load"),
    lambda: _span(PrintedFigure),
)  # fmt: skip

SERIES = Dataset(
    "figures",
    _("預算、GDP與研發經費"),
    _("科技預算、GDP與研發經費的數列。基礎、發布日期或範圍不同的是不同的數列，不可混用。"),
    (
        plan("series__plan__slug"),
        Column("series", _("數列代碼"), _("一種算法、一個來源一個代碼。"), of="series__code"),
        Column("subject", _("主題"),
               _("budget政府科技預算、gdp、gerd全國研發經費、government_rd政府出資研發經費；"
                 "budget_ratio與gerd_ratio是前兩者各占GDP的比率；other其他。"),
               of="series__subject"),
        Column("name", _("名稱"), _("數列的名稱。"), of="series__name"),
        Column("of", _("範圍"), _("國家或部門；空白是全國。"), of="series__of"),
        Column("ministry", _("部會代碼"), _("屬於某部會時才有，依當時的名稱。"),
               of="series__ministry__code"),
        Column("basis", _("預算基礎"),
               _("planned規劃、approved核定、draft預算案、statutory法定、supplementary追加、"
                 "settled決算；不是預算時空白。"), of="series__basis"),
        Column("status", _("GDP狀態"),
               _("forecast預測、advance概估、preliminary初步、revised修正；不是GDP時空白。"),
               of="series__status"),
        Column("vintage", _("發布日期"), _("GDP的發布日期，或預算的日期。"), Kind.DATE,
               of="series__vintage"),
        Column("special", _("前瞻特別預算"), _("included含、excluded不含、unknown未載明。"),
               of="series__special"),
        *year("year", _("年度")),
        Column("amount", _("數值"), _("目前的數值；更正前的不在這裡。"), Kind.NUMBER),
        Column("unit", _("單位"), _("數值的單位。"), of="series__unit"),
        Column("source", _("來源"), _("數列的來源。"), of="series__source"),
        Column("source_url", _("來源網址"), _("沒有時空白。"), of="series__source_url"),
        Column("table", _("表"), _("計畫所印的表；後來登錄的空白。"), of="series__table"),
        Column("page", _("頁碼"), _("計畫所印的頁碼。"), Kind.INTEGER, of="series__page"),
        Column("note", _("附註"), _("數列的附註。"), of="series__note"),
    ),
    lambda: SeriesValue.objects.current()
    .filter(series__plan__in=public_plans())
    .order_by("series__plan__slug", "series__code", "year", "pk"),
    _("登錄或更正時"),
    lambda: SeriesValue.objects.aggregate(at=Max("entered_at"))["at"],
    lambda: _span(SeriesValue),
)  # fmt: skip
