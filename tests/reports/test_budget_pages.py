"""經費: what the page says of the path, what it keeps apart, and scenarios that are shared."""

import csv
import io
import re
import uuid
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ministries.models import AuditEvent
from plan.models import Plan, Scenario
from tests.reports.money_world import make_later, make_money
from tests.world import World

URL = "/budget/"
MODERATE = "?gdp_growth=3.5&way=growth&budget_growth=5"


@pytest.fixture
def moneyed(world: World) -> World:
    make_money(world.plan)
    return world


def page(client, url: str = URL, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def heading(text: str) -> str:
    return re.search(r'<h1 class="say">(.*?)</h1>', text)[1]


def cells(text: str, caption: str) -> list[list[str]]:
    """Rows of the table whose caption has this id, tags left out."""
    table = text.split(f'id="{caption}"')[1].split("</table>")[0].split("<tbody>")[1]
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.S)
    ]


# --- what it says ---------------------------------------------------------------------------------
def test_without_assumptions_it_shows_the_plan_s_own_path(client, moneyed):
    text = page(client)
    assert heading(text) == "照規劃，115年占GDP 0.70%，達到0.70%的目標"
    assert cells(text, "c-gap")[0] == [
        "111", "1,307", "205,441", "0.64", "1,438", "131.1", "0.064", "1,307",
    ]  # fmt: skip
    assert cells(text, "c-gap")[-1] == [
        "115", "1,557", "222,376", "0.70", "1,557", "−0.4", "0.000", "1,557",
    ]  # fmt: skip


def test_another_growth_says_what_the_target_needs(client, moneyed):
    text = page(client, URL + MODERATE)
    assert heading(text) == "要在115年到0.70%，預算每年須增6.0%；照每年增5%只到0.67%"
    assert "115年到目標需要1,650億元；這個情境還差62億元；要到118年才達到目標。" in text
    assert "永遠到不了" in page(client, URL + "?gdp_growth=5&way=growth&budget_growth=5")
    assert "100年內到不了" in page(client, URL + "?gdp_growth=5&way=growth&budget_growth=5.01")
    assert "照規劃只到0.66%" in heading(page(client, URL + "?gdp_growth=3.5"))


def test_a_share_just_below_the_target_is_not_rounded_up_to_it(client, moneyed):
    text = page(client, URL + "?way=fixed&fixed=1350,1400,1450,1556")
    assert heading(text) == "要在115年到0.70%，預算每年須增4.5%；照自訂的預算只到0.6997%"
    assert "到0.701%，" in heading(page(client, URL + "?target=0.701"))


def test_own_budgets_by_year_leave_gaps(client, moneyed):
    text = page(client, URL + "?way=fixed&fixed=1400,1500&target_year=114")
    assert heading(text) == "照自訂的預算沒有114年的預算，算不出占GDP多少"
    assert [row[1] for row in cells(text, "c-gap")] == ["1,307", "1,400", "1,500", "—", "—"]
    assert "填起點次年起每年的預算" in page(client, URL + "?way=fixed")


def test_growth_may_differ_from_year_to_year(client, moneyed):
    text = page(client, URL + "?way=growth&budget_growth=10,0")
    assert [row[1] for row in cells(text, "c-gap")] == ["1,307", *["1,438"] * 4]


def test_the_gdp_of_110_is_derived_in_words(client, moneyed):
    text = page(client)
    assert (
        "110年的GDP是回推的：計畫表8的111年205,441億元÷(1＋2%)＝201,412.75億元；"
        "計畫表8自111年起每年成長2%。"
    ) in text
    first = cells(text, "c-num")[0]
    assert first == [
        "110法定", "1,141", "201,413", "計畫表8（回推）", "0.57", "", "計畫第柒章（第160頁）",
    ]  # fmt: skip
    assert "另一個比率：全國研發經費÷GDP" in text and "不能和上面的占比比較。" in text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("gdp_growth=-100", "每年成長要大於−100%"),
        ("gdp_growth=nan", "「nan」不是數字。"),
        ("gdp_growth=2000", "成長率最多1000%。"),
        ("target=0", "目標占比要大於0"),
        ("target=11", "10"),
        ("target_year=109", "目標年不能早於起點111年，你填的是109年。"),
        ("target_year=2026", "200"),
        ("origin=budget-planned:99", "budget-planned:99"),
        ("gdp=none", "none"),
        ("way=guess", "guess"),
        ("way=fixed&fixed=-5", "預算要大於0，你填的是-5億元。"),
    ],
)
def test_what_makes_no_sense_is_said_and_the_figures_stay(client, moneyed, asked, words):
    text = page(client, f"{URL}?{asked}")
    assert heading(text) == "這組假設算不出路徑"
    assert words in text.split('class="esum"')[1].split("</ul>")[0]
    assert len(cells(text, "c-num")) == 11
    figure = client.get(reverse("budget-figure") + f"?{asked}").json()
    assert "情境" not in [line["name"] for line in figure["data"]]


def test_a_plan_without_figures_says_so(client, world):
    assert heading(page(client)) == "這個計畫沒有經費路徑的數字"
    assert client.get(reverse("budget-figure")).status_code == 404
    assert client.get(URL + "?plan=none").status_code == 404


# --- what is kept apart ---------------------------------------------------------------------------
def lines(client, asked: str = "") -> dict[str, list]:
    data = client.get(reverse("budget-figure") + asked).json()["data"]
    return {line["name"]: line["y"] for line in data if line["mode"] == "lines+markers"}


def test_each_basis_and_vintage_is_a_line_of_its_own_with_its_gaps(client, moneyed):
    make_later(moneyed.plan)
    drawn = lines(client)
    assert set(drawn) == {"規劃", "法定", "預算案", "法定（含前瞻）", "情境"}
    assert [share is not None for share in drawn["預算案"]] == [
        False,
        True,
        False,
        True,
        *[False] * 2,
    ]
    assert drawn["法定"][1:] == [None] * 5, "110's source is another than 111's"
    other = lines(client, "?gdp=gdp-later")
    assert set(other) == {"規劃", "規劃另版", "預算案", "法定（含前瞻）", "情境"}
    assert other["規劃"] == drawn["規劃"][1:], "the plan stays on its own GDP"
    assert other["規劃另版"][1] is None, "no GDP of 112 in that vintage"
    assert f"{other['法定（含前瞻）'][0]:.4f}" == "0.5357", "1,215 億元, entered in 千元"


def test_national_research_never_meets_the_budget(client, moneyed):
    figure = client.get(reverse("budget-gerd-figure")).json()
    assert [line["name"] for line in figure["data"]] == ["臺灣", "韓國"]
    assert not {"臺灣", "韓國"} & set(lines(client))


# --- files ----------------------------------------------------------------------------------------
def table(client, part: str, asked: str = "") -> list[dict[str, str]]:
    answer = client.get(reverse("budget-table", args=[part, "csv"]) + asked)
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_files_hold_the_rows_of_the_page(client, moneyed):
    rows = table(client, "path", MODERATE)
    assert [row["roc_year"] for row in rows] == ["111", "112", "113", "114", "115"]
    assert rows[-1]["year"] == "2026" and Decimal(rows[-1]["percent"]) == Decimal("0.673883")
    assert Decimal(rows[-1]["lacking_100_million"]) == Decimal("61.5712")
    first = table(client, "figures")[0]
    assert (first["series"], first["percent"], first["gdp_taken_back"]) == (
        "budget-110-statutory", "0.566498", "True",
    )  # fmt: skip
    assert table(client, "gerd")[0]["gerd_percent_of_gdp"] == "3.35"
    ods = client.get(reverse("budget-table", args=["path", "ods"]))
    assert ods["Content-Type"] == "application/vnd.oasis.opendocument.spreadsheet"
    assert client.get("/budget/other.csv").status_code == 404


# --- scenarios ------------------------------------------------------------------------------------
def save(client, name: str, **more) -> Scenario:
    given = {"gdp_growth": "3.5", "way": "growth", "budget_growth": "5", "name": name, **more}
    answer = client.post(reverse("budget-save"), given)
    row = Scenario.objects.get(name=name)
    assert (answer.status_code, answer.url) == (302, reverse("budget-scenario", args=[row.address]))
    return row


def test_a_scenario_is_saved_read_by_its_address_and_deleted(client, moneyed):
    client.force_login(moneyed.officer_a)
    row = save(client, "每年增五", note="會議用")
    assert (row.owner, row.budget_growth, row.target) == (moneyed.officer_a, "5", Decimal("0.7"))
    event = AuditEvent.objects.get(verb="scenario.save")
    assert event.after["gdp_growth"] == "3.5" and event.actor == moneyed.officer_a.email
    client.logout()
    url = reverse("budget-scenario", args=[row.address])
    text = page(client, url)
    assert heading(text) == "要在115年到0.70%，預算每年須增6.0%；照每年增5%只到0.67%"
    assert "每年增五" in text and "刪除這個情境" not in text
    client.force_login(moneyed.officer_b)
    assert client.post(reverse("budget-delete", args=[row.address])).status_code == 403
    client.force_login(moneyed.officer_a)
    assert "刪除這個情境" in page(client, url)
    client.post(reverse("budget-delete", args=[row.address]))
    assert not Scenario.objects.exists()
    assert AuditEvent.objects.get(verb="scenario.delete").before["name"] == "每年增五"
    assert client.get(url).status_code == 404


def test_a_name_is_taken_once_by_each_person(client, moneyed):
    client.force_login(moneyed.officer_a)
    save(client, "同名")
    answer = client.post(reverse("budget-save"), {"name": "同名"})
    assert answer.status_code == 422
    assert "你已經有同名的情境，換一個名稱。" in answer.content.decode()
    bad = client.post(reverse("budget-save"), {"name": "不通", "gdp_growth": "-100"})
    assert bad.status_code == 422
    assert Scenario.objects.count() == 1
    client.force_login(moneyed.officer_b)
    client.post(reverse("budget-save"), {"name": "同名"})
    assert Scenario.objects.count() == 2


def test_the_public_works_out_and_saves_nothing(client, moneyed):
    assert "登入之後才能儲存情境。" in page(client, URL + MODERATE)
    answer = client.post(reverse("budget-save"), {"name": "路人"})
    assert answer.status_code == 302 and "/accounts/login/" in answer.url
    assert not Scenario.objects.exists()


def test_up_to_four_scenarios_stand_side_by_side(client, moneyed):
    client.force_login(moneyed.officer_a)
    rows = [save(client, f"情境{n}號", budget_growth=str(n)) for n in (4, 5, 6, 7, 8)]
    asked = "?" + "&".join(f"s={row.address}" for row in rows)
    text = page(client, reverse("budget-compare") + asked)
    assert heading(text) == "4個情境裡，1個在目標年達到目標占比"
    assert "一次最多比4個，有1個沒有列。" in text
    figure = client.get(reverse("budget-compare-figure") + asked).json()
    assert [line["name"] for line in figure["data"]] == [
        "情境1", "情境2", "情境3", "情境4", "目標",
    ]  # fmt: skip
    found = csv.DictReader(
        io.StringIO(
            client.get(reverse("budget-compare-table", args=["csv"]) + asked).content.decode(
                "utf-8-sig"
            )
        )
    )
    assert len(list(found)) == 4 * 5
    assert client.get(f"{reverse('budget-compare')}?s={uuid.uuid4()}").status_code == 404
    assert client.get(f"{reverse('budget-compare')}?s=none").status_code == 404


def test_a_scenario_whose_figures_are_gone_says_so(client, moneyed):
    client.force_login(moneyed.officer_a)
    row = save(client, "舊版")
    Scenario.objects.update(gdp="gone")
    assert heading(page(client, reverse("budget-scenario", args=[row.address]))) == (
        "這組假設算不出路徑"
    )
    text = page(client, f"{reverse('budget-compare')}?s={row.address}")
    assert heading(text) == "還沒有選要比較的情境"


# --- cost and reach -------------------------------------------------------------------------------
def queries(client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


def test_queries_grow_with_nothing(client, moneyed):
    public = queries(client, URL)
    assert public <= 3, "the frame, the plan, the figures"
    client.force_login(moneyed.officer_a)
    save(client, "一")
    one = queries(client, URL)
    compared = [f"{reverse('budget-compare')}?s={Scenario.objects.get().address}"]
    make_later(moneyed.plan)
    rows = [save(client, name) for name in ("二", "三")]
    assert queries(client, URL) == one
    compared.append(compared[0] + "".join(f"&s={row.address}" for row in rows))
    assert queries(client, compared[0]) == queries(client, compared[1])


def test_another_plan_is_shown_by_name_and_figures_come_first(client, moneyed):
    other = Plan.objects.create(slug="newer", name="新計畫", start_year=114, end_year=117)
    assert client.get(f"{URL}?plan={other.slug}").status_code == 404, "nothing of it is in force"
    assert heading(page(client)) == heading(page(client, f"{URL}?plan={moneyed.plan.slug}"))
