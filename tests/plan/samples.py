"""A small plan of our own, as the JSON of export_plan and as a published text with its traps."""

import copy
import json
import shutil
from pathlib import Path

from plan.fixture_files.facts import PlanFacts
from plan.fixture_files.read import DEFAULT, FIXTURES, read_text

_MEASURES = {"leads": ["甲部"], "partners": ["乙會"]}
TREE = {
    "plan": "small",
    "version": 1,
    "name": "小計畫",
    "start_year": 120,
    "end_year": 123,
    "title": "核定本",
    "level_names": {
        "goal": "目標",
        "sub_goal": "子目標",
        "strategy": "策略",
        "measure": "措施",
    },
    "claim": {"goals": 1, "sub_goals": 1, "strategies": 2, "measures": 3, "units": 2},
    "goals": [
        {
            "code": "1",
            "name": "種樹成林",
            "sub_goals": [
                {
                    "code": "1.1",
                    "name": "養好苗木",
                    "strategies": [
                        {
                            "code": "1.1.1",
                            "name": "選種育苗",
                            "cell": "甲部／乙會",
                            "note": "",
                            "leads": ["甲部"],
                            "partners": ["乙會"],
                            "measures": [
                                {"code": "1.1.1.1", "name": "建立種子庫", **_MEASURES},
                                {"code": "1.1.1.2", "name": "推廣 5G 苗圃", **_MEASURES},
                            ],
                        },
                        {
                            "code": "1.1.2",
                            "name": "護林",
                            "cell": "甲部、乙會及各相關部會",
                            "note": "及各相關部會",
                            "leads": ["甲部", "乙會"],
                            "partners": [],
                            "measures": [
                                {
                                    "code": "1.1.2.1",
                                    "name": "巡山",
                                    "leads": ["甲部", "乙會"],
                                    "partners": [],
                                }
                            ],
                        },
                    ],
                }
            ],
        }
    ],
}


def tree() -> dict:
    """A copy of the small plan that a test may break."""
    return copy.deepcopy(TREE)


def facts(values: dict) -> PlanFacts:
    """The small plan, or what a test made of it, as read from a file `small.json`."""
    return read_text("small.json", json.dumps(values, ensure_ascii=False))


def copy_fixtures(target: Path) -> Path:
    """The real fixtures in a folder of the test's own; returns the plan's folder."""
    shutil.copytree(FIXTURES, target / "fixtures")
    return target / "fixtures" / DEFAULT


# ¶ stands for the blank at the end of a line: it ends a paragraph there, or a Latin word.
DOCUMENT = """\
 壹、 前言¶

本文為測試而寫。¶

貳、 現況與檢討¶

樹很少。¶

參、 總目標與遠景¶

目標一「種樹成林」¶

為達成此目標，先養苗，再
護林。¶

以上是全部的目標。¶

肆、 策略與重要措施¶

目標一：種樹成林¶

一、 養好苗木¶

（一） 策略一、選種育苗¶

本策略先有一段引言。¶

1. 建立種子庫¶

種子庫收藏各地種子，採用
4.0 版的規範；包含 I.採集、II.清洗與
III.冷藏，於 3
年內完成。¶

12¶

（1） 採集¶

I. 赴各縣市採集
原生樹種。¶
II. 登錄來源¶
登錄時須註明 Global¶
Seed Code, GSC）編碼。¶

（2） 冷藏以維持活力。¶

另訂管理辦法，重點如：¶

（1） 溫度¶

低於零下
18 度。¶

2. 推廣 5G 苗圃¶

透 過 網 路 監 看 苗 圃。¶

（二） 策略二、護林¶

1. 巡山¶

每週巡視。
 伍、 策略與重要措施分工¶

本計畫包括 1 項目標、1 項子目標、2 項策略，及 3 項
與策略相關之措施，由 2 個部會署及單位共同執行。¶

表 7 策略與重要措施分工對應表¶

目標 子目標 策略 措施 參與部會¶

一、種樹成
林¶

1.養好苗木 1.選種育苗 (1) 建立種子
庫 甲部／乙
會 (2) 推
廣 5G 苗圃¶

目標 子目標 策略 措施 參與部會¶

一、種樹成
林¶

1.養好苗木¶

2.護林¶

(1) 巡 山¶

甲部、乙會及各
相關部會¶

陸、 政府各部門之科學技術發展目標¶

摘述如下。¶

甲部¶

把樹種活，
並且照顧。¶

乙會¶

幫忙種樹。¶

柒、 中央政府科技經費資源規劃¶

如表 8。¶

年度 111 年 112 年¶
整體科技預算 1,307 1,383¶
GDP 預估數 205,441 209,550¶
占比 0.64 0.7¶

捌、 執行與成效追蹤¶

逐年檢討。¶
""".replace("¶", " ")
