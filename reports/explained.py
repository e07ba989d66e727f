"""How a figure of attainment came about, as a sentence to stand beside it."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from reports import attainment
from tracking.lights import INCOMPLETE


def explain(node: Mapping) -> str:
    """How this node's figure came about, as a sentence to stand beside it."""
    if node["level"] == "measure":
        return _explain_measure(node)
    if not node["known"]:
        if not node["unknown"]:
            return _("底下的措施都已終止或不適用，不計算。")
        return _("底下的措施都還不知道，所以是未知，不當作零。")
    sentence = {
        "strategy": _("各措施達成度的加權平均"),
        "sub_goal": _("各策略達成度的加權平均"),
        "goal": _("各子目標達成度的加權平均"),
        "plan": _("各目標達成度的加權平均"),
    }[node["level"]]
    sentence += _("；%(known)d項措施有數字") % {"known": node["known"]}
    if node["unknown"]:
        sentence += _("，%(unknown)d項未知（%(share)s%%），不列入平均") % {
            "unknown": node["unknown"],
            "share": f"{attainment.unknown_share(node):.1f}",
        }
    if node["excluded"]:
        sentence += _("，%(excluded)d項終止或不適用，另計") % {"excluded": node["excluded"]}
    return sentence + _("。")


def _explain_measure(node: Mapping) -> str:
    if node["excluded"]:
        return (
            _("這項措施已終止，不列入平均。")
            if node["stopped"]
            else _("這項措施在評估期間不適用，不列入平均。")
        )
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
