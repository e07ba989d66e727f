"""Datasets of published reviews, read from the frozen edition that was filed, and no live row."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from config.kit.roc import gregorian_year
from reports import attainment
from reports.models import Filing, Review
from reports.opendata.dataset import Column, Dataset, Kind, plan
from reports.queries.reviews import published_filings

WHEN_PUBLISHED = _("成果評估公布時")
_LISTS = (
    ("goal", "sub_goals"), ("sub_goal", "strategies"), ("strategy", "measures"), ("measure", ""),
)  # fmt: skip


def published() -> Iterator[tuple[Review, Filing]]:
    """Published reviews with the filing by which each is public, in the order of plans."""
    rows = list(Review.objects.published().select_related("plan").order_by("plan__slug", "pk"))
    filings = published_filings(rows)
    for review in rows:
        if review.pk in filings:
            yield review, filings[review.pk]


def nodes(head: dict) -> Iterator[tuple[str, str, str]]:
    """(level, code, name) of an edition's tree, the plan first, then as it is printed."""
    yield "plan", "", head["plan"]["name"]

    def below(rows: list[dict], depth: int) -> Iterator[tuple[str, str, str]]:
        level, inner = _LISTS[depth]
        for row in rows:
            yield level, row["code"], row["name"]
            if inner:
                yield from below(row[inner], depth + 1)

    yield from below(head["tree"], 0)


def _changed() -> date | None:
    return max((filing.published_on for _review, filing in published()), default=None)


def _years() -> tuple[int, int] | None:
    span = Review.objects.published().aggregate(first=Min("first_year"), last=Max("last_year"))
    return (span["first"], span["last"]) if span["first"] else None


_OF_REVIEW = (
    plan(""),
    Column("review", _("評估"), _("midterm期中、final期末、other專案。")),
    Column("first_year", _("起始年度"), _("民國年，含。"), Kind.INTEGER),
    Column("last_year", _("結束年度"), _("民國年，含。"), Kind.INTEGER),
    Column("first_year_gregorian", _("起始年度（西元）"), _("同一年的西元年。"), Kind.INTEGER),
    Column("last_year_gregorian", _("結束年度（西元）"), _("同一年的西元年。"), Kind.INTEGER),
    Column("edition", _("版次"), _("函送的那一版。"), Kind.INTEGER),
    Column("digest", _("摘要值"), _("這一版資料與規則的SHA-256，同值即同內容。")),
    Column("level", _("層次"),
           _("plan全計畫、goal目標、sub_goal子目標、strategy策略、measure措施。")),
    Column("code", _("編號"), _("該版所用的編號；全計畫空白。")),
    Column("name", _("名稱"), _("該版凍結的名稱。")),
)  # fmt: skip


def _of_review(review: Review, filing: Filing) -> tuple:
    edition = filing.edition
    span = (review.first_year, review.last_year)
    return (
        review.plan.slug, review.kind, *span, *map(gregorian_year, span), edition.number,
        edition.digest,
    )  # fmt: skip


# --- attainment -----------------------------------------------------------------------------------
def _attainment() -> Iterator[tuple]:
    for review, filing in published():
        edition, first = filing.edition, _of_review(review, filing)
        names = {band["key"]: band["name"] for band in edition.rules["bands"]}
        for level, code, name in nodes(edition.head):
            node = attainment.of(edition.standing, level, code)
            yield (
                *first, level, code, name, number(node["attainment"]), node["band"] or "",
                names.get(node["band"], ""), node["below"], node["known"], node["unknown"],
                node["excluded"], node.get("light") or "", node.get("completion"),
            )  # fmt: skip


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


ATTAINMENT = Dataset(
    "review-attainment",
    _("成果評估：達成度"),
    _("已公布的期中與期末成果評估，計畫樹每一節點的達成度，照函送的那一版凍結。"),
    (
        *_OF_REVIEW,
        Column("attainment", _("達成度"), _("四位小數；空白是未知，不是0。"), Kind.NUMBER, "%"),
        Column("band", _("等級代碼"), _("依該版的規則；未知空白。")),
        Column("band_name", _("等級"), _("依該版的規則；未知空白。")),
        Column("below", _("低於門檻"), _("是否低於該版規則的門檻。"), Kind.YES_NO),
        Column("known", _("已知措施數"), _("算得出達成度的措施。"), Kind.INTEGER, _("項")),
        Column("unknown", _("未知措施數"), _("缺資料，不計入平均。"), Kind.INTEGER, _("項")),
        Column("excluded", _("不計措施數"), _("終止或不適用，不計入平均。"), Kind.INTEGER, _("項")),
        Column("light", _("燈號"), _("措施最後一個適用年度的燈號；其他層次空白。")),
        Column("completion", _("累計完成度"), _("措施最後一個適用年度；其他層次空白。"),
               Kind.INTEGER, "%"),
    ),
    _attainment,
    WHEN_PUBLISHED,
    _changed,
    _years,
)  # fmt: skip


# --- conclusions ----------------------------------------------------------------------------------
def _conclusions() -> Iterator[tuple]:
    for review, filing in published():
        edition, first = filing.edition, _of_review(review, filing)
        names = {(level, code): name for level, code, name in nodes(edition.head)}
        for told in (edition.closing or {}).get("conclusions", ()):
            place = (told["level"], told["code"])
            for ordinal, paragraph in enumerate(told["paragraphs"], start=1):
                yield (*first, *place, names.get(place, ""), ordinal, paragraph["text"])


CONCLUSIONS = Dataset(
    "review-conclusions",
    _("成果評估：結論"),
    _("已公布的成果評估結論，一段一列，照函送的那一版凍結。"),
    (
        *_OF_REVIEW,
        Column("ordinal", _("段"), _("在這一節點結論裡的順序，從1起。"), Kind.INTEGER),
        Column("text", _("內容"), _("結論的文字。")),
    ),
    _conclusions,
    WHEN_PUBLISHED,
    _changed,
    _years,
)  # fmt: skip
