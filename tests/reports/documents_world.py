"""A review as plain data, of any size and without a database: what documents are made of.

Texts are the tests' own. Names are long, narratives reach 2,000 characters, and the rare
characters 𡍼, 堃 and 犇 occur.
"""

from decimal import Decimal

from reports import attainment
from reports.calculation import default_criteria, default_rules
from reports.canonical import decimal_text, digest
from reports.documents.content import Material
from reports.enums import LineKind
from reports.freeze import Line

YEARS = (110, 111)
LONG_NAME = "建置跨機關共用之前瞻關鍵技術研發與人才培育整合服務平臺"
RARE = "主持人𡍼堃犇"
# In no font of ours: an unassigned place of the ideographs, and a picture.
LACKING = "\U0002fa1f\U0001f9ff"
MINISTRIES = {
    "alpha": {"short_name": "甲部", "full_name": "行政院甲部", "before": []},
    "beta": {"short_name": "乙部", "full_name": "行政院乙部", "before": []},
}
LIGHTS = ("on_track", "behind", "ahead", "far_behind")


def narrative(subject: str, length: int) -> str:
    sentence = f"{subject}辦理說明會三場，計120人次參與；"
    return (sentence * (length // len(sentence) + 1))[: length - 1] + "。"


def tree(goals: int = 2, measures: int = 2) -> list[dict]:
    """Goals with one sub-goal, one strategy and so many measures each; the second goal has no
    sub-goal of its own."""
    return [
        {
            "code": f"{goal}",
            "name": f"第{goal}個目標",
            "ordinal": goal,
            "sub_goals": [
                {
                    "code": f"{goal}.1",
                    "name": f"第{goal}個子目標",
                    "ordinal": 1,
                    "implicit": goal == 2,
                    "strategies": [
                        {
                            "code": f"{goal}.1.1",
                            "name": f"第{goal}個策略",
                            "ordinal": 1,
                            "cell": "甲部／乙部",
                            "note": "",
                            "measures": [
                                {
                                    "code": f"{goal}.1.1.{measure}",
                                    "name": f"{LONG_NAME}{measure}",
                                    "lineage": f"{goal}-{measure}",
                                    "ended": False,
                                    "leads": ["alpha"],
                                    "partners": ["beta"],
                                }
                                for measure in range(1, measures + 1)
                            ],
                        }
                    ],
                }
            ],
        }
        for goal in range(1, goals + 1)
    ]


def head(goals: int = 2, measures: int = 2, years=YEARS) -> dict:
    return {
        "method": "1",
        "plan": {"slug": "small", "name": "小計畫", "first_year": 110, "last_year": 113},
        "version": {
            "number": 1,
            "title": "核定本",
            "level_names": {
                "goal": "目標",
                "sub_goal": "子目標",
                "strategy": "策略",
                "measure": "措施",
            },
        },
        "years": list(years),
        "ministries": MINISTRIES,
        "tree": tree(goals, measures),
        "overrides": {"111": {"1.1.1.1": {"light": "behind", "reason": "查核後調整。"}}},
        "figures": {
            "table_8": [
                {"year": 111, "budget": "1307.0000", "gdp": "205441.0000", "ratio": "0.6400"},
                {"year": 112, "budget": "1383.0000", "gdp": "209550.0000", "ratio": "0.6600"},
            ],
            "statutory_110": "1141.0000",
        },
        "form": [],
    }


def report_content(
    year: int, measure: dict, ministry: str, *, place: int = 0, length: int = 200
) -> dict:
    """An accepted report; every fourth is on time, late, ahead, far behind."""
    light = LIGHTS[(place + year) % len(LIGHTS)]
    late = light in ("behind", "far_behind")
    lead = ministry == "alpha"
    return {
        "year": year,
        "measure": {name: measure[name] for name in ("code", "name", "lineage")},
        "ministry": {
            "code": ministry,
            "short_name": MINISTRIES[ministry]["short_name"],
            "full_name": MINISTRIES[ministry]["full_name"],
        },
        "role": "lead" if lead else "partner",
        "coordinating": lead,
        "light": light,
        "completion": 40 + place,
        "completed_on": None,
        "nothing_to_report": False,
        "nothing_reason": "",
        "work_done": narrative(f"{RARE}{measure['code']}", length),
        "benefit": narrative("效益：", length),
        "cause": "procurement" if late else "",
        "cause_name": "採購與發包延宕" if late else "",
        "sub_cause": "流標後重新招標" if late else "",
        "obstacle": narrative("流標兩次，", length) if late else "",
        "response": narrative("改用共同供應契約，", length) if late else "",
        "others_must_act": "乙部" if late else "",
        "catch_up_on": "2023-06-30" if late else None,
        "next_steps": narrative("次年度", length),
        "filed_on": "2023-01-15",
        "late": False,
        "accepted_on": "2023-02-10",
        "values": [
            {
                "owner": ministry,
                "indicator": "培訓人次",
                "unit": "人次",
                "kind": "count",
                "accumulation": "yearly",
                "direction": "higher",
                "target": decimal_text(Decimal(1000 + place)),
                "low": None,
                "high": None,
                "actual": decimal_text(Decimal(875 + 3 * place)),
                "note": "",
            }
        ]
        if lead
        else [],
        "money": [
            {
                "source": "公務預算",
                "allocated_thousand": 1200 + place,
                "spent_thousand": 900 + place,
                "note": "",
            }
        ],
        "evidence": [
            {
                "title": "成果報告",
                "url": "https://example.test/report.pdf",
                "sha256": "",
                "size": None,
                "media_type": "",
                "public": True,
            },
            {
                "title": "內部簽呈",
                "url": "",
                "sha256": "ab" * 32,
                "size": 12,
                "media_type": "application/pdf",
                "public": False,
            },
        ],
    }


def gap_content(year: int, measure: dict, ministry: str, state: str = "overdue") -> dict:
    full = report_content(year, measure, ministry)
    names = ("year", "measure", "ministry", "role", "coordinating")
    return {name: full[name] for name in names} | {"state": state, "reason": "", "values": []}


def line(content: dict) -> Line:
    code, ministry = content["measure"]["code"], content["ministry"]["code"]
    kind = LineKind.GAP if "state" in content else LineKind.REPORT
    return Line(
        f"{content['year']}/{code}/{ministry}",
        kind.value,
        content["year"],
        code,
        ministry,
        content,
        digest(content),
    )


def lines(told: dict, *, length: int = 200, gap: bool = True) -> list[Line]:
    """A lead's and a partner's report of each measure and year; the very last is a gap."""
    measures = [
        measure
        for goal in told["tree"]
        for sub_goal in goal["sub_goals"]
        for strategy in sub_goal["strategies"]
        for measure in strategy["measures"]
    ]
    contents = [
        report_content(year, measure, ministry, place=place, length=length)
        for year in told["years"]
        for place, measure in enumerate(measures)
        for ministry in ("alpha", "beta")
    ]
    if gap:
        last = contents[-1]
        contents[-1] = gap_content(last["year"], measures[-1], "beta")
    return [line(content) for content in contents]


def material(*, goals: int = 2, measures: int = 2, length: int = 200, **fields) -> Material:
    """A review with a conclusion that cites, two opinions with a reply, and one meeting."""
    told = head(goals, measures)
    found = lines(told, length=length)
    rules = default_rules()
    values = {
        "title": "小計畫期末成果評估",
        "kind": "期末成果評估",
        "edition": "2",
        "digest": digest([one.digest for one in found]),
        "day": "2024-03-15",
        "head": told,
        "rules": rules,
        "standing": attainment.standing(told, rules, found),
        "lines": found,
        "criteria": default_criteria(),
        "conclusions": {
            ("plan", ""): [{"text": "整體而言計畫大致達成。", "lines": [], "opinions": []}],
            ("measure", "1.1.1.1"): [
                {
                    "text": "培訓規模已達原訂目標的八成以上。",
                    "lines": ["110/1.1.1.1/alpha"],
                    "opinions": ["1.1.1.1專家1"],
                }
            ],
        },
        "comments": {
            ("measure", "1.1.1.1"): [
                {"ministry": "甲部", "text": "建議補充人次。", "answer": "已補充。"}
            ]
        },
        "opinions": {
            "1.1.1.1": [
                {
                    "mark": "1.1.1.1專家1",
                    "expert": "專家1",
                    "scores": {"relevance": 4, "effectiveness": 3},
                    "text": "規模足夠，後續成效宜追蹤。",
                    "outdated": False,
                    "replies": [{"ministry": "甲部", "text": "將追蹤三年。"}],
                },
                {
                    "mark": "1.1.1.1專家2",
                    "expert": "專家2",
                    "scores": {"relevance": 5},
                    "text": "宜納入更多學校。",
                    "outdated": True,
                    "replies": [],
                },
            ]
        },
        "experts": [
            {"label": "專家1", "name": "王犇", "affiliation": "某大學"},
            {"label": "專家2", "name": "李堃", "affiliation": "某研究院"},
        ],
        "meetings": [
            {
                "title": "第1次跨部會協調會議",
                "on": "2024-02-01",
                "chair": "陳主席",
                "present": ["甲部", "乙部"],
                "items": ["1.1.1.1 人次不足"],
                "minutes": "各部會同意共同辦理。",
                "resolutions": [
                    {
                        "code": "1",
                        "text": "乙部提供場地。",
                        "owner": "乙部",
                        "due_on": "2024-06-30",
                        "state": "辦理中",
                        "answer": "",
                    }
                ],
            }
        ],
    }
    return Material(**{**values, **fields})
