"""What the paragraphs of a conclusion rest on: looked up, refused where it can't be cited, and what
of it the writer has still to look at after a newer edition.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from django.utils.translation import gettext as _

from config.kit.errors import Invalid
from reports.models import Citation, CitationFlag, Conclusion, Opinion, Paragraph
from reports.queries import synthesis

LONGEST = Paragraph._meta.get_field("text").max_length


@dataclass(slots=True)
class Cited:
    """What one paragraph rests on, as rows: line ids, opinion ids, conclusion ids."""

    lines: list[int]
    opinions: list[int]
    nodes: list[int]

    def all(self) -> list[tuple[str, int]]:
        return [
            *(("line", pk) for pk in self.lines),
            *(("opinion", pk) for pk in self.opinions),
            *(("node", pk) for pk in self.nodes),
        ]


def plain(text: str) -> str:
    """As stored: browsers send CR LF, and NUL can't be stored in PostgreSQL."""
    return text.replace("\r\n", "\n").replace("\0", "").strip()


def told(row: Conclusion) -> list[tuple[str, list[tuple[str, int, str]]]]:
    """Text and citations of each paragraph as they stand."""
    return [
        (paragraph.text, sorted((*target(one), one.flag) for one in paragraph.citations.all()))
        for paragraph in row.paragraphs.prefetch_related("citations")
    ]


def target(citation: Citation) -> tuple[str, int]:
    for kind in ("line", "opinion", "node"):
        if (pk := getattr(citation, f"{kind}_id")) is not None:
            return kind, pk
    raise ValueError("a citation of nothing")


def resolved(row: Conclusion, paragraphs: Sequence[Mapping]) -> list[Cited]:
    """Rows of what is cited; refuses with Invalid at the place of the paragraph."""
    if not paragraphs:
        raise Invalid({"paragraphs": [_("至少寫一段。")]})
    keys = {key for one in paragraphs for key in one.get("lines", ()) if "\0" not in key}
    line_ids = dict(row.edition.lines.filter(key__in=keys).values_list("key", "pk"))
    # A line that a newer edition no longer has stays cited until the writer has looked.
    line_ids |= {
        key: pk
        for key, pk in Citation.objects.filter(
            paragraph__conclusion=row, flag=CitationFlag.GONE, line__key__in=keys
        ).values_list("line__key", "line_id")
        if key not in line_ids
    }
    opinion_ids = set(
        Opinion.objects.submitted().filter(seat__review=row.review_id).values_list("pk", flat=True)
    )
    own = synthesis.branches(row.edition).get((row.level, row.code))
    beneath = {(one.level, one.code) for one in synthesis.walk(own)} if own else set()
    node_ids = {
        (level, code): pk
        for level, code, pk in Conclusion.objects.filter(review=row.review_id)
        .exclude(pk=row.pk)
        .values_list("level", "code", "pk")
        if (level, code) in beneath
    }
    gone = Citation.objects.filter(
        paragraph__conclusion=row, flag=CitationFlag.GONE, node__isnull=False
    ).select_related("node")
    node_ids |= {(one.node.level, one.node.code): one.node_id for one in gone}
    found, errors = [], {}
    for place, one in enumerate(paragraphs):
        said = []
        text = plain(one["text"])
        if not text:
            said.append(_("寫下這一段，或把它刪掉。"))
        if len(text) > LONGEST:
            said.append(_("一段最多%(count)d個字。") % {"count": LONGEST})
        wanted = dict.fromkeys(one.get("lines", ()))
        opinions = dict.fromkeys(one.get("opinions", ()))
        nodes = dict.fromkeys(map(tuple, one.get("nodes", ())))
        lacking = [key for key in wanted if key not in line_ids]
        lacking += [code for level, code in nodes if (level, code) not in node_ids]
        lacking += [str(pk) for pk in opinions if pk not in opinion_ids]
        if lacking:
            said.append(
                _("第%(edition)d版沒有%(lacking)s，不能引用。")
                % {
                    "edition": row.edition.number,
                    "lacking": _("、").join(f"「{key}」" for key in lacking),
                }
            )
        elif not (wanted or opinions or nodes or _says_nothing(row, beneath)):
            said.append(
                _("這一段沒有引用任何資料。勾選它所根據的報告、專家意見或下層結論，至少一項。")
            )
        if said:
            errors[f"paragraphs-{place}"] = said
        else:
            found.append(
                Cited(
                    [line_ids[key] for key in wanted],
                    list(opinions),
                    [node_ids[node] for node in nodes],
                )
            )
    if errors:
        raise Invalid(errors)
    return found


def _says_nothing(row: Conclusion, beneath: Set[synthesis.Node]) -> bool:
    """Whether the edition holds nothing that this conclusion could rest on: a measure that a
    revision began after the years of the review, and on which no expert spoke.
    """
    lines = row.edition.lines.filter(measure_code=row.code)
    if len(beneath) > 1 or lines.exists():
        return False
    opinions = Opinion.objects.submitted().filter(seat__review=row.review_id)
    return not opinions.filter(measure_code=row.code).exists()


def flags_left(
    row: Conclusion, paragraphs: Sequence[Mapping], cited: list[Cited]
) -> list[dict[tuple[str, int], str]]:
    """For each paragraph (kind, id) → flag of what is still to be looked at.

    Where the writer has looked, changed citations stand without a flag; vanished ones go, and one
    other must be left.
    """
    flagged = Citation.objects.filter(paragraph__conclusion=row).exclude(flag=CitationFlag.NONE)
    rows = list(flagged.select_related("paragraph"))
    found, errors = [], {}
    for place, (one, rests) in enumerate(zip(paragraphs, cited, strict=True)):
        was = one.get("was")
        own = {target(c): c.flag for c in rows if was is None or c.paragraph.ordinal == was}
        if one.get("seen"):
            gone = {target for target, flag in own.items() if flag == CitationFlag.GONE}
            rests.lines = [pk for pk in rests.lines if ("line", pk) not in gone]
            rests.nodes = [pk for pk in rests.nodes if ("node", pk) not in gone]
            own = {}
            if not rests.all():
                errors[f"paragraphs-{place}"] = [
                    _("這一段引用的資料在這一版都已不存在，改引用別的，或把這一段刪掉。")
                ]
        found.append(own)
    if errors:
        raise Invalid(errors)
    return found
