"""What is proposed for a conclusion, word by word, and on what each paragraph says it rests."""

from dataclasses import replace

from reports import attainment
from reports.documents.content import parts
from reports.documents.content.words import opening, quotation
from reports.prefill import Proposed, proposals
from tests.reports import documents_world as documents


def material(**more):
    """Two goals of two measures; 甲部 leads, 乙部 partners; one gap at the end. Short words."""
    told = documents.head(**more)
    lines = []
    for line in documents.lines(told):
        content = dict(line.content)
        if "state" not in content:
            content |= {"work_done": "辦了「三場」。", "benefit": "有用。"}
            if content["cause"]:
                content |= {"obstacle": "流標兩次。", "response": "改用共同契約。"}
        lines.append(documents.line(content))
    return documents.material(
        head=told,
        lines=lines,
        standing=attainment.standing(told, documents.default_rules(), lines),
    )


def test_every_node_gets_words_in_the_order_of_the_plan_and_implicit_sub_goals_none():
    assert list(proposals(material(), {})) == [
        ("plan", ""),
        ("goal", "1"),
        ("sub_goal", "1.1"),
        ("strategy", "1.1.1"),
        ("measure", "1.1.1.1"),
        ("measure", "1.1.1.2"),
        ("goal", "2"),
        ("strategy", "2.1.1"),
        ("measure", "2.1.1.1"),
        ("measure", "2.1.1.2"),
    ]


def test_a_measure_is_told_by_its_numbers_its_leads_words_and_what_held_it_up():
    scores = [
        {"id": 7, "scores": {"relevance": 4, "effectiveness": 3}},
        {"id": 9, "scores": {"relevance": 5, "effectiveness": None}},
    ]
    found = proposals(material(), {"1.1.1.1": scores})["measure", "1.1.1.1"]
    both = ("110/1.1.1.1/alpha", "111/1.1.1.1/alpha")
    assert found == [
        Proposed(
            "達成度87.5%，屬「達成」。量化指標1項，達成目標的0項，未達的1項。"
            "燈號為110年度超前、111年度落後。111年度的燈號由審查人審定為落後。"
            "各部會報告的經費分配數合計4,800千元，支用數3,600千元（75.0%）。",
            (*both, "110/1.1.1.1/beta", "111/1.1.1.1/beta"),
        ),
        Proposed("110年度甲部說明：「辦了『三場』」；效益「有用」。", both[:1]),
        Proposed(
            "111年度甲部說明：「辦了『三場』」；效益「有用」。"
            "111年度甲部落後：採購與發包延宕（流標後重新招標），「流標兩次」，"
            "因應「改用共同契約」。",
            both[1:],
        ),
        Proposed(
            "2位專家提出意見，評分（1–5）平均為相關性4.5、有效性3.0。",
            opinions=(7, 9),
        ),
    ]


def test_a_gap_is_named_with_its_state_and_cited():
    found = proposals(material(), {})["measure", "2.1.1.2"]
    assert found[-1] == Proposed(
        "本版沒有下列報告：逾期未交1件（111年度乙部）。", ("111/2.1.1.2/beta",)
    )


def test_a_measure_of_which_nothing_was_asked_gets_one_sentence_or_what_experts_said():
    base = material()
    bare = replace(base, lines=[one for one in base.lines if one.measure_code != "1.1.1.1"])
    found = proposals(bare, {})["measure", "1.1.1.1"]
    assert found == [Proposed("評估的年度裡這項措施沒有應報的報告。")]
    scores = [{"id": 7, "scores": {"relevance": 4}}]
    assert proposals(bare, {"1.1.1.1": scores})["measure", "1.1.1.1"] == [
        Proposed("1位專家提出意見，評分（1–5）平均為相關性4.0。", opinions=(7,))
    ]


def test_what_is_above_counts_its_parts_and_rests_on_them():
    found = proposals(material(), {})["strategy", "1.1.1"]
    measures = (("measure", "1.1.1.1"), ("measure", "1.1.1.2"))
    assert found == [
        Proposed(
            "達成度87.6%，屬「達成」。底下2項措施：達成2項。措施中有數字的2項。", nodes=measures
        ),
        Proposed("各部會報告的經費分配數合計9,604千元，支用數7,204千元（75.0%）。", nodes=measures),
    ]


def test_the_weakest_measures_are_named_with_codes_and_their_last_reports_cited():
    base = material()
    rules = documents.default_rules() | {"threshold": "87.58"}
    low = replace(base, rules=rules, standing=attainment.standing(base.head, rules, base.lines))
    assert proposals(low, {})["goal", "1"][1] == Proposed(
        "達成度低於門檻87.58%的措施有1項：1.1.1.1建置跨機關共用之前瞻關鍵技術研發與人才培育整合"
        "服務平臺1（87.5%）。",
        ("111/1.1.1.1/alpha",),
        nodes=(("measure", "1.1.1.1"),),
    )


def test_the_summary_tells_the_budget_path_and_keeps_the_two_bases_apart():
    told = proposals(material(), {})["plan", ""][-1]
    assert told.text.endswith(
        "計畫第柒章表8規劃的政府科技預算，由111年的1,307億元（占GDP0.64%）增至112年的1,383億元"
        "（占GDP0.66%）；110年法定預算為1,141億元；規劃數與法定數基礎不同，不直接相比。"
    )
    assert told.nodes == (("goal", "1"), ("goal", "2"))


def test_unknown_stays_unknown_and_is_told_as_a_share():
    base = material()
    gaps = []
    for line in base.lines:
        if line.measure_code == "1.1.1.2":
            content = line.content
            measure = {**content["measure"]}
            gaps.append(
                documents.line(
                    documents.gap_content(content["year"], measure, line.ministry_code, "overdue")
                )
            )
        else:
            gaps.append(line)
    low = replace(base, lines=gaps, standing=attainment.standing(base.head, base.rules, gaps))
    found = proposals(low, {})
    assert found["measure", "1.1.1.2"][0].text == ("達成度未知。燈號為110年度未知、111年度未知。")
    assert found["strategy", "1.1.1"][0].text == (
        "達成度87.5%，屬「達成」。底下2項措施：達成1項、未知1項。"
        "措施中有數字的1項，未知的1項（50.0%，不列入平均）。"
    )


def test_a_stopped_measure_is_kept_apart():
    base = material()
    lines = [
        documents.line({**line.content, "light": "stopped", "values": []})
        if line.measure_code == "2.1.1.1" and line.content["role"] == "lead"
        else line
        for line in base.lines
    ]
    stopped = replace(base, lines=lines, standing=attainment.standing(base.head, base.rules, lines))
    found = proposals(stopped, {})
    assert found["measure", "2.1.1.1"][0].text.startswith("終止或不適用，不計算達成度。")
    assert "達成1項、終止或不適用1項" in found["strategy", "2.1.1"][0].text


def test_every_paragraph_rests_on_something_and_fits():
    long = documents.material(length=2000)
    for told in proposals(long, {}).values():
        for one in told:
            assert one.lines or one.opinions or one.nodes
            assert len(one.text) <= 4000


def test_words_are_cut_at_the_end_of_a_sentence():
    assert opening("一句。兩句。", 20) == "一句。兩句"
    assert opening("一句話在此。第二句話比較長，放不下。", 10) == "一句話在此……"
    assert opening("沒有句點的一長串文字", 5) == "沒有句點……"
    assert quotation("分\n行　的「字」。") == "「分 行 的『字』」"


def test_citations_of_one_body_share_a_bracket_and_each_leads_to_its_place():
    found = parts.cited(
        documents.material(),
        {
            "text": "話。",
            "lines": ["110/1.1.1.1/alpha", "110/1.1.1.2/beta", "111/1.1.1.1/alpha", "9/gone/x"],
            "opinions": ["1.1.1.1專家1"],
            "nodes": [["goal", "1"], ["goal", "2"], ["measure", "1.1.1.1"]],
        },
    )
    assert "".join(run.text for run in found.line) == (
        "話。〔110、111年甲部 1.1.1.1〕〔110年乙部 1.1.1.2〕〔1.1.1.1專家1〕〔目標1、2〕〔1.1.1.1〕"
    )
    assert [run.to for run in found.line if run.to] == [
        "r-110-1.1.1.1-alpha", "r-111-1.1.1.1-alpha", "r-110-1.1.1.2-beta",
        "o-1.1.1.1專家1", "n-goal-1", "n-goal-2", "n-measure-1.1.1.1",
    ]  # fmt: skip
