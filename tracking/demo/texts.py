"""Sentences of the demo filings. Every narrative ends with a mark that says what it is."""

import random

from tracking.enums import Cause, Part

MARK = "（示範資料）"

WORK = (
    "召開跨單位工作會議{a}場，完成{year}年度工作項目盤點與分工",
    "辦理說明會及座談會{a}場，計{b}人次參與，並彙整各界意見納入規劃",
    "補助或委託計畫{a}件，涵蓋產學研單位{c}家",
    "完成需求訪談{c}家次，提出規範草案1份並送請相關單位檢視",
    "建置示範場域{d}處並開始試行，累計服務{b}人次",
    "完成資料介接{d}項，開放資料集{a}筆供外界使用",
    "與國外機構簽署合作意向書{d}份，辦理雙邊研討會{d}場",
    "培訓專業人員{b}人次，其中女性占{e}%",
    "完成雛型系統開發與驗證，並於{d}個單位導入試用",
    "訂定推動作業要點，完成法規盤點{a}項，提出修正建議{d}項",
)
LEADS_IN = (
    "本年度依計畫推動「{name}」，",
    "就「{name}」，本年度",
    "本措施本年度持續推動，",
    "延續前一年度成果，本年度",
)
BENEFIT = (
    "協助{c}家業者導入應用，帶動投資約{a}億元",
    "縮短行政作業時間約{e}%，使用者滿意度達{f}%",
    "提升相關領域人才供給，畢業後半年就業比率達{f}%",
    "促成國際合作計畫{d}件，提高我國在該領域的能見度",
    "建立可供其他機關參考的作業模式，已有{d}個單位採用",
)
NEXT = (
    "次年度將擴大辦理至{c}個單位，並就試行結果調整作業方式",
    "次年度將完成第二階段建置，並辦理成效評估",
    "次年度將強化與協辦部會的定期協調，按季檢視進度",
    "次年度將持續充實指標資料，並公開成果供外界運用",
)
NOTHING = (
    "本年度工作由主辦部會統籌辦理，本機關自次年度起配合",
    "本措施分階段推動，本機關負責部分尚未開始",
    "本年度未編列相關經費，無執行事項",
)
SUB_CAUSES = {
    Cause.PROCUREMENT: ("採購案流標後重新招標", "設備標案履約爭議", "得標廠商交貨遲延"),
    Cause.SITE: ("示範場域點交延後", "用地變更審議未完成", "場域管理單位尚未同意"),
    Cause.REGULATION: ("辦法修正草案尚在預告", "許可審查補件中", "個資影響評估未完成"),
    Cause.STAFF: ("專案人力進用不足", "關鍵人員離職", "跨域人才招募不易"),
    Cause.BUDGET: ("預算審議後調整額度", "第二期經費撥付較晚"),
    Cause.COORDINATION: ("與協辦部會的分工尚待確認", "地方機關配合時程延後"),
    Cause.TECHNOLOGY: ("驗證結果未達規格", "系統整合較預期複雜"),
    Cause.EPIDEMIC: ("邊境管制致國際人員無法來臺", "實體活動停辦", "進口設備延後到貨"),
    Cause.OTHER: ("外部委託單位改組",),
}
RESPONSE = (
    "已調整執行順序並增加查核頻率，由專案小組按月追蹤",
    "已修正招標條件並重新公告，同時以既有設備先行試辦",
    "已與相關機關召開協調會議，確認時程並列管",
    "已改採線上方式辦理，未完成部分移至次年度上半年補足",
)
OBSTACLE = (
    "受影響的工作項目{d}項，較原訂時程晚約{a}週",
    "已盤點後續工作的先後關係，確認不影響其餘項目",
    "與協辦單位就時程調整召開會議{d}次，並修正年度查核點",
    "未完成部分占本年度工作量約{e}%，已納入次年度工作計畫",
)
RETURNED = {
    Part.PROGRESS: "執行情形只寫辦理會議，請補充具體完成事項與數量。",
    Part.INDICATORS: "指標實績與執行情形所寫的數字不同，請確認並說明計算方式。",
    Part.LATENESS: "請說明落後的時程影響，並填預計趕上的日期與需要協助的機關。",
    Part.MONEY: "支用數偏低，請說明未支用部分的原因與處理方式。",
    Part.EVIDENCE: "請附上可查證的成果連結或文件。",
    Part.NEXT_YEAR: "次年計畫過於簡略，請寫明工作項目與預定完成時間。",
}
EVIDENCE = ("成果報告", "辦理情形簡報", "活動紀錄", "公開資料網頁", "計畫結案報告")
EXEMPT = "前一年度已報完成或終止，經審查同意，本年度免填報。"
OVERRIDE = "主辦部會所報進度與指標實績不一致，依審查意見改列。"
MORE_TIME = (
    "三個所屬機關的決算資料要到下月初才關帳，經費與實績請准展延後一併送出。",
    "承辦單位辦公室搬遷，部分佐證文件尚在清點。",
)
CORRECTION = "接受以後發現執行情形少列一場說明會，申請更正。"
CORRECTABLE = "請只改場次與人次，其他文字照舊。"
CORRECTED = "另補列年底辦理的說明會1場，計60人次參與。"
SOURCE = "部會統計"
TRAINED, PASSED, PASS_RATE = "完成培訓人數", "通過檢定人數", "培訓通過率"
DISSENT = (
    "本部會負責的場域有2處，主辦所寫的3處包含尚未點交的1處。",
    "主辦引用的參與人次沒有扣除重複報名者。",
)
DISSENT_ANSWER = "未點交的1處已註明於佐證，下次送出時改寫為2處。"
QUESTIONS = (
    (
        "培訓人次與指標實績不同，是不是含線上課程？",
        "含線上課程；指標只計實體課程，說明欄已補上。",
    ),
    ("經費支用比去年少一成，是否有保留到次年的款項？", ""),
)
BEGUN = "次年度將延續本年度工作，細節由接辦人補充。"
HANDOVER = "附件在共用資料夾，委辦單位的聯絡窗口已一併轉介。"
# Likelihood of each cause in the first year and later: the epidemic gives way.
CAUSES = (
    ((Cause.EPIDEMIC, 9), (Cause.PROCUREMENT, 3), (Cause.REGULATION, 3), (Cause.SITE, 1),
     (Cause.STAFF, 1)),
    ((Cause.PROCUREMENT, 8), (Cause.SITE, 6), (Cause.REGULATION, 5), (Cause.STAFF, 4),
     (Cause.EPIDEMIC, 2), (Cause.COORDINATION, 2), (Cause.TECHNOLOGY, 1), (Cause.BUDGET, 1)),
)  # fmt: skip


def _numbers(rng: random.Random) -> dict[str, int]:
    return {
        "a": rng.randint(2, 12),
        "b": rng.randrange(40, 900, 5),
        "c": rng.randint(6, 45),
        "d": rng.randint(1, 5),
        "e": rng.randint(15, 48),
        "f": rng.randint(70, 96),
    }


def work_done(rng: random.Random, name: str, year: int, length: int = 0) -> str:
    """Each narrative is at least `length` characters long, with its mark."""
    parts = [
        text.format(year=year, **_numbers(rng)) for text in rng.sample(WORK, rng.randint(2, 4))
    ]
    lead = rng.choice(LEADS_IN).format(name=name)
    return _whole(rng, lead + "；".join(parts), WORK, length, year=year)


def benefit(rng: random.Random, length: int = 0) -> str:
    return _whole(rng, rng.choice(BENEFIT).format(**_numbers(rng)), BENEFIT, length)


def next_steps(rng: random.Random, length: int = 0) -> str:
    return _whole(rng, rng.choice(NEXT).format(**_numbers(rng)), NEXT, length)


def _whole(
    rng: random.Random, text: str, sentences: tuple[str, ...], length: int, **given: int
) -> str:
    """The text with a full stop and its mark, and with further sentences while it is too short."""
    text += "。"
    while len(text) + len(MARK) < length:
        text += rng.choice(sentences).format(**given, **_numbers(rng)) + "。"
    return text + MARK


def nothing_reason(rng: random.Random) -> str:
    return rng.choice(NOTHING) + "。" + MARK


def cause(rng: random.Random, index: int) -> tuple[Cause, str]:
    """Main cause and sub-cause of a late measure in the plan's year `index` (0 is the first)."""
    table = CAUSES[min(index, 1)]
    main = rng.choices([cause for cause, _ in table], [weight for _, weight in table])[0]
    return main, rng.choice(SUB_CAUSES[main])


def obstacle(rng: random.Random, sub_cause: str, length: int = 0) -> str:
    return _whole(rng, f"因{sub_cause}，部分工作項目未能依原訂時程完成", OBSTACLE, length)


def response(rng: random.Random, length: int = 0) -> str:
    return _whole(rng, rng.choice(RESPONSE), RESPONSE, length)


def corrected(text: str) -> str:
    """A narrative with what its correction adds, in front of the mark."""
    return text.removesuffix(MARK) + CORRECTED + MARK
