"""The rules a review starts with. All are its own settings, shown beside every number they decide.

No official bands, thresholds or grades are known (chapter 捌 sets none), so these are a proposal.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from config.kit.errors import Invalid
from tracking.enums import Light

LONGEST = 60
# What is beneath one node, as codes: ("" for the plan, or its code; codes of its parts).
Family = tuple[str, Sequence[str]]


def default_rules() -> dict:
    """`light_points`: what a light is worth in per cent where a measure has no indicators (None:
    unknown). `bands`: grades from their lower bound on, best first. `threshold`: below it a
    coordination meeting is proposed. `weights`: code → {"weight", "reason"}; absent means 1.
    Numbers are text of their own scale, so that equal rules have an equal digest.
    """
    return {
        "light_points": {
            Light.DONE.value: "100",
            Light.AHEAD.value: "100",
            Light.ON_TRACK.value: "85",
            Light.BEHIND.value: "55",
            Light.FAR_BEHIND.value: "25",
            Light.NOT_DUE.value: None,
        },
        "bands": [
            {"key": "met", "name": "達成", "from": "80"},
            {"key": "partly", "name": "部分達成", "from": "60"},
            {"key": "missed", "name": "未達成", "from": "0"},
        ],
        "threshold": "60",
        "weights": {},
    }


def printed(rules: Mapping) -> dict:
    """The same rules with their lights in the order of the defaults: stored JSON sorts its keys."""
    order = [*default_rules()["light_points"], *rules["light_points"]]
    return {**rules, "light_points": {one: rules["light_points"].get(one) for one in order}}


def default_criteria() -> list[dict]:
    """The experts' questions, each scored from 1 to 5."""
    return [
        {"key": "relevance", "name": "相關性"},
        {"key": "effectiveness", "name": "有效性"},
        {"key": "efficiency", "name": "效率"},
        {"key": "coherence", "name": "一致性"},
        {"key": "added_value", "name": "附加價值"},
    ]


# --- what can be taken ----------------------------------------------------------------------------
def checked_rules(given: Mapping, families: Collection[Family]) -> dict:
    """The rules in the shape and spelling of `default_rules`: numbers plain, bands best first.

    Raises Invalid at `bands`, `threshold`, `light_points` or `weights`: numbers outside of 0–100,
    bands without a name, twice the same or without one that begins at 0, weights of codes that are
    in no family, negative ones, without a reason, or all zero in one family.
    """
    errors: dict[str, list[str]] = {}
    threshold = _per_cent(given["threshold"])
    if threshold is None:
        errors["threshold"] = [_("門檻填0到100的數字。")]
    points = {}
    for light in default_rules()["light_points"]:
        told = str(given["light_points"].get(light) or "").strip()
        points[light] = _per_cent(told) if told else None
        if told and points[light] is None:
            errors["light_points"] = [_("燈號的分數填0到100的數字，不換算的留空。")]
    bands = _bands(given["bands"], errors)
    weights = _weights(given["weights"], families, errors)
    if errors:
        raise Invalid(errors)
    return {"light_points": points, "bands": bands, "threshold": threshold, "weights": weights}


def checked_criteria(given: Sequence[Mapping]) -> list[dict]:
    """The experts' questions with a key each, in their order.

    Raises Invalid at `criteria` for none, or for two of the same name or key.
    """
    found = [
        {"key": str(one["key"]).strip(), "name": " ".join(str(one["name"]).split())}
        for one in given
        if str(one["name"]).strip()
    ]
    sentence = ""
    if not found:
        sentence = _("至少要有一項評估準則。")
    elif len({one["name"] for one in found}) < len(found):
        sentence = _("評估準則的名稱不能重複。")
    elif len({one["key"] for one in found}) < len(found):
        sentence = _("評估準則的代號不能重複。")
    elif any(not re.fullmatch(r"[a-z][a-z0-9_]{0,29}", one["key"]) for one in found):
        sentence = _("評估準則的代號用小寫英文、數字與底線。")
    elif any(len(one["name"]) > LONGEST for one in found):
        sentence = _("評估準則的名稱最多%(n)d個字。") % {"n": LONGEST}
    if sentence:
        raise Invalid({"criteria": [sentence]})
    return found


def _bands(given: Sequence[Mapping], errors: dict) -> list[dict]:
    found = []
    for band in given:
        name, low = " ".join(str(band["name"]).split()), _per_cent(band["from"])
        if not name and not str(band["from"]).strip():
            continue
        if not name or len(name) > LONGEST or low is None:
            errors["bands"] = [_("每一級都要有名稱和0到100的下限。")]
            return []
        found.append({"key": band["key"], "name": name, "from": low})
    found.sort(key=lambda band: -Decimal(band["from"]))
    for name in ("key", "name", "from"):
        if len({band[name] for band in found}) < len(found):
            errors["bands"] = [_("等級的名稱與下限不能重複。")]
    if not found or Decimal(found[-1]["from"]) != 0:
        errors["bands"] = [_("最低的一級從0開始，才不會有數字落在等級之外。")]
    return found


def _weights(given: Mapping[str, Mapping], families: Collection[Family], errors: dict) -> dict:
    found = {}
    codes = {code for _above, parts in families for code in parts}
    for code, entry in sorted(given.items()):
        weight, reason = _number(entry["weight"]), " ".join(str(entry["reason"]).split())
        sentence = ""
        if code not in codes:
            sentence = _("沒有編號「%(code)s」的項目。")
        elif weight is None or not 0 <= Decimal(weight) <= 1000:
            sentence = _("%(code)s的權重填0到1000的數字。")
        elif not reason or len(reason) > 200:
            sentence = _("%(code)s的權重要寫理由，最多200個字。")
        if sentence:
            errors.setdefault("weights", []).append(sentence % {"code": code})
        elif Decimal(weight) != 1:
            found[code] = {"weight": weight, "reason": reason}
    nothing = {code for code, entry in found.items() if Decimal(entry["weight"]) == 0}
    for above, parts in families:
        if parts and nothing.issuperset(parts):
            errors.setdefault("weights", []).append(
                _("%(code)s底下各項的權重不能都是0，那樣算不出它的達成度。")
                % {"code": above or _("整個計畫")}
            )
    return found


def _per_cent(text: object) -> str | None:
    """A number from 0 to 100 in its plain spelling, None for anything else."""
    plain = _number(text)
    return plain if plain is not None and 0 <= Decimal(plain) <= 100 else None


def _number(text: object) -> str | None:
    """ "60.50" → "60.5", at most four decimals; None for what is no such number."""
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4})?", str(text).strip()):
        return None
    told = f"{Decimal(str(text).strip()):f}"
    return told.rstrip("0").rstrip(".") if "." in told else str(int(told))
