"""Search: what is found, by whom, and how it is shown; the same on both engines."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.kit.search import Words, excerpt, fold, marked
from plan.actions import versions
from plan.enums import VersionState
from plan.models import Goal, Measure, MeasureItem, PlanVersion
from reports.pages import search as page
from reports.pages.search import Search
from tests.kept import kept
from tests.outcomes import release
from tests.world import World, make_year
from tracking.actions import reports, resolutions
from tracking.enums import Part, Status
from tracking.models import ProgressReport, Resolution
from tracking.queries.search import TEXTS
from tracking.submitted import shown


def ask(user, q: str, **more: str) -> Search:
    """What the page found for this person; None is the public."""
    return answer(user, q, **more).context["search"]


def answer(user, q: str, **more: str):
    browser = Client()
    if user is not None:
        browser.force_login(user)
    found = browser.get(reverse("search"), {"q": q, **more})
    assert found.status_code == 200
    return found


def codes(user, q: str, **more: str) -> list[str]:
    return [one.code for one in ask(user, q, **more).nodes]


def describe(world: World, code: str, text: str) -> Measure:
    """The measure with a description, as from an imported document."""
    Measure.objects.filter(version=world.version, code=code).update(description=text)
    return world.measures[code]


def give(world: World, text: str, owner: str = "alpha", code: str = "1.1.1.1") -> Resolution:
    today = timezone.localdate()
    return resolutions.give(
        plan=world.plan, owner=world.ministries[owner], text=text, decided_on=today,
        due_on=today + timedelta(days=30), source="第1次協調會議", code=code,
        name=world.measures[code].name, by=world.reviewer,
    )  # fmt: skip


# --- words ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("推動半導體研發", "半導"),
        ("推動半導體研發", "導體"),
        ("推動半導體研發", "半導體研發"),
        ("臺灣與台北", "台灣"),
        ("臺灣與台北", "臺北"),
        ("採用ＡＩ技術", "ai"),
        ("採用AI技術", "ＡＩ"),
        ("達成率５０％", "50%"),
        ("面積3㎡", "3m2"),
        ("人才與博士的培育", "博士 人才"),
        ("罕用字𡍼的地名", "字𡍼"),
    ],
)
def test_what_is_written_in_another_way_is_found(world, text, asked):
    describe(world, "1.1.1.1", text)
    describe(world, "1.1.1.2", "沒有關係的說明")
    assert codes(None, asked) == ["1.1.1.1"]
    assert "<mark>" in marked(text, Words.read(asked))


@pytest.mark.parametrize(
    "asked", ["半體", "導半", "體推", "半導 博士", "推動，", "半導體研究", "%導", "半_", "半%體"]
)
def test_what_is_not_written_is_not_found(world, asked):
    """Two runs that stand apart, an order turned round, the end of one text and the next."""
    measure = describe(world, "1.1.1.1", "推動半導體研發")
    items = [("（1）", "研發半導", "體驗營"), ("（2）", "", "")]
    for ordinal, (marker, title, text) in enumerate(items, start=1):
        MeasureItem.objects.create(
            measure=measure, ordinal=ordinal, level=1, marker=marker, title=title, text=text
        )
    assert codes(None, asked) == []


def test_many_long_words_are_found_as_few_are(world):
    """Each of them must stand in the text."""
    describe(world, "1.1.1.1", "半導體、量子點、巡檢員、感測器、種子師資、ＡＩ晶片、台灣島")
    for asked in ("半導體 量子點 巡檢員 感測器 種子師", "AI晶片 臺灣島", "ai晶片 台灣島"):
        assert codes(None, asked) == ["1.1.1.1"]
    for asked in ("半導體 量子點 巡檢員 感測器 子種師", "AI片晶 臺灣島"):
        assert codes(None, asked) == []


@pytest.mark.parametrize("sign", ["100%", "%_", "'甲", '"乙"', "a\\b", "c;d", "<b>", "&a", "--"])
def test_signs_are_taken_as_they_are_written(world, sign):
    describe(world, "1.1.1.1", "達成100%_的'甲'與\"乙\"：a\\b、c;d、<b>、&amp;、--。")
    describe(world, "1.1.1.2", "達成一百的甲與乙。")
    assert codes(None, sign) == ["1.1.1.1"]
    assert b"<b>" not in answer(None, sign).content.split(b"<main")[1].split(b"hit-x")[-1]


def test_names_come_before_descriptions_and_the_page_marks_both(world):
    describe(world, "2.1.1.1", "培育<script>巡檢員</script>的資料")
    found = answer(None, "培育")
    assert [one.code for one in found.context["search"].nodes] == ["1.1.1", "1.1.1.1", "2.1.1.1"]
    told = found.content.decode()
    assert "<mark>培育</mark>種子師資" in told
    assert "<mark>培育</mark>&lt;script&gt;巡檢員" in told
    assert "<script>巡" not in told
    assert "「培育」：在1項目標與策略、2項措施裡" in told


def test_an_excerpt_shows_the_place_and_no_more():
    text = "前" * 100 + "半導體" + "後" * 40 + "半導體" + "末" * 100
    shown = excerpt(text, Words.read("半導體"))
    assert shown.startswith("…前") and shown.endswith("末…")
    assert shown.count("<mark>半導體</mark>") == 2
    assert len(shown) < 140
    assert excerpt(text, Words.read("沒有")) is None
    assert excerpt("A\n\n&B", Words.read("a")) == "<mark>A</mark> &amp;B"


# --- codes and single characters ------------------------------------------------------------------
def test_a_code_leads_to_its_node_and_to_what_hangs_under_it(world):
    assert codes(None, "1.1.1") == ["1.1.1", "1.1.1.1", "1.1.1.2"]
    assert codes(None, "1.1.") == ["1.1", "1.1.1", "1.1.1.1", "1.1.1.2", "1.1.2", "1.1.2.1"]
    assert codes(None, "１．１．２．１") == ["1.1.2.1"]
    assert codes(None, "2")[0] == "2"
    assert codes(None, "7.7") == []
    told = answer(None, "2.1.1.1").content.decode()
    assert reverse("measure", args=["2.1.1.1"]) in told


def test_a_code_is_also_looked_for_in_texts(world):
    describe(world, "2.1.1.1", "延續1.1.1.2的平臺")
    assert codes(None, "1.1.1.2") == ["1.1.1.2", "2.1.1.1"]


@pytest.mark.parametrize("asked", ["人", "%", "才 人"])
def test_single_characters_are_refused_in_a_sentence(world, asked):
    found = answer(None, asked)
    assert found.context["search"].nodes == []
    assert "請至少輸入兩個字" in found.content.decode()


@pytest.mark.parametrize("asked", ["", "   ", "　"])
def test_nothing_asked_says_what_can_be_asked(world, asked):
    found = answer(None, asked)
    assert "查找計畫、報告與決議" in found.content.decode()
    assert not found.context["sections"]


def test_a_long_question_is_cut(world):
    assert codes(None, "培育" * 500) == []


# --- versions -------------------------------------------------------------------------------------
def test_the_version_in_force_is_searched_and_no_draft_or_older_one(world):
    draft = versions.open_draft(world.plan, by=world.collator)
    draft.measures.filter(code="1.1.1.1").update(name="草案的名稱")
    for user in (None, world.officer_a, world.collator):
        assert codes(user, "草案的名稱") == []
        assert codes(user, "種子師資") == ["1.1.1.1"]
    PlanVersion.objects.filter(pk=world.version.pk).update(state=VersionState.SUPERSEDED)
    PlanVersion.objects.filter(pk=draft.pk).update(state=VersionState.APPROVED)
    assert codes(None, "草案的名稱") == ["1.1.1.1"]
    assert codes(None, "種子師資") == []


# --- who finds what -------------------------------------------------------------------------------
def readable(world: World, word: str, user) -> set[int]:
    """Reports that tell the word to this person, as their pages show them."""
    rows = ProgressReport.objects.visible_to(user).exclude(status=Status.NOT_APPLICABLE)
    return {
        row.pk
        for row in shown(list(rows), user)
        if any(word in getattr(row, name) for name in TEXTS)
    }


def everybody(world: World) -> list:
    return [None, *world.people.values()]


def agrees(world: World, *words: str) -> dict[str, set[str]]:
    """Each person finds what their pages tell them, and nothing else. Word → who found it."""
    from django.contrib.auth.models import AnonymousUser

    finders: dict[str, set[str]] = {word: set() for word in words}
    names = {user: name for name, user in world.people.items()}
    for user in everybody(world):
        for word in words:
            found = ask(user, word)
            assert set(found.reports) == readable(world, word, user or AnonymousUser()), (
                names.get(user), word,
            )  # fmt: skip
            if found.reports:
                finders[word].add(names.get(user, "nobody"))
    return finders


OWN_A = {"officer_a", "window_a", "viewer_a"}
OWN_B = {"officer_b", "window_b", "viewer_b"}
STAFF = {"reviewer", "collator", "officer_s", "window_s", "viewer_s"}
SCIENCE = {"reviewer", "collator"}


def test_a_draft_is_found_by_its_ministry_alone_and_later_by_more(world):
    row = world.report("1.1.1.1", "alpha")
    world.bring(row, Status.DRAFT, work_done="暗號甲一")
    assert agrees(world, "暗號") == {"暗號": OWN_A}
    row = world.bring(world.report("1.1.1.2", "alpha"), Status.ACCEPTED, benefit="暗號甲二")
    found = agrees(world, "暗號甲一", "暗號甲二")
    assert found["暗號甲一"] == OWN_A
    assert found["暗號甲二"] == set(world.people)
    release(world.year)
    assert agrees(world, "暗號甲二")["暗號甲二"] == {"nobody", *world.people}
    assert agrees(world, "暗號甲一")["暗號甲一"] == OWN_A


def test_a_correction_in_writing_is_found_by_what_was_submitted(world):
    """乙部 partners in 1.1.1.1, which 甲部 leads and so reads."""
    row = world.bring(world.report("1.1.1.1", "beta"), Status.UNDER_REVIEW, work_done="當初送出")
    row = reports.return_report(
        row, seen_version=row.version, by=world.reviewer, parts={Part.PROGRESS: "請補。"}
    )
    row = reports.save_draft(
        row, seen_version=row.version, by=world.officer_b, fields={"work_done": "改到一半"}
    )
    for _step in ("returned", "signing"):
        found = agrees(world, "當初送出", "改到一半")
        assert found["當初送出"] == OWN_A | SCIENCE
        assert found["改到一半"] == OWN_B
        row.refresh_from_db()
        if row.status == Status.RETURNED:
            row = reports.submit(row, seen_version=row.version, by=world.officer_b)
    told = answer(world.reviewer, "當初").content.decode()
    assert "補正中" in told and "改到一半" not in told
    row = reports.sign_off(row, seen_version=row.version, by=world.window_b)
    found = agrees(world, "當初送出", "改到一半")
    assert found == {"當初送出": set(), "改到一半": OWN_A | OWN_B | SCIENCE}


def test_every_field_that_tells_something_is_searched(world):
    row = world.report("1.1.1.1", "alpha")
    ProgressReport.objects.filter(pk=row.pk).update(
        **{name: f"暗號{name}" for name in TEXTS}, exempt_reason="暗號不算", saved_at=timezone.now()
    )
    for name in TEXTS:
        assert ask(world.officer_a, f"暗號{name}").reports == [row.pk]
    assert ask(world.officer_a, "暗號不算").reports == []


def test_resolutions_are_found_by_those_who_see_them(world):
    row = give(world, "請甲部提出共用場域辦法。")
    resolutions.report(
        row, seen_version=1, by=world.officer_a, text="要點已於十一月發布。",
        title="要點", url="https://example.test/rules",
    )  # fmt: skip
    for user in everybody(world):
        sees = user is not None and Resolution.objects.visible_to(user).exists()
        for word in ("場域", "種子師資", "要點已於"):
            assert ask(user, word).resolutions == ([row.pk] if sees else []), (user, word)
    assert ask(world.officer_b, "場域").resolutions == []
    assert ask(world.officer_a, "場域", goal="2").resolutions == []
    assert ask(world.officer_a, "場域", goal="1").resolutions == [row.pk]
    told = answer(world.officer_a, "場域").content.decode()
    assert reverse("resolution", args=[row.pk]) in told and "<mark>場域</mark>" in told


# --- narrowing, order, pages ----------------------------------------------------------------------
@kept
def two_years(world) -> dict[str, ProgressReport]:
    """Accepted in 110 and 111 by 甲部, in 111 by 乙部 too; 110 is released."""
    earlier = make_year(world.plan, world.collator, 110)
    rows = {
        "a110": world.report("1.1.1.1", "alpha", earlier),
        "a111": world.report("1.1.1.1", "alpha"),
        "b111": world.report("2.1.1.1", "beta"),
    }
    for row in rows.values():
        world.bring(row, Status.ACCEPTED, work_done="共同的暗號")
    release(earlier)
    return rows


def test_newest_years_first_and_narrowed_by_the_address(world, two_years):
    a110, a111, b111 = (two_years[name].pk for name in ("a110", "a111", "b111"))
    viewer = world.viewer_a
    assert ask(viewer, "暗號").reports == [a111, b111, a110]
    assert ask(None, "暗號").reports == [a110]
    assert ask(viewer, "暗號", year="110").reports == [a110]
    assert ask(viewer, "暗號", ministry="beta").reports == [b111]
    assert ask(viewer, "暗號", goal="2").reports == [b111]
    assert ask(viewer, "暗號", plan="small", goal="1", year="111").reports == [a111]
    assert codes(None, "師資", ministry="alpha") == ["1.1.1.1"]
    assert codes(None, "師資", ministry="science") == []
    assert codes(None, "師資", goal="2") == []
    assert [one["kind"] for one in answer(viewer, "暗號", kind="plan").context["sections"]] == []
    for wrong in ({"kind": "x"}, {"year": "x"}, {"ministry": "x"}, {"plan": "x"}):
        assert Client().get(reverse("search"), {"q": "暗號", **wrong}).status_code == 404


def test_more_than_are_counted_is_said_and_the_newest_come_first(world, two_years, monkeypatch):
    monkeypatch.setattr(page, "MOST", 1)
    monkeypatch.setattr("reports.views.search.MOST", 1)
    found = answer(world.viewer_a, "暗號")
    told = found.content.decode()
    assert found.context["search"].reports == [two_years["a111"].pk, two_years["b111"].pk]
    assert "超過1件報告" in told
    assert [len(one["hits"]) for one in found.context["sections"]] == [1]


def test_no_more_than_some_texts_are_looked_through_and_that_is_said(world, two_years, monkeypatch):
    """Texts that have all pairs of a long run, but not the run, cost reading them."""
    monkeypatch.setattr("config.kit.search.LOOKED_THROUGH", 2)
    monkeypatch.setattr(page, "MOST", 1)
    oldest = two_years["a110"].pk
    ProgressReport.objects.filter(reporting_year=world.year).update(work_done="長期計，期計畫")
    ProgressReport.objects.filter(pk=oldest).update(work_done="有長期計畫")
    found = answer(world.viewer_a, "長期計畫")
    cut = connection.vendor == "postgresql"  # SQLite finds by the run itself
    assert found.context["search"].reports == ([] if cut else [oldest])
    assert found.context["search"].cut is cut
    assert ("這麼多份裡只看了最近的" in found.content.decode()) is cut
    assert ask(world.viewer_a, "長期計畫", year="110").reports == [oldest]
    assert not ask(world.viewer_a, "長期計畫", year="110").cut
    assert not ask(world.viewer_a, "長期").cut


@pytest.mark.parametrize("asked", ["共同的暗號", "ＡＩ晶片廠", "暗號 晶片廠"])
def test_long_words_are_looked_through_in_texts_of_every_kind(world, asked):
    told = "共同的暗號，AI晶片廠"
    describe(world, "1.1.1.1", told)
    MeasureItem.objects.create(
        measure=world.measures["2.1.1.1"], ordinal=1, level=1, marker="（1）", title="", text=told
    )
    row = world.report("1.1.1.1", "alpha")
    world.bring(row, Status.ACCEPTED, benefit=told)
    resolution = give(world, told)
    found = ask(world.reviewer, asked)
    assert [one.code for one in found.nodes] == ["1.1.1.1", "2.1.1.1"]
    assert (found.reports, found.resolutions) == ([row.pk], [resolution.pk])
    found = ask(world.reviewer, "共同的晶片廠")
    assert (found.nodes, found.reports, found.resolutions) == ([], [], [])


def test_one_kind_has_pages(world, two_years, monkeypatch):
    monkeypatch.setattr("reports.views.search.PAGE_SIZE", 2)
    monkeypatch.setattr("reports.views.search.FIRST", 2)
    told = answer(world.viewer_a, "暗號").content.decode()
    assert "還有1件" in told and "kind=reports" in told
    section = answer(world.viewer_a, "暗號", kind="reports", page="2").context["sections"][0]
    assert [hit.report.pk for hit in section["hits"]] == [two_years["a110"].pk]


def test_three_hits_ask_as_much_as_one(world, two_years):
    ProgressReport.objects.filter(pk=two_years["b111"].pk).update(next_steps="獨一")
    browser = Client()
    browser.force_login(world.reviewer)
    give(world, "共同的暗號，獨一的決議")
    counts = []
    for word in ("獨一", "暗號"):
        browser.get(reverse("search"), {"q": word})
        with CaptureQueriesContext(connection) as asked:
            browser.get(reverse("search"), {"q": word})
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 14


# --- one folding on both sides --------------------------------------------------------------------
@pytest.mark.postgres
def test_the_database_folds_as_we_do(db):
    """Every character of the planes in use, and pairs that NFKC puts together."""
    if connection.vendor != "postgresql":
        pytest.skip("Other engines fold by our own function.")
    codes = [*range(0x20, 0xD800), *range(0xE000, 0x10000), *range(0x20000, 0x2FA20)]
    texts = ["".join(map(chr, codes[at : at + 500])) for at in range(0, len(codes), 500)]
    with connection.cursor() as cursor:
        for text in [*texts, "e\u0301 か\u3099 ﾊﾟ"]:
            cursor.execute("SELECT search_fold(%s), search_bigrams(search_fold(%s))", [text, text])
            folded, pairs = cursor.fetchone()
            assert folded == fold(text)
            words = Words(text, (folded,))
            assert sorted(set(pairs)) == words.bigrams


def test_goals_and_strategies_lead_to_the_tree(world):
    told = answer(None, "人才").content.decode()
    assert Goal.objects.filter(name="人才").exists()
    assert reverse("plan-tree") in told and "g1" in told
