"""A revision may give a code to something else while a review is open. What the review keeps by
code (weights, assignments, recusals, opinions, conclusions) must not follow it there unseen.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping

from django.db.models import Q
from django.utils.translation import gettext as _

from config.kit.errors import NotNow
from reports.models import Conclusion, Opinion, Recusal, Review, SeatItem

Node = tuple[str, str]  # level, code


def refuse_renumbered(review: Review, before: Mapping, after: Mapping) -> None:
    """NotNow where a code that something of the review rests on means another thing in `after`, the
    head to be frozen, than in `before`, the head of the edition before it.
    """
    changed = renumbered(before, after)
    if not changed:
        return
    held: dict[str, list[str]] = defaultdict(list)
    for (level, code), kinds in _held(review).items():
        if (level, code) in changed or (not level and code in {one for _level, one in changed}):
            held[code] += [kind for kind in kinds if kind not in held[code]]
    if held:
        told = [f"{code}（{'、'.join(kinds)}）" for code, kinds in sorted(held.items())]
        raise NotNow(
            _(
                "計畫修訂後，下列編號指的已不是同一項：%(codes)s。照這樣編製，它們會算到別的項目上，"
                "所以不編製新的一版。權重與分工請先在「規則」與「專家」頁移除，編製後再依新編號"
                "設定；已有迴避、專家意見或寫好的結論的，請在計畫的修訂裡改回原編號，"
                "或在現有的一版完成這次評估。"
            )
            % {"codes": "、".join(told)}
        )


def renumbered(before: Mapping, after: Mapping) -> set[Node]:
    """Nodes of `before` whose code bears something else in `after`, or which lives on under another
    code there. What was only ended, begun or renamed is none of them.
    """
    old, new = _things(before), _things(after)
    places = {(level, thing) for (level, _code), thing in new.items()}
    twice = {thing for thing, n in Counter((lv, t) for (lv, _c), t in old.items()).items() if n > 1}
    found = set()
    for (level, code), thing in old.items():
        now = new.get((level, code))
        if now == thing or (level, thing) in twice:
            continue
        # Above measures only the name tells a thing: another one in its place may be a new name.
        if (level, thing) in places or (level == "measure" and now is not None):
            found.add((level, code))
    return found


def _things(head: Mapping) -> dict[Node, str]:
    """Lineage of each measure, name of what is above; what the plan doesn't name is left out."""
    found = {}
    for goal in head["tree"]:
        found["goal", goal["code"]] = goal["name"]
        for sub_goal in goal["sub_goals"]:
            if not sub_goal["implicit"]:
                found["sub_goal", sub_goal["code"]] = sub_goal["name"]
            for strategy in sub_goal["strategies"]:
                found["strategy", strategy["code"]] = strategy["name"]
                for measure in strategy["measures"]:
                    found["measure", measure["code"]] = measure["lineage"]
    return found


def _held(review: Review) -> dict[Node, list[str]]:
    """(level, code) → what of the review goes by it; weights name no level ("")."""
    found: dict[Node, list[str]] = defaultdict(list)
    for code in review.rules["weights"]:
        found["", code].append(_("權重"))
    seats = Q(seat__review=review, seat__ended_at__isnull=True)
    for kind, rows in (
        (_("專家分工"), SeatItem.objects.filter(seats)),
        (_("迴避"), Recusal.objects.filter(seats)),
        (_("專家意見"), Opinion.objects.filter(seat__review=review)),
    ):
        for code in rows.order_by().values_list("measure_code", flat=True).distinct():
            found["measure", code].append(kind)
    # The same that `rebase` keeps; what was only proposed is proposed anew.
    written = Q(saved_by__isnull=False) | Q(ready=True) | Q(comments__isnull=False)
    rows = Conclusion.objects.filter(written, review=review).order_by()
    for level, code in rows.values_list("level", "code").distinct():
        found[level, code].append(_("結論"))
    return found
