"""How a figure of attainment came about, as a sentence to stand beside it."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from reports import attainment
from reports.enums import Level
from tracking.lights import INCOMPLETE

_BENEATH = {"plan": "goal", "goal": "sub_goal", "sub_goal": "strategy", "strategy": "measure"}


def explain(node: Mapping, names: Mapping[str, str], beneath: str = "") -> str:
    """How this node's figure came about, as a sentence to stand beside it.

    `names` are what the plan calls its levels; `beneath` is the level of the node's parts, where
    that isn't the next one (a goal without sub-goals).
    """
    measure = _called(names, "measure")
    if node["level"] == "measure":
        return _explain_measure(node, measure)
    if not node["known"]:
        if not node["unknown"]:
            return _("底下的%(measures)s都已終止或不適用，不計算。") % {"measures": measure}
        return _("底下的%(measures)s都還不知道，所以是未知，不當作零。") % {"measures": measure}
    if node["attainment"] is None:
        return _("有數字的%(measures)s權重都是0，所以是未知。") % {"measures": measure}
    parts = _called(names, beneath or _BENEATH[node["level"]])
    sentence = _("各%(parts)s達成度的加權平均") % {"parts": parts}
    sentence += _("；%(known)d項%(measures)s有數字") % {
        "known": node["known"],
        "measures": measure,
    }
    if node["unknown"]:
        sentence += _("，%(unknown)d項未知（%(share)s%%），不列入平均") % {
            "unknown": node["unknown"],
            "share": f"{attainment.unknown_share(node):.1f}",
        }
    if node["excluded"]:
        sentence += _("，%(excluded)d項終止或不適用，另計") % {"excluded": node["excluded"]}
    return sentence + _("。")


def _called(names: Mapping[str, str], level: str) -> str:
    """What the plan calls the level, in the reader's language where it is one of the usual."""
    return _(names[level]) if names.get(level) else str(Level(level).label)


def _explain_measure(node: Mapping, name: str) -> str:
    if node["excluded"]:
        return (
            _("這項%(measure)s已終止，不列入平均。")
            if node["stopped"]
            else _("這項%(measure)s在評估期間不適用，不列入平均。")
        ) % {"measure": name}
    counts = node["indicators"]
    if node["basis"] == attainment.INDICATORS:
        if not counts["known"]:
            return _("%(count)d個指標的實績都還不知道，所以是未知。") % {"count": counts["unknown"]}
        sentence = _(
            "%(count)d個指標達成度的平均，各以評估期間的實績除以目標（越低越好的相反，"
            "範圍內是100否則0），最高以100計"
        ) % {"count": counts["known"]}
        if counts["unknown"]:
            sentence += _("；另有%(count)d個未知，不列入平均") % {"count": counts["unknown"]}
        return sentence + _("。")
    if node["attainment"] is not None:
        return _("沒有指標，以最後一年的燈號換算。")
    if node["light"] == INCOMPLETE:
        return _("沒有指標，又有主辦還沒有被接受的報告，所以是未知。")
    if node["light"]:
        return _("沒有指標，最後一年的燈號不換算成分數，所以是未知。")
    return _("沒有指標，也沒有燈號，所以是未知。")
