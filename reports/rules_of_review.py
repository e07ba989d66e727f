"""The rules a review starts with. All are its own settings, shown beside every number they decide.

No official bands, thresholds or grades are known (chapter 捌 sets none), so these are a proposal.
"""

from tracking.enums import Light


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


def default_criteria() -> list[dict]:
    """The experts' questions, each scored from 1 to 5."""
    return [
        {"key": "relevance", "name": "相關性"},
        {"key": "effectiveness", "name": "有效性"},
        {"key": "efficiency", "name": "效率"},
        {"key": "coherence", "name": "一致性"},
        {"key": "added_value", "name": "附加價值"},
    ]
