"""First words of every conclusion, proposed from an edition: pure, from frozen data to paragraphs.

A measure gets its numbers, year by year its leads' own words of what was done, what held it up and
what was done about that (in 「」, cut at the end of a sentence), the gaps, and the experts' mean
scores. What is above gets its standing with the counts of its parts, its weakest measures and its
money; the plan's summary also the budget path. Each paragraph carries what it rests on: keys of
lines, ids of opinions, or nodes beneath with their numbers.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from reports import attainment
from reports.documents.content import words
from reports.documents.content.material import Branch, Line, Material, measures_of
from reports.documents.content.numbers import filing_state
from reports.documents.content.words import quotation

Node = tuple[str, str]  # level, code

# Parts that are named one by one because they stand lowest.
WEAKEST = 5
_THOUSAND_PER_YI = Decimal(100_000)


@dataclass(frozen=True, slots=True)
class Proposed:
    """One paragraph and what it rests on."""

    text: str
    lines: tuple[str, ...] = ()
    opinions: tuple[int, ...] = ()
    nodes: tuple[Node, ...] = ()


Opinions = Mapping[str, Sequence[Mapping]]


def proposals(material: Material, opinions: Opinions) -> dict[Node, list[Proposed]]:
    """(level, code) → paragraphs, in the order of the plan, the plan itself first.

    `opinions` are those handed in: measure code → [{"id", "scores"}]. A sub-goal that the plan
    doesn't have itself is passed over, as everywhere.
    """
    tree = material.tree()
    whole = Branch("plan", "", material.head["plan"]["name"], material.head, tree)
    found = {("plan", ""): list(_above(material, whole))}
    for branch in _all(tree):
        if branch.level == "measure":
            told = list(_measure(material, branch, opinions.get(branch.code, ())))
        else:
            told = list(_above(material, branch))
        found[branch.level, branch.code] = told
    return found


def _all(branches: Sequence[Branch]) -> Iterator[Branch]:
    for branch in branches:
        yield branch
        yield from _all(branch.beneath)


# --- a measure ------------------------------------------------------------------------------------
def _measure(material: Material, branch: Branch, opinions: Sequence[Mapping]) -> Iterator[Proposed]:
    lines = material.by_measure.get(branch.code, [])
    if not lines:
        # Nothing to cite, so one sentence at most: what experts said of it, else that it is so.
        level = material.level("measure")
        yield _scores(material, opinions) or Proposed(f"評估的年度裡這項{level}沒有應報的報告。")
        return
    told = [line for line in lines if words.reported(line.content)]
    leads = [line for line in told if line.content["role"] == "lead"]
    yield _numbers(material, branch, lines)
    for year in sorted({line.year for line in leads}):
        if words_of_year := _own_words([line for line in leads if line.year == year]):
            yield words_of_year
    if gaps := _gaps(lines):
        yield gaps
    if scores := _scores(material, opinions):
        yield scores


def _numbers(material: Material, branch: Branch, lines: Sequence[Line]) -> Proposed:
    node = material.node(branch)
    rests = [line for line in lines if line.content.get("values")]
    text = f"{_standing(material, node)}。"
    if measured := attainment.indicators_of(lines):
        known = [Decimal(row["attainment"]) for row in measured if row["attainment"] is not None]
        met = sum(value >= 100 for value in known)
        text += f"量化指標{len(measured)}項，達成目標的{met}項"
        text += f"，未達的{len(known) - met}項" if len(known) > met else ""
        text += f"，未知的{len(measured) - len(known)}項" if len(measured) > len(known) else ""
        text += "。"
    lights = [
        f"{year}年度{words.LIGHTS[standing['measures'][branch.code]['light'] or 'unknown'][1]}"
        for year, standing in material.standings.items()
    ]
    text += f"燈號為{'、'.join(lights)}。"
    leads = [line for line in lines if line.content["role"] == "lead"]
    rests += leads or lines
    for year, found in material.head["overrides"].items():
        if other := found.get(branch.code):
            text += f"{year}年度的燈號由審查人審定為{words.LIGHTS[other['light']][1]}。"
    money, paid = _money([line for line in lines if words.reported(line.content)])
    if money:
        text += f"{money}。"
        rests += paid
    return Proposed(text, _keys(rests))


def _own_words(leads: Sequence[Line]) -> Proposed | None:
    """One year: what the coordinating lead (where there is none, the first) says was done and came
    of it, and of each lead that was late why, and what it did about that.
    """
    first, told, rests = leads[0], [], []
    content = first.content
    if content["nothing_to_report"]:
        told.append(f"{_where(first)}無事項：{quotation(content['nothing_reason'])}")
        rests.append(first)
    elif parts := [
        f"{label}{quotation(content[name])}"
        for name, label in (("work_done", ""), ("benefit", "效益"))
        if content[name].strip()
    ]:
        told.append(f"{_where(first)}說明：{'；'.join(parts)}")
        rests.append(first)
    late = [line for line in leads if line.content["cause"] or line.content["obstacle"].strip()]
    for line in late:
        told.append(f"{_where(line)}落後：{_reason(line.content)}")
        rests.append(line)
    return Proposed(f"{'。'.join(told)}。", _keys(rests)) if told else None


def _reason(content: Mapping) -> str:
    more = f"（{content['sub_cause']}）" if content["sub_cause"] else ""
    parts = [f"{content['cause_name']}{more}"] if content["cause_name"] else []
    if content["obstacle"].strip():
        parts.append(quotation(content["obstacle"]))
    answer = content["response"]
    parts.append(f"因應{quotation(answer)}" if answer.strip() else "未說明因應")
    return "，".join(parts)


def _gaps(lines: Sequence[Line]) -> Proposed | None:
    """Reports that are not there; not applicable is no gap. Each state stays apart."""
    missing: dict[str, list[Line]] = {}
    for line in lines:
        state = filing_state(line.content)
        if not words.reported(line.content) and state != "not_applicable":
            missing.setdefault(state, []).append(line)
    if not missing:
        return None
    told = [
        f"{words.STATES[state]}{len(found)}件（{'、'.join(_where(line) for line in found)}）"
        for state, found in missing.items()
    ]
    rests = [line for found in missing.values() for line in found]
    return Proposed(f"本版沒有下列報告：{'；'.join(told)}。", _keys(rests))


def _scores(material: Material, opinions: Sequence[Mapping]) -> Proposed | None:
    """Mean of the scores given, criterion by criterion; those not given don't count."""
    if not opinions:
        return None
    told = []
    for criterion in material.criteria:
        given = [
            int(row["scores"][criterion["key"]])
            for row in opinions
            if row["scores"].get(criterion["key"])
        ]
        if given:
            mean = (Decimal(sum(given)) / len(given)).quantize(Decimal("0.1"), ROUND_HALF_UP)
            told.append(f"{criterion['name']}{mean}")
    text = f"{len(opinions)}位專家提出意見"
    text += f"，評分（1–5）平均為{'、'.join(told)}。" if told else "，沒有評分。"
    return Proposed(text, opinions=tuple(row["id"] for row in opinions))


# --- above ----------------------------------------------------------------------------------------
def _above(material: Material, branch: Branch) -> Iterator[Proposed]:
    beneath = branch.beneath
    nodes = tuple((child.level, child.code) for child in beneath)
    if not nodes:
        return
    node = attainment.of(material.standing, branch.level, branch.code)
    name = material.level(beneath[0].level)
    yield Proposed(
        f"{_standing(material, node)}。底下{len(beneath)}項{name}：{_bands(material, beneath)}。"
        f"{_shares(material, node)}",
        nodes=nodes,
    )
    if weakest := _weakest(material, branch):
        yield weakest
    told = [
        line
        for measure in _measures(branch)
        for line in material.by_measure.get(measure.code, ())
        if words.reported(line.content)
    ]
    money, _paid = _money(told)
    path = _budget_path(material.head["figures"]) if branch.level == "plan" else ""
    if money or path:
        yield Proposed("。".join(filter(None, [money, path])) + "。", nodes=nodes)


def _measures(branch: Branch) -> Iterator[Branch]:
    for child in branch.beneath:
        yield from measures_of(child)


def _bands(material: Material, branches: Sequence[Branch]) -> str:
    """Counts by band in the order of the rules; unknown and excluded ones apart."""
    counts: Counter[str] = Counter()
    for child in branches:
        node = material.node(child)
        excluded = node["attainment"] is None and node["excluded"] and not node["unknown"]
        if excluded:
            counts["終止或不適用"] += 1
        else:
            counts[words.band(material.rules, node["band"]) if node["band"] else "未知"] += 1
    order = [band["name"] for band in material.rules["bands"]]
    order += [name for name in counts if name not in order]
    return "、".join(f"{name}{counts[name]}項" for name in order if counts[name])


def _shares(material: Material, node: Mapping) -> str:
    share = attainment.unknown_share(node)
    text = f"{material.level('measure')}中有數字的{node['known']}項"
    if node["unknown"]:
        text += f"，未知的{node['unknown']}項（{words.one_decimal(str(share))}%，不列入平均）"
    if node["excluded"]:
        text += f"，終止或不適用的{node['excluded']}項"
    return text + "。"


def _weakest(material: Material, branch: Branch) -> Proposed | None:
    """The lowest measures that are below the threshold, and what their last reports say of it."""
    ranked = sorted(
        (
            (Decimal(node["attainment"]), measure)
            for measure in _measures(branch)
            if (node := material.node(measure))["below"]
        ),
        key=lambda row: row[0],
    )
    if not ranked:
        return None
    named = ranked[:WEAKEST]
    told = [
        f"{measure.code}{measure.name}（{words.percent(str(value))}）" for value, measure in named
    ]
    rests = []
    for _value, measure in named:
        lines = material.by_measure.get(measure.code, [])
        leads = [line for line in lines if line.content["role"] == "lead"] or lines
        reported = [line for line in leads if words.reported(line.content)] or leads
        last = max((line.year for line in reported), default=0)
        rests += [line for line in reported if line.year == last][:1]
    threshold = words.number(material.rules["threshold"])
    count = f"，最低的{len(named)}項是" if len(ranked) > len(named) else "："
    name = material.level("measure")
    text = f"達成度低於門檻{threshold}%的{name}有{len(ranked)}項{count}{'、'.join(told)}。"
    return Proposed(
        text, _keys(rests), nodes=tuple(("measure", measure.code) for _value, measure in named)
    )


def _budget_path(figures: Mapping) -> str:
    """Planned figures of table 8 from first to last, and apart from them the statutory ones."""
    parts = []
    if planned := figures.get("table_8"):
        first, last = planned[0], planned[-1]
        parts.append(
            f"計畫第柒章表8規劃的政府科技預算，由{_planned(first)}增至{_planned(last)}"
            if len(planned) > 1
            else f"計畫第柒章表8規劃的政府科技預算，{_planned(first)}"
        )
    parts += [
        f"{key.removeprefix('statutory_')}年法定預算為{words.number(value)}億元"
        for key, value in sorted(figures.items())
        if key.startswith("statutory_")
    ]
    if planned and len(parts) > 1:
        parts.append("規劃數與法定數基礎不同，不直接相比")
    return "；".join(parts)


def _planned(row: Mapping) -> str:
    ratio = words.number(row["ratio"])
    return f"{row['year']}年的{words.number(row['budget'])}億元（占GDP{ratio}%）"


# --- words ----------------------------------------------------------------------------------------
def _standing(material: Material, node: Mapping) -> str:
    if node["attainment"] is None:
        if node["excluded"] and not node["unknown"]:
            return "終止或不適用，不計算達成度"
        return "達成度未知"
    band = words.band(material.rules, node["band"])
    below = f"，低於門檻{words.number(material.rules['threshold'])}%" if node["below"] else ""
    return f"達成度{words.percent(node['attainment'])}，屬「{band}」{below}"


def _money(lines: Sequence[Line]) -> tuple[str, list[Line]]:
    """Sums over the reports, and those that told any; the rate only where all told their spending.

    In 億元 from one 億元 on, else in 千元.
    """
    paid = [line for line in lines if line.content["money"]]
    rows = [row for line in paid for row in line.content["money"]]
    if not rows:
        return "", []
    allocated = sum(row["allocated_thousand"] for row in rows)
    known = [row["spent_thousand"] for row in rows if row["spent_thousand"] is not None]
    text = f"各部會報告的經費分配數合計{_amount(allocated)}"
    if len(known) < len(rows):
        return f"{text}，{len(rows) - len(known)}筆沒有支用數", paid
    text += f"，支用數{_amount(sum(known))}"
    if allocated:
        rate = (Decimal(100) * sum(known) / allocated).quantize(Decimal("0.1"), ROUND_HALF_UP)
        text += f"（{rate}%）"
    return text, paid


def _amount(thousand: int) -> str:
    if thousand < _THOUSAND_PER_YI:
        return f"{thousand:,}千元"
    return f"{(thousand / _THOUSAND_PER_YI).quantize(Decimal('0.01'), ROUND_HALF_UP):,}億元"


def _where(line: Line) -> str:
    return f"{line.year}年度{line.content['ministry']['short_name']}"


def _keys(lines: Sequence[Line]) -> tuple[str, ...]:
    """Keys of the lines, each once and in their order."""
    return tuple(dict.fromkeys(line.key for line in lines))
