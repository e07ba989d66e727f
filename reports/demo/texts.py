"""What the demo experts and a ministry say. Every text ends with the mark of the demo."""

import random
from collections.abc import Sequence

from tracking.demo.texts import MARK

# From the harshest to the kindest: around which score, and what is said.
CRITICAL, MIXED, FAVOURABLE = (
    (2, (
        "執行情形多為辦理場次，看不出對目標的影響；因應對策沒有改變落後的原因。",
        "投入與產出不成比例，指標只算件數；建議先檢討推動方式，再決定是否繼續編列經費。",
    )),
    (3, (
        "方向合理，但成效的證據仍然不足；建議補充受益對象的前後比較。",
        "進度大致符合，跨部會的分工還可以更清楚，協辦部會的貢獻在報告裡看不到。",
        "成果已有雛形，擴大以前應先說明試行的結果，以及遇到的限制。",
    )),
    (5, (
        "推動方式務實，指標與執行情形相互印證，可作為其他措施的參考。",
        "與計畫目標扣合，資源運用得當；建議公開資料，讓外界可以查證。",
    )),
)  # fmt: skip
# Two experts who read the same report and see different things.
AGAINST = (2, ("主要工作項目沒有完成，也沒有替代方案；照目前的作法，期末不可能達成。",))
IN_FAVOUR = (4, ("落後來自外部因素，基礎工作已經到位；制度面的準備完整，後續可望趕上。",))
DRAFT = ("報告附的佐證資料還沒看完，先記下兩點：受益對象不明確，成效的數字沒有來源。",)
REPLY = (
    "感謝委員意見。已調整工作順序，並改採分階段驗收；自次一年度起按季公布進度，"
    "落後項目由專案小組每月追蹤。"
)
NOT_THIS_ONE = "專家任職的機構由主辦部會主管，這項措施由別的專家評估。"


def opinion(
    rng: random.Random, tone: tuple[int, Sequence[str]], criteria: Sequence[str]
) -> tuple[dict[str, int | None], str]:
    """Scores around the tone's own, now and then one that could not be judged, and the text."""
    around, sentences = tone
    scores: dict[str, int | None] = {
        key: min(max(around + rng.choice((-1, 0, 0, 0, 0, 1)), 1), 5) for key in criteria
    }
    if rng.random() < 0.25:
        scores[rng.choice(list(criteria))] = None
    return scores, rng.choice(sentences) + MARK
