"""Pages of experts and opinions: who may open which, what they show, and what they must not."""

import re
from http import HTTPStatus

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ministries.models import User
from reports.actions.compile import compile_review
from reports.actions.experts import invite
from reports.actions.opinions import reply, save_opinion, send_opinions, submit_opinion
from reports.actions.recusals import declare_recusal
from reports.enums import RecusalState, ReviewState
from reports.models import Invitation, Opinion, Recusal, Review, Seat, SeatItem
from tests.reports.experts import WHOLE, draft, make_expert, make_seat, put
from tests.tracking.pages import fields
from tests.world import PASSWORD
from tracking.enums import Status
from tracking.models import ProgressReport

pytestmark = pytest.mark.django_db
CODE = "1.1.1.1"
NEW_PASSWORD = "a quiet river 1987"
SECRET = "只有我自己知道的草稿"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, name: str, *args, **query):
    return signed_in(user).get(reverse(name, args=args), query)


def text(response) -> str:
    return response.content.decode()


def hand_in(seat, code=CODE, **given) -> Opinion:
    return submit_opinion(seat, measure_code=code, draft=draft(**given), by=seat.user)


def typed(opinion_text: str, *, seen: int = 0, scores: dict | None = None, **more) -> dict:
    scores = WHOLE if scores is None else scores
    return {
        **{f"score_{key}": "none" if one is None else str(one) for key, one in scores.items()},
        "text": opinion_text,
        "seen_version": str(seen),
        "edition": "1",
        **more,
    }


# --- who may open what ----------------------------------------------------------------------------
OPEN = {"reviewer", "collator"}
ROOM = {
    "review-experts": OPEN,
    "review-opinions": OPEN,
    "review-dossier": {"expert"},
    "review-declare": {"expert"},
}


@pytest.mark.parametrize("name", ROOM)
def test_who_opens_a_room(world, review, seat, name):
    found = {who: page(user, name, review.pk).status_code for who, user in world.people.items()}
    for who, status in found.items():
        assert status == (HTTPStatus.OK if who in ROOM[name] else HTTPStatus.NOT_FOUND), who
    answer = Client().get(reverse(name, args=[review.pk]))
    assert answer.status_code == HTTPStatus.FOUND and "/accounts/login/" in answer.url


def test_only_reviewers_open_the_invitation_form(world, review, seat):
    found = {
        who: page(user, "review-invite", review.pk).status_code
        for who, user in world.people.items()
    }
    assert {who for who, status in found.items() if status == HTTPStatus.OK} == {"reviewer"}
    assert {who for who, status in found.items() if status == HTTPStatus.FORBIDDEN} == {"collator"}


def test_a_seat_and_an_opinion_have_few_readers(world, review, seat, other_seat):
    opinion = hand_in(seat)
    for name, args, readers in (
        ("review-seat", (review.pk, seat.pk), OPEN),
        ("opinion", (review.pk, CODE), {"expert"}),
        ("opinion-show", (opinion.pk,), OPEN | {"expert"}),
    ):
        for who, user in world.people.items():
            expected = HTTPStatus.OK if who in readers else HTTPStatus.NOT_FOUND
            assert page(user, name, *args).status_code == expected, (name, who)


@pytest.mark.parametrize("who", ["collator", "expert", "window_a", "administrator"])
def test_nobody_else_posts(world, review, seat, who):
    declare_recusal(seat, code="2.1.1.1", reason="合作過。", by=seat.user)
    recusal = Recusal.objects.get()
    client = signed_in(world.people[who])
    posts = [
        ("review-assign", (review.pk,), {"seat": seat.pk, "scope": "1.1"}),
        ("review-seat", (review.pk, seat.pk), {"codes": ["1.1.1.2"]}),
        ("review-seat-end", (review.pk, seat.pk), {"reason": "不想了"}),
        ("review-recusal", (review.pk, recusal.pk), {"decision": "dismiss", "reason": "不必"}),
        ("opinions-send", (review.pk,), {}),
        ("review-invite", (review.pk,), {"name": "林", "email": "a@b.test", "affiliation": "甲"}),
    ]
    for name, args, data in posts:
        status = client.post(reverse(name, args=args), data).status_code
        assert status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND), name
    assert SeatItem.objects.count() == 2 and not Invitation.objects.exists()
    assert Recusal.objects.get().state == RecusalState.DECLARED
    assert Seat.objects.get().ended_at is None


# --- nothing leaks --------------------------------------------------------------------------------
def test_a_draft_shows_nowhere_but_at_home(world, review, seat, other_seat):
    save_opinion(seat, measure_code=CODE, draft=draft(text=SECRET), by=seat.user)
    hand_in(other_seat)
    Review.objects.update(opinions_open_before=True)
    for user in (world.reviewer, world.collator):
        for name, args in (
            ("review-experts", (review.pk,)),
            ("review-seat", (review.pk, seat.pk)),
            ("review-opinions", (review.pk,)),
            ("review", (review.pk,)),
        ):
            assert SECRET not in text(page(user, name, *args)), name
    assert SECRET not in text(page(other_seat.user, "opinion", review.pk, CODE))
    assert SECRET in text(page(seat.user, "opinion", review.pk, CODE))


def test_others_opinions_come_after_ones_own(review, seat, other_seat):
    hand_in(seat, text="先送的人說的話")
    url = ("opinion", review.pk, CODE)
    assert "先送的人說的話" not in text(page(other_seat.user, *url))
    hand_in(other_seat, text="後送的人")
    after = text(page(other_seat.user, *url))
    assert "先送的人說的話" in after and "專家1" in after
    assert seat.user.name not in after, "experts don't learn who wrote"


def test_a_measure_that_was_not_asked_is_not_there(review, seat):
    assert page(seat.user, "opinion", review.pk, "1.1.2.1").status_code == HTTPStatus.NOT_FOUND
    assert "1.1.2.1" not in text(page(seat.user, "review-dossier", review.pk))


def test_another_reviews_dossier_is_not_there(review, seat):
    other = Review.objects.get(pk=review.pk)
    other.pk, other.kind = None, "final"
    other.save()
    stranger = make_seat(other, make_expert("stranger"), codes=(CODE,))
    for name in ("review-dossier", "review-opinions", "review-experts"):
        assert page(stranger.user, name, review.pk).status_code == HTTPStatus.NOT_FOUND


def test_ministries_read_only_what_was_sent_on_their_measures(world, review, seat, reviewer):
    hand_in(seat, text="給甲乙兩部的話")
    hand_in(seat, "2.1.1.1", text="還沒送出去的話")
    send_opinions(review, codes=[CODE], by=reviewer)
    shown = text(page(world.window_a, "review-opinions", review.pk))
    assert "給甲乙兩部的話" in shown and "還沒送出去的話" not in shown
    assert "專家1" in shown and seat.user.name not in shown
    foreign = text(page(world.window_s, "review-opinions", review.pk))
    assert "給甲乙兩部的話" not in foreign and "沒有送給貴部會的意見" in foreign


# --- invitations ----------------------------------------------------------------------------------
def invited(review, reviewer, email: str = "new@example.test") -> str:
    _row, token = invite(review, email=email, name="林教授", affiliation="東海大學", by=reviewer)
    return reverse("invitation", args=[token])


def test_inviting_by_form_mails_the_link(review, reviewer, django_capture_on_commit_callbacks):
    given = {"name": "林教授", "email": "new@example.test", "affiliation": "東海大學"}
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(reviewer).post(reverse("review-invite", args=[review.pk]), given)
    assert answer.status_code == HTTPStatus.FOUND
    [sent] = [one for one in mail.outbox if one.to == ["new@example.test"]]
    path = re.search(r"/invitations/\S+/", sent.body).group()
    assert Client().get(path).status_code == HTTPStatus.OK
    listed = text(page(reviewer, "review-experts", review.pk))
    assert path not in listed and "林教授" in listed


def test_a_new_person_is_led_from_the_link_to_the_statement(review, reviewer):
    url, client = invited(review, reviewer), Client()
    given = {
        "name": "林教授",
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD,
        "affiliation": "東海大學",
    }
    weak = client.post(url, {**given, "password1": "short", "password2": "short"})
    assert weak.status_code == HTTPStatus.UNPROCESSABLE_ENTITY and "short" not in text(weak)
    assert client.post(url, {**given, "password2": "another"}).status_code == 422
    answer = client.post(url, given)
    assert answer.url == reverse("review-dossier", args=[review.pk])
    assert "先聲明利害關係" in text(client.get(answer.url))
    assert client.get(url).status_code == HTTPStatus.NOT_FOUND
    declared = client.post(
        reverse("review-declare", args=[review.pk]),
        {"affiliation": "東海大學", "no_interest": "on"},
        follow=True,
    )
    assert "還沒有請您評估的措施" in text(declared)


def test_an_account_must_sign_in_first(review, reviewer, officer_a, officer_b):
    url = invited(review, reviewer, officer_a.email)
    shown = text(Client().get(url))
    assert f"?next={url}" in shown and "password1" not in shown
    given = {"affiliation": "甲部"}
    assert Client().post(url, given).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert signed_in(officer_b).post(url, given).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "別的帳號" in text(signed_in(officer_b).get(url))
    assert signed_in(officer_a).post(url, given).status_code == HTTPStatus.FOUND
    assert Seat.objects.get().user == officer_a


def test_dead_links_say_why(review, reviewer):
    url = invited(review, reviewer)
    Invitation.objects.update(revoked_at="2026-01-01T00:00:00Z")
    for path, why in ((url, "已經撤銷"), (reverse("invitation", args=["x"]), "沒有這份邀請")):
        for answer in (Client().get(path), Client().post(path, {})):
            assert answer.status_code == HTTPStatus.NOT_FOUND and why in text(answer)


@pytest.mark.parametrize("verb", ["resend", "revoke"])
def test_moving_an_invitation(review, reviewer, world, verb):
    old = invited(review, reviewer)
    row = Invitation.objects.get()
    url = reverse("review-invitation", args=[review.pk, row.pk, verb])
    assert signed_in(world.collator).post(url).status_code == HTTPStatus.FORBIDDEN
    assert signed_in(world.window_a).post(url).status_code == HTTPStatus.NOT_FOUND
    assert signed_in(reviewer).post(url).status_code == HTTPStatus.FOUND
    assert Client().get(old).status_code == HTTPStatus.NOT_FOUND


# --- the room of reviewers ------------------------------------------------------------------------
def test_the_room_says_what_lacks_and_where_experts_differ(review, seat, other_seat, reviewer):
    hand_in(seat)
    hand_in(other_seat, scores={**WHOLE, "relevance": 1})
    shown = text(page(reviewer, "review-experts", review.pk))
    assert "4項裡，3項還不到2位專家" in shown
    assert "1–4" in shown and "無法計算" in shown
    assert "東海大學" in shown and "聲明沒有" in shown


def test_assigning_and_deciding_by_form(world, review, reviewer):
    seat = make_seat(review, make_expert("third"), ministry=world.alpha)
    client = signed_in(reviewer)
    wrong = client.post(reverse("review-assign", args=[review.pk]), {"seat": seat.pk, "scope": "9"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    client.post(reverse("review-assign", args=[review.pk]), {"seat": seat.pk, "scope": "1.1"})
    assert seat.items.count() == 3
    recusal = seat.recusals.get(measure_code=CODE)
    shown = text(client.get(reverse("review-experts", args=[review.pk])))
    assert recusal.reason in shown
    url = reverse("review-recusal", args=[review.pk, recusal.pk])
    client.post(url, {"decision": "confirm", "reason": ""})
    recusal.refresh_from_db()
    assert recusal.state == RecusalState.PROPOSED
    client.post(url, {"decision": "confirm", "reason": "任職機關。"})
    recusal.refresh_from_db()
    assert (recusal.state, recusal.decided_by) == (RecusalState.CONFIRMED, reviewer)
    assert client.post(url, {"decision": "perhaps"}).status_code == HTTPStatus.NOT_FOUND


def test_ticks_are_the_whole_assignment(review, seat, reviewer):
    hand_in(seat)
    client, url = signed_in(reviewer), reverse("review-seat", args=[review.pk, seat.pk])
    client.post(url, {"codes": [CODE, "1.1.2.1"]})
    assert set(seat.items.values_list("measure_code", flat=True)) == {CODE, "1.1.2.1"}
    answer = client.post(url, {"codes": ["1.1.2.1"]}, follow=True)
    assert "已經送出，不能取消分工" in text(answer)
    assert seat.items.count() == 2


def test_ending_a_seat_by_form(review, seat, reviewer):
    client, url = signed_in(reviewer), reverse("review-seat-end", args=[review.pk, seat.pk])
    assert client.post(url, {"reason": ""}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    client.post(url, {"reason": "出國。"})
    assert page(seat.user, "review-dossier", review.pk).status_code == HTTPStatus.NOT_FOUND


def test_the_room_costs_the_same_with_more_experts(review, seat, other_seat, reviewer):
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert page(reviewer, "review-experts", review.pk).status_code == HTTPStatus.OK
        return len(found)

    hand_in(seat)
    few = count()
    for number in range(4):
        more = make_seat(review, make_expert(f"more{number}"), codes=(CODE, "1.1.2.1"))
        hand_in(more)
        declare_recusal(more, code="1.1.2.1", reason="合作過。", by=more.user)
    assert count() == few


def test_a_ministrys_page_costs_the_same_with_more_opinions(world, review, seat, reviewer):
    def count() -> int:
        with CaptureQueriesContext(connection) as found:
            shown = page(world.window_b, "review-opinions", review.pk)
        assert shown.status_code == HTTPStatus.OK
        return len(found)

    row = hand_in(seat)
    send_opinions(review, by=reviewer)
    reply(row, text="收到。", by=world.window_b)
    few = count()
    for number in range(3):
        more = make_seat(review, make_expert(f"more{number}"), codes=(CODE, "1.1.1.2"))
        reply_to = [hand_in(more), hand_in(more, "1.1.1.2")]
        send_opinions(review, by=reviewer)
        reply(Opinion.objects.get(pk=reply_to[0].pk), text="收到。", by=world.window_b)
    assert count() == few


# --- the dossier and the opinion ------------------------------------------------------------------
def test_experts_arrive_at_their_dossier(review, seat):
    answer = Client().post(
        reverse("account_login"), {"login": seat.user.email, "password": PASSWORD}, follow=True
    )
    assert answer.request["PATH_INFO"] == reverse("review-dossier", args=[review.pk])
    assert "2項措施，還有2項等您的意見" in text(answer)
    assert reverse("documents", args=[f"seat:{seat.pk}"]) in text(answer)


def test_nobody_elses_dossier_has_an_address(world):
    assert page(world.window_a, "dossier").url == reverse("home")


def test_without_a_statement_nothing_opens(review, expert):
    seat = make_seat(review, expert, codes=(CODE,), declared=False)
    assert "先聲明利害關係" in text(page(expert, "review-dossier", review.pk))
    answer = page(expert, "opinion", review.pk, CODE)
    assert answer.status_code == HTTPStatus.FOUND
    subject = reverse("documents", args=[f"seat:{seat.pk}"])
    assert signed_in(expert).get(subject).status_code == HTTPStatus.NOT_FOUND


def test_the_page_shows_frozen_lines(review, seat, world):
    ProgressReport.objects.filter(status=Status.ACCEPTED).update(work_done="後來改寫的話")
    shown = text(page(seat.user, "opinion", review.pk, CODE))
    assert "辦理三場培訓，共一百二十人次。" in shown and "後來改寫的話" not in shown
    assert "行政院甲部" in shown and "統籌主辦" in shown


def test_writing_without_a_script(review, seat):
    client, url = signed_in(seat.user), reverse("opinion", args=[review.pk, CODE])
    posted = fields(client.get(url), url)
    assert (posted["seen_version"], posted["edition"]) == ("0", "1")
    answer = client.post(url, typed("寫到一半", scores={"relevance": 4}), follow=True)
    assert "草稿已存，第1版" in text(answer)
    shown = fields(answer, url)
    assert (shown["text"], shown["score_relevance"]) == ("寫到一半", "4")
    assert shown["seen_version"] == "1"
    refused = client.post(url, typed("寫到一半", seen=1, scores={"relevance": 4}, do="submit"))
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "寫到一半" in text(refused) and "選一個分數" in text(refused)
    answer = client.post(url, typed("寫完了", seen=1, do="submit"))
    assert answer.url == reverse("opinion", args=[review.pk, "2.1.1.1"]), "on to what is left"
    assert Opinion.objects.get().submitted_at


def test_saving_by_itself(review, seat):
    client, url = signed_in(seat.user), reverse("opinion", args=[review.pk, CODE])
    answer = client.post(url, typed("打到一半"), headers={"HX-Request": "true"})
    shown = text(answer)
    assert "已儲存" in shown and 'value="1"' in shown and "hx-swap-oob" in shown
    assert "<html" not in shown
    client.post(url, typed("另一個視窗", seen=1), headers={"HX-Request": "true"})
    stale = client.post(url, typed("這個視窗", seen=1), headers={"HX-Request": "true"})
    assert stale.status_code == HTTPStatus.CONFLICT and "沒有存到" in text(stale)
    assert Opinion.objects.get().text == "另一個視窗"


def test_two_windows_are_put_together_by_hand(review, seat):
    client, url = signed_in(seat.user), reverse("opinion", args=[review.pk, CODE])
    client.post(url, typed("另一個視窗", scores={"relevance": 2, "coherence": 5}))
    mine = {"relevance": 4, "coherence": 5}
    both = client.post(url, typed("這個視窗", scores=mine))
    assert both.status_code == HTTPStatus.CONFLICT
    assert "<ins>" in text(both) and "兩份意見" in text(both)
    carried = fields(both, url)
    assert carried["text"] == "這個視窗" and carried["seen_version"] == "1"
    open_still = client.post(url, {**carried, "pick-relevance": "theirs"})
    assert open_still.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "這個視窗" in text(open_still)
    done = client.post(
        url,
        {
            **carried,
            "pick-relevance": "theirs",
            "pick-text": "both",
            "merged-text": "這個視窗與另一個視窗",
        },
    )
    assert done.status_code == HTTPStatus.FOUND
    row = Opinion.objects.get()
    assert (row.scores, row.text) == ({"relevance": 2, "coherence": 5}, "這個視窗與另一個視窗")


def test_nothing_typed_is_lost_when_the_time_is_over(review, seat):
    client, url = signed_in(seat.user), reverse("opinion", args=[review.pk, CODE])
    client.post(url, typed("先存的"))
    hand_in(seat, text="別的視窗送出了", seen=1)
    refused = client.post(url, typed("還在打的字", seen=2))
    assert refused.status_code == HTTPStatus.CONFLICT and "還在打的字" in text(refused)
    put(review, ReviewState.SYNTHESIS)
    refused = client.post(url, typed("太晚的字", seen=2, do="submit"))
    assert refused.status_code == HTTPStatus.CONFLICT and "太晚的字" in text(refused)


def test_what_was_handed_in_is_changed_in_one_go(review, seat):
    hand_in(seat)
    url = reverse("opinion", args=[review.pk, CODE])
    closed = page(seat.user, "opinion", review.pk, CODE)
    assert "修改這份意見" in text(closed) and "<textarea" not in text(closed)
    opened = page(seat.user, "opinion", review.pk, CODE, edit=1)
    assert "hx-post" not in text(opened) and "<textarea" in text(opened)
    signed_in(seat.user).post(url, typed("改過的意見", seen=1, do="submit"))
    assert Opinion.objects.get().text == "改過的意見"


def test_changed_lines_are_flagged_and_shown(review, seat):
    hand_in(seat)
    ProgressReport.objects.filter(status=Status.ACCEPTED).update(benefit="更多人受惠。")
    compile_review(review.pk)
    assert "送出後資料改過" in text(page(seat.user, "review-dossier", review.pk))
    shown = text(page(seat.user, "opinion", review.pk, CODE))
    assert "送出後改了什麼" in shown and "更多人受惠" in shown and "<ins>" in shown


def test_a_recusal_is_asked_for_on_the_page(review, seat):
    client, url = signed_in(seat.user), reverse("opinion-recuse", args=[review.pk, CODE])
    client.post(url, {"reason": ""})
    assert not Recusal.objects.exists()
    answer = client.post(url, {"reason": "合作過。"}, follow=True)
    assert "還等審查人決定" in text(answer) and "<textarea" not in text(answer)


def test_hostile_text_is_escaped(review, seat, world, reviewer):
    evil = "<script>alert(1)</script>"
    row = hand_in(seat, text=evil)
    send_opinions(review, by=reviewer)
    reply(row, text=evil, by=world.window_a)
    Seat.objects.update(affiliation=evil, interests=evil, no_interest=False)
    for user, name, args in (
        (reviewer, "review-experts", (review.pk,)),
        (reviewer, "review-seat", (review.pk, seat.pk)),
        (reviewer, "review-opinions", (review.pk,)),
        (seat.user, "opinion", (review.pk, CODE)),
        (world.window_a, "opinion-show", (row.pk,)),
    ):
        assert evil not in text(page(user, name, *args)), name


# --- ministries -----------------------------------------------------------------------------------
def test_a_ministry_answers_on_the_page(world, review, seat, reviewer):
    row = hand_in(seat)
    send_opinions(review, by=reviewer)
    url = reverse("opinion-reply", args=[row.pk])
    for who, status in (
        ("viewer_a", HTTPStatus.FORBIDDEN),
        ("window_s", HTTPStatus.NOT_FOUND),
        ("expert", HTTPStatus.FORBIDDEN),
        ("reviewer", HTTPStatus.FORBIDDEN),
    ):
        assert signed_in(world.people[who]).post(url, {"text": "好。"}).status_code == status, who
    client = signed_in(world.officer_a)
    empty = client.post(url, {"text": " "})
    assert empty.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    answer = client.post(url, {"text": "已排入明年計畫。"}, follow=True)
    assert "已排入明年計畫。" in text(answer) and "0份還沒回復" not in text(answer)
    assert "已排入明年計畫。" in text(page(seat.user, "opinion", review.pk, CODE))


def test_sending_by_button(review, seat, reviewer):
    hand_in(seat)
    client = signed_in(reviewer)
    assert "把1份意見送給相關部會" in text(page(reviewer, "review-opinions", review.pk))
    answer = client.post(reverse("opinions-send", args=[review.pk]), follow=True)
    assert "1份意見已送給相關部會" in text(answer)


def test_a_new_edition_looks_for_recusals_anew(world, review, seat):
    """As where a duty moved to the ministry of an expert who was asked before."""
    Seat.objects.update(ministry=world.alpha)
    make_seat(review, make_expert("third"), codes=("2.1.1.1",))
    ProgressReport.objects.filter(status=Status.ACCEPTED).update(benefit="更多人受惠。")
    compile_review(review.pk)
    [row] = Recusal.objects.all()
    assert (row.seat, row.measure_code, row.state) == (seat, CODE, RecusalState.PROPOSED)
