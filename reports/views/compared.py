"""Two standings or two sets of rules side by side, in the words of the pages."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from config.kit.textdiff import mark_changes
from reports.documents.content import words
from reports.enums import Level
from reports.models import Edition
from reports.pages.numbers import Numbers
from tracking.enums import Light
from tracking.lights import INCOMPLETE

PARTS = ("known", "unknown", "excluded")


def differences_in_words(
    found: Iterable[Mapping], editions: Iterable[Edition], old_rules: Mapping, new_rules: Mapping
) -> list[dict]:
    """What `attainment.differences` found: each node with figure and grade before and after, and
    in `also` what else of it changed (its light, the counts of its measures).
    """
    names = {("plan", ""): str(Level.PLAN.label)}
    for edition in editions:
        for goal, rows in Numbers(edition).tree():
            names |= {(row.level, row.code): row.name for row in (goal, *rows)}
    return [
        {
            "level": Level(one["level"]).label,
            "code": one["code"],
            "name": names.get((one["level"], one["code"]), ""),
            "before": figure(one["before"], old_rules),
            "after": figure(one["after"], new_rules),
            "was_below": bool(one["before"] and one["before"]["below"]),
            "below": bool(one["after"] and one["after"]["below"]),
            "also": _also(one["before"], one["after"]),
        }
        for one in found
    ]


def figure(node: Mapping | None, rules: Mapping) -> tuple[str, str]:
    """(87.5%, 達成) of a node; of one that is not there (—, "")."""
    if node is None:
        return words.NONE, ""
    return words.percent(node["attainment"]), words.band(rules, node["band"])


def _also(before: Mapping | None, after: Mapping | None) -> str:
    if before is None or after is None:
        return ""
    found = []
    if before["light"] != after["light"]:
        found.append(
            _("燈號：%(old)s → %(new)s")
            % {"old": _light(before["light"]), "new": _light(after["light"])}
        )
    labels = {"known": _("有數字"), "unknown": _("未知"), "excluded": _("不計")}
    if before["level"] != "measure":
        found += [
            _("%(what)s：%(old)s → %(new)s項")
            % {"what": labels[part], "old": before[part], "new": after[part]}
            for part in PARTS
            if before[part] != after[part]
        ]
    return _("；").join(found)


def _light(code: str | None) -> str:
    if code is None:
        return _("未知")
    return _("未齊") if code == INCOMPLETE else str(Light(code).label)


# --- rules ----------------------------------------------------------------------------------------
def changed_rules(before: Mapping, after: Mapping) -> list[dict]:
    """What differs between two sets of rules, each with the words that went and came marked."""
    labels = {
        "light_points": _("燈號換算的分數"),
        "bands": _("等級"),
        "threshold": _("門檻"),
        "weights": _("權重"),
    }
    found = []
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            old, new = mark_changes(_told(name, before), _told(name, after))
            found.append({"label": labels.get(name, name), "old": old, "new": new})
    return found


def _told(name: str, rules: Mapping) -> str:
    """One part of the rules as lines of words."""
    value = rules.get(name)
    match name:
        case "bands":
            return "\n".join(f"{band['name']} ≥ {band['from']}" for band in value)
        case "light_points":
            return "\n".join(
                f"{Light(light).label} {points or _('不換算')}" for light, points in value.items()
            )
        case "weights":
            return "\n".join(
                f"{code} × {entry['weight']}（{entry['reason']}）" for code, entry in value.items()
            )
    return plain(value)


# --- values ---------------------------------------------------------------------------------------
def plain(value: object) -> str:
    """Whatever a line holds, as text to compare: rows of a table a line each."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return "\n".join(plain(one) for one in value)
    if isinstance(value, dict):
        return "；".join(plain(one) for one in value.values() if one not in (None, ""))
    return str(value)
