"""The pages of conclusions and comments: who may open and post, what is shown, what is not."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports.actions import comments, synthesis
from reports.actions.compile import compile_review
from reports.enums import ReviewState
from reports.models import Citation, Comment, CommentsDone, Conclusion, Filing, Review
from reports.queries import reviews as queries
from tests.kept import kept
from tests.reports.synthesis_world import (
    ask,
    make_opinion,
    make_review,
    second_reviewer,
    set_state,
)
from tests.world import World

ALPHA, BETA = "111/1.1.1.1/alpha", "111/1.1.1.1/beta"


@kept
def review(world: World) -> Review:
    review = make_review(world)
    synthesis.prefill(review, queries.current_edition(review), by=world.reviewer)
    return review


def client(user) -> Client:
    found = Client()
    if user is not None:
        found.force_login(user)
    return found


def node(review: Review, name: str = "conclusion", code: str = "1.1.1.1", level: str = "measure"):
    return reverse(name, args=[review.pk, level, code])


def conclusion(review: Review, code: str = "1.1.1.1", level: str = "measure") -> Conclusion:
    return Conclusion.objects.get(review=review, level=level, code=code)


def typed(*paragraphs: tuple, do: str = "save", seen_version: int = 1, **more) -> dict:
    """What the editor's form posts: (text, tokens …) for each paragraph."""
    data: dict = {"do": do, "seen_version": seen_version, "p": [], **more}
    for place, (text, *tokens) in enumerate(paragraphs, start=1):
        data["p"].append(place)
        data[f"text-{place}"] = text
        data[f"cite-{place}"] = tokens
    return data


# --- who ------------------------------------------------------------------------------------------
PEOPLE = ("reviewer", "collator", "expert", "administrator", "officer_a", "viewer_a", None)
# (reviewer, collator, expert, administrator, officer of 甲部, viewer of 甲部, nobody)
GETS = {
    ReviewState.SYNTHESIS: {
        "review-synthesis": (200, 200, 404, 404, 404, 404, 302),
        "review-comments": (200, 200, 404, 404, 404, 404, 302),
        "conclusion": (200, 200, 404, 404, 404, 404, 404),
        "conclusion-edit": (200, 403, 404, 404, 404, 404, 302),
    },
    ReviewState.COMMENTING: {
        "review-synthesis": (200, 200, 404, 404, 200, 200, 302),
        "review-comments": (200, 200, 404, 404, 200, 200, 302),
        "conclusion": (200, 200, 404, 404, 200, 200, 404),
        "conclusion-edit": (200, 403, 404, 404, 404, 404, 302),
    },
    ReviewState.APPROVED: {
        "review-synthesis": (200, 200, 404, 404, 200, 200, 302),
        "conclusion": (200, 200, 404, 404, 200, 200, 404),
        "conclusion-edit": (302, 403, 404, 404, 404, 404, 302),
    },
}


@pytest.mark.parametrize("state", GETS)
def test_who_opens_what(world: World, review: Review, state: str):
    set_state(review, state)
    found = {}
    for name in GETS[state]:
        url = node(review, name) if name.startswith("conclusion") else reverse(name, args=[1])
        url = url if name.startswith("conclusion") else reverse(name, args=[review.pk])
        found[name] = tuple(
            client(world.people[who] if who else None).get(url).status_code for who in PEOPLE
        )
    assert found == GETS[state]


def test_an_expert_with_a_seat_reads_no_conclusion_before_it_is_public(
    world: World, review: Review
):
    make_opinion(world, review)
    seated = client(world.expert)
    for state in (ReviewState.SYNTHESIS, ReviewState.COMMENTING, ReviewState.APPROVED):
        set_state(review, state)
        assert seated.get(node(review)).status_code == 404
        assert seated.get(node(review, "conclusion-edit")).status_code == 404
        assert seated.get(reverse("review-synthesis", args=[review.pk])).status_code == 404
        assert seated.get(reverse("review-comments", args=[review.pk])).status_code == 404


POSTS = {
    "review-synthesis-prefill": (302, 403, 404, 404, 403, 403, 302),
    "review-synthesis-ready": (302, 403, 404, 404, 403, 403, 302),
    "conclusion-ready": (302, 403, 404, 404, 403, 403, 302),
    "conclusion-edit": (302, 403, 404, 404, 404, 404, 302),
    "conclusion-comment": (403, 403, 404, 404, 302, 403, 302),
    "review-comments-done": (403, 403, 404, 404, 302, 403, 302),
}


@pytest.mark.parametrize("name", POSTS)
def test_who_posts_what_while_ministries_comment(world: World, review: Review, name: str):
    ask(world, review)
    row = conclusion(review)
    of_node = name.startswith("conclusion")
    url = node(review, name) if of_node else reverse(name, args=[review.pk])
    data = {"ministry": "alpha", "text": "意見。", "conclusion": f"{row.pk}:{row.version}"}
    data |= {"seen_version": 0 if name == "conclusion-comment" else row.version}
    if name == "conclusion-edit":
        data = typed(("話。", f"line|{ALPHA}"), seen_version=row.version)
    got = []
    for who in (*PEOPLE[1:], PEOPLE[0]):  # the reviewer, who changes things, last
        got.append(client(world.people[who] if who else None).post(url, data).status_code)
    assert (got[-1], *got[:-1]) == POSTS[name]
    assert client(world.reviewer).get(url).status_code == (
        200 if name == "conclusion-edit" else 405
    )


def test_answers_are_the_reviewers(world: World, review: Review):
    ask(world, review)
    row = comments.comment(conclusion(review), world.alpha, "請補充。", by=world.officer_a)
    url = reverse("conclusion-comment-answer", args=[review.pk, "measure", "1.1.1.1", row.pk])
    got = {
        who: client(world.people[who] if who else None)
        .post(url, {"answer": "已補充。", "seen_version": 1})
        .status_code
        for who in ("collator", "expert", "officer_a", "officer_b", None, "reviewer")
    }
    assert got == {
        "collator": 403, "expert": 404, "officer_a": 403, "officer_b": 404, None: 302,
        "reviewer": 302,
    }  # fmt: skip
    row.refresh_from_db()
    assert (row.answer, row.answered_by) == ("已補充。", world.reviewer)


def test_a_node_that_there_is_not_and_other_words_for_the_plan_are_404(
    world: World, review: Review
):
    reader = client(world.reviewer)
    assert reader.get(node(review, code="9.9.9.9")).status_code == 404
    assert reader.get(node(review, code="plan", level="plan")).status_code == 200
    assert reader.get(node(review, code="1", level="plan")).status_code == 404
    assert reader.get(f"/reviews/{review.pk}/conclusions/word/1/").status_code == 404


# --- what is seen ---------------------------------------------------------------------------------
def test_a_citation_opens_the_frozen_line_and_the_opinion(world: World, review: Review):
    opinion = make_opinion(world, review)
    row = synthesis.save_conclusion(
        conclusion(review),
        paragraphs=[
            {"text": "達成目標<b>。", "lines": [ALPHA, BETA], "opinions": [opinion.pk]},
            {"text": "第二段。", "lines": [ALPHA]},
        ],
        seen_version=1,
        by=world.reviewer,
    )
    page = client(world.reviewer).get(node(review)).content.decode()
    line = row.edition.lines.get(key=ALPHA)
    assert reverse("review-line", args=[review.pk, 1, line.ordinal]) in page
    assert reverse("opinion-show", args=[opinion.pk]) in page
    assert "達成目標&lt;b&gt;。" in page
    numbers = re.findall(r'<sup class="cite"><a [^>]*>(\d+)<', page)
    assert numbers == ["1", "2", "3", "1"]


def test_a_ministry_reads_conclusions_but_not_opinions_that_were_not_sent(
    world: World, review: Review
):
    opinion = make_opinion(world, review)
    synthesis.save_conclusion(
        conclusion(review),
        paragraphs=[{"text": "專家認為足夠。", "opinions": [opinion.pk]}],
        seen_version=1,
        by=world.reviewer,
    )
    ask(world, review)
    page = client(world.officer_a).get(node(review)).content.decode()
    assert "專家認為足夠。" in page
    assert reverse("opinion-show", args=[opinion.pk]) not in page
    assert "規模足夠。" not in page
    opinion.sent_at = timezone.now()
    opinion.save()
    page = client(world.officer_a).get(node(review)).content.decode()
    assert reverse("opinion-show", args=[opinion.pk]) in page


def test_a_ministry_sees_its_own_comments_only_and_the_reviewer_all(world: World, review: Review):
    ask(world, review)
    row = conclusion(review)
    comments.comment(row, world.alpha, "甲部的話在此。", by=world.officer_a)
    comments.comment(row, world.beta, "乙部的話在此。", by=world.window_b)
    for url in (node(review), reverse("review-comments", args=[review.pk])):
        alpha = client(world.officer_a).get(url).content.decode()
        assert "甲部的話在此。" in alpha
        assert "乙部的話在此。" not in alpha
        reviewer = client(world.reviewer).get(url).content.decode()
        assert "甲部的話在此。" in reviewer
        assert "乙部的話在此。" in reviewer
    listed = client(world.officer_a).get(reverse("review-synthesis", args=[review.pk]))
    counts = {
        (one.row.level, one.row.code): (one.comments, one.open)
        for group in listed.context["groups"]
        for one in group.rows
    }
    assert counts["measure", "1.1.1.1"] == (1, 1)


def test_the_public_reads_what_is_published_and_nothing_leads_inside(world: World, review: Review):
    synthesis.save_conclusion(
        conclusion(review),
        paragraphs=[{"text": "公開的結論。", "lines": [ALPHA]}],
        seen_version=1,
        by=world.reviewer,
    )
    set_state(review, ReviewState.FILED)
    filing = Filing.objects.create(
        review=review,
        edition=queries.current_edition(review),
        step="for_reference",
        document_number="科會字第1號",
        addressee="行政院",
        on=timezone.localdate(),
        by=world.collator,
    )
    assert client(None).get(node(review)).status_code == 404
    Filing.objects.filter(pk=filing.pk).update(
        published_on=timezone.localdate() + timedelta(days=1)
    )
    assert client(None).get(node(review)).status_code == 404
    Filing.objects.filter(pk=filing.pk).update(published_on=timezone.localdate())
    page = client(None).get(node(review)).content.decode()
    assert "公開的結論。" in page
    assert "/lines/" not in page
    assert "/edit/" not in page


def test_the_list_filters_by_goal_and_state_and_sorts_the_lowest_first(
    world: World, review: Review
):
    reader, url = client(world.reviewer), reverse("review-synthesis", args=[review.pk])

    def codes(**query):
        groups = reader.get(url, query).context["groups"]
        return [one.row.code for group in groups for one in group.rows]

    synthesis.mark_ready(conclusion(review, "2.1.1.1"), seen_version=1, by=world.reviewer)
    assert codes(goal="2") == ["2", "2.1", "2.1.1", "2.1.1.1"]
    assert codes(state="ready") == ["2.1.1.1"]
    assert codes(state="draft", goal="2") == ["2", "2.1", "2.1.1"]
    assert codes(sort="worst") == ["1.1.2.1", "1.1.1.1", "1.1.1.2", "2.1.1.1"]
    assert codes(state="missing") == []


def test_the_button_proposes_and_after_a_newer_edition_moves(world: World, review: Review):
    Citation.objects.all().delete()
    Conclusion.objects.filter(code="2.1.1.1").delete()
    reader, url = client(world.reviewer), reverse("review-synthesis", args=[review.pk])
    assert "補上1則結論" in reader.get(url).content.decode()
    reader.post(reverse("review-synthesis-prefill", args=[review.pk]))
    assert Conclusion.objects.filter(review=review).count() == 12
    Review.objects.filter(pk=review.pk).update(rules={**review.rules, "threshold": "70"})
    compile_review(review.pk, by=world.collator)
    assert "12則結論改依第2版" in reader.get(url).content.decode()
    reader.post(reverse("review-synthesis-prefill", args=[review.pk]))
    assert set(Conclusion.objects.values_list("edition__number", flat=True)) == {2}


# --- the editor -----------------------------------------------------------------------------------
def test_a_draft_is_saved_and_a_ready_one_leads_back(world: World, review: Review):
    reader, url = client(world.reviewer), node(review, "conclusion-edit")
    answer = reader.post(url, typed(("第一段。", f"line|{ALPHA}"), ("第二段。", f"line|{BETA}")))
    assert (answer.status_code, answer.url) == (302, url)
    row = conclusion(review)
    assert [one.text for one in row.paragraphs.all()] == ["第一段。", "第二段。"]
    answer = reader.post(
        url, typed(("第一段。", f"line|{ALPHA}"), do="ready", seen_version=row.version)
    )
    assert (answer.status_code, answer.url) == (302, node(review))
    assert conclusion(review).ready


def test_buttons_lay_paragraphs_out_anew_and_store_nothing(world: World, review: Review):
    reader, url = client(world.reviewer), node(review, "conclusion-edit")
    told = [("甲。", f"line|{ALPHA}"), ("乙。", f"line|{BETA}")]

    def texts(do: str) -> list[tuple[str, list[str]]]:
        answer = reader.post(url, typed(*told, do=do))
        assert answer.status_code == 200
        return [(draft.text, draft.picked) for _place, draft in answer.context["drafts"]]

    first, second = ("甲。", [f"line|{ALPHA}"]), ("乙。", [f"line|{BETA}"])
    assert texts("add") == [first, second, ("", [])]
    assert texts("up:2") == [second, first]
    assert texts("down:1") == [second, first]
    assert texts("drop:1") == [second]
    assert texts("up:9") == [first, second]
    assert texts("nonsense:1") == [first, second]
    assert conclusion(review).version == 1


def test_what_is_refused_is_said_at_its_place_and_kept(world: World, review: Review):
    reader, url = client(world.reviewer), node(review, "conclusion-edit")
    answer = reader.post(url, typed(("有根據。", f"line|{ALPHA}"), ("沒有根據。",)))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "沒有根據。</textarea>" in page
    assert '<a href="#id_text-2">第2段：這一段沒有引用任何資料。' in page
    answer = reader.post(
        node(review, "conclusion-edit", "1", "goal"),
        typed(("話。", "node|measure|1.1.1.1"), **{"more-1": f"{ALPHA} 111/9/none"}),
    )
    assert answer.status_code == 422
    assert "第1版沒有「111/9/none」" in answer.content.decode()
    assert ALPHA in answer.content.decode()


def test_whoever_is_second_sees_both_and_saves_on_top(world: World, review: Review):
    second = client(second_reviewer())
    synthesis.save_conclusion(
        conclusion(review),
        paragraphs=[{"text": "先存的話。", "lines": [ALPHA]}],
        seen_version=1,
        by=world.reviewer,
    )
    url = node(review, "conclusion-edit")
    answer = second.post(url, typed(("後打的話。", f"line|{BETA}")))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "後打的話。</textarea>" in page
    assert re.sub(r"</?(ins|del)>", "", page).count("先存的話。") == 1
    assert 'name="seen_version" value="2"' in page
    second.post(url, typed(("合起來的話。", f"line|{BETA}"), seen_version=2))
    assert conclusion(review).paragraphs.get().text == "合起來的話。"


def test_laying_out_anew_or_a_refusal_does_not_hide_that_somebody_was_faster(
    world: World, review: Review
):
    second, url = client(second_reviewer()), node(review, "conclusion-edit")
    synthesis.save_conclusion(
        conclusion(review),
        paragraphs=[{"text": "先存的話。", "lines": [ALPHA]}],
        seen_version=1,
        by=world.reviewer,
    )
    for do in ("add", "drop:1", "up:1"):
        answer = second.post(url, typed(("後打的話。", f"line|{BETA}"), do=do))
        assert answer.context["seen_version"] == 1
    set_state(review, ReviewState.APPROVING)
    assert second.post(url, typed(("後打的話。",))).context["seen_version"] == 1


def test_words_are_kept_when_the_time_is_over(world: World, review: Review):
    reader, url = client(world.reviewer), node(review, "conclusion-edit")
    set_state(review, ReviewState.APPROVING)
    answer = reader.post(url, typed(("打了很久的話。", f"line|{ALPHA}")))
    assert answer.status_code == 409
    assert "打了很久的話。</textarea>" in answer.content.decode()
    assert conclusion(review).version == 1


def test_a_nul_is_no_fault(world: World, review: Review):
    """PostgreSQL can't store one, in whatever is typed or sent."""
    own = client(world.reviewer)
    edit = node(review, "conclusion-edit")
    answer = own.post(edit, typed(("依\0進度。", "line|\0")))
    assert answer.status_code == 422
    own.post(edit, typed(("依\0進度。", f"line|{ALPHA}")))
    assert conclusion(review).paragraphs.get().text == "依進度。"
    assert own.get(node(review, code="\0")).status_code == 400


def test_characters_that_no_font_draws_are_named(world: World, review: Review):
    page = client(world.reviewer).post(
        node(review, "conclusion-edit"), typed(("\U0001f9ff", f"line|{ALPHA}"), do="add")
    )
    assert "U+1F9FF" in page.content.decode()


# --- comments -------------------------------------------------------------------------------------
def test_a_ministry_comments_and_says_that_it_is_done(world: World, review: Review):
    ask(world, review)
    officer = client(world.officer_a)
    answer = officer.post(
        node(review, "conclusion-comment"),
        {"ministry": "alpha", "text": "請補充人次。", "seen_version": 0},
    )
    assert (answer.status_code, answer.url) == (302, node(review))
    assert Comment.objects.get().text == "請補充人次。"
    answer = officer.post(
        node(review, "conclusion-comment"), {"ministry": "alpha", "text": " ", "seen_version": 1}
    )
    assert answer.status_code == 422
    answer = officer.post(
        node(review, "conclusion-comment", "2.1.1.1"), {"ministry": "alpha", "text": "別人的。"}
    )
    assert answer.status_code == 403
    officer.post(reverse("review-comments-done", args=[review.pk]), {"ministry": "alpha"})
    assert CommentsDone.objects.get().ministry == world.alpha
    page = officer.get(reverse("review-comments", args=[review.pk])).content.decode()
    assert "表示完畢" in page
    assert "1則結論" not in page


def test_who_is_late_is_told_why_and_keeps_the_words(world: World, review: Review):
    ask(world, review)
    yesterday = timezone.localdate() - timedelta(days=1)
    Review.objects.filter(pk=review.pk).update(comments_due_on=yesterday)
    answer = client(world.officer_a).post(
        node(review, "conclusion-comment"), {"ministry": "alpha", "text": "太晚的話。"}
    )
    assert answer.status_code == 409
    assert "已經過了" in answer.content.decode()
    assert "太晚的話。" in answer.content.decode()
    assert not Comment.objects.exists()


def test_two_of_one_ministry_see_both_words(world: World, review: Review):
    ask(world, review)
    row = comments.comment(conclusion(review), world.alpha, "先寫的。", by=world.window_a)
    answer = client(world.officer_a).post(
        node(review, "conclusion-comment"), {"ministry": "alpha", "text": "後寫的。"}
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "先寫的。" in page
    assert "後寫的。</textarea>" in page
    comments.answer(row, "先答的。", seen_version=1, by=world.reviewer)
    answer = client(world.reviewer).post(
        reverse("conclusion-comment-answer", args=[review.pk, "measure", "1.1.1.1", row.pk]),
        {"answer": "後答的。", "seen_version": 1},
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "先答的。" in page
    assert "後答的。</textarea>" in page


def test_the_list_of_nodes_is_read_in_few_queries(
    world: World, review: Review, django_assert_max_num_queries
):
    reader = client(world.reviewer)
    with django_assert_max_num_queries(30):
        reader.get(reverse("review-synthesis", args=[review.pk]))
    with django_assert_max_num_queries(40):
        reader.get(node(review, "conclusion-edit"))


# --- a goal at once -------------------------------------------------------------------------------
def test_everything_of_a_goal_that_is_complete_is_marked_at_once(world: World, review: Review):
    row, empty = conclusion(review), conclusion(review, "1.1.2.1")
    Citation.objects.filter(paragraph__conclusion=row).update(flag="changed")
    empty.paragraphs.all().delete()
    browser = client(world.reviewer)
    url = reverse("review-synthesis", args=[review.pk])
    page = browser.get(url).content.decode()
    [button] = re.findall(r'<button[^>]*name="goal" value="1"[^>]*>([^<]+)<', page)
    given = re.findall(r'name="goal-1" value="([0-9]+:[0-9]+)"', page)
    # Flagged ones are not offered; each other draft is, once.
    assert len(given) == len(set(given))
    assert f"{row.pk}:{row.version}" not in given
    assert f"{len(given)}則" in button
    data = {"goal": "1", "goal-1": given, "conclusion": [f"{row.pk}:{row.version}"]}
    answer = browser.post(reverse("review-synthesis-ready", args=[review.pk]), data, follow=True)
    told = answer.content.decode()
    assert f"已寫定{len(given) - 1}則結論。" in told
    assert "1.1.2.1（這則結論還沒有任何一段。）" in told
    assert "1.1.1.1（資料已變，待確認）" in told
    ready = Conclusion.objects.filter(review=review, ready=True)
    assert ready.count() == len(given) - 1
    assert not ready.filter(code__startswith="2").exists()
    assert set(ready.values_list("ready_by__email", flat=True)) == {world.reviewer.email}


def test_what_somebody_changed_meanwhile_is_left(world: World, review: Review):
    row = conclusion(review, "2.1.1.1")
    seen = {row.pk: row.version + 1}
    count, left = synthesis.mark_complete(review, seen, by=world.reviewer)
    assert (count, list(left)) == (0, [row.pk])
    assert not Conclusion.objects.filter(ready=True).exists()


def test_columns_of_all_goals_have_the_same_widths(world: World, review: Review):
    page = client(world.reviewer).get(reverse("review-synthesis", args=[review.pk]))
    groups = re.findall(r"<colgroup>.*?</colgroup>", page.content.decode())
    assert len(groups) == 3
    assert len(set(groups)) == 1
