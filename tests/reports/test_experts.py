"""Experts: the one-time link, seats, interests, assignment, and recusals that are proposed."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries.models import AuditEvent, Ministry, User
from reports.actions import experts
from reports.actions.compile import compile_review
from reports.actions.experts import accept_invitation, declare_interest, end_seat, invite
from reports.actions.opinions import submit_opinion
from reports.actions.recusals import (
    assign,
    decide_recusal,
    declare_recusal,
    propose_recusals,
    unassign,
)
from reports.enums import RecusalState, ReviewState
from reports.models import Citation, Conclusion, Invitation, Opinion, Recusal, Seat
from reports.queries.experts import codes_under, coverage, loads
from reports.recusals import ground
from tests.reports.experts import draft, make_expert, make_seat, put
from tests.world import join, make_user
from tracking.models import Notice

pytestmark = pytest.mark.django_db
GOOD_PASSWORD = "a quiet river 1987"


@pytest.fixture
def invited(review, reviewer) -> tuple[Invitation, str]:
    return invite(
        review, email="New@Example.test", name="林教授", affiliation="東海大學", by=reviewer
    )


def accept(token: str, **given) -> Seat:
    whole = {"affiliation": "東海大學", "name": "林教授", "password": GOOD_PASSWORD}
    return accept_invitation(token, **{**whole, **given})


# --- invitations ----------------------------------------------------------------------------------
def test_only_the_hash_of_the_link_is_kept(invited):
    invitation, token = invited
    row = Invitation.objects.values().get()
    assert token not in str(row) and len(invitation.token_sha256) == 64
    assert token not in str(list(AuditEvent.objects.values()))
    assert row["email"] == "new@example.test"


def test_the_link_is_mailed_after_the_commit(review, reviewer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        invitation, token = invite(
            review, email="a@example.test", name="林", affiliation="東海大學", by=reviewer
        )
        assert mail.outbox == []
    [sent] = mail.outbox
    assert sent.to == ["a@example.test"] and f"/invitations/{token}/" in sent.body
    invitation.refresh_from_db()
    assert invitation.mailed_at
    assert token not in str(list(Notice.objects.values())), "the outbox would keep the link"


def test_a_title_of_two_lines_is_one_in_a_mail(
    review, reviewer, django_capture_on_commit_callbacks
):
    review.title = "期末評估\r\nBcc: evil@example.test"
    review.save()
    with django_capture_on_commit_callbacks(execute=True):
        invite(review, email="a@example.test", name="林", affiliation="東海大學", by=reviewer)
    [sent] = mail.outbox
    assert sent.subject.endswith("期末評估 Bcc: evil@example.test")
    assert sent.recipients() == ["a@example.test"]


def test_a_mail_server_that_is_away_is_noticed(
    review, reviewer, monkeypatch, django_capture_on_commit_callbacks
):
    def away(self):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", away)
    with django_capture_on_commit_callbacks(execute=True):
        invitation, _token = invite(
            review, email="a@example.test", name="林", affiliation="東海大學", by=reviewer
        )
    invitation.refresh_from_db()
    assert invitation.mailed_at is None


@pytest.mark.parametrize("who", ["collator", "administrator", "expert", "window_a"])
def test_only_reviewers_invite(world, review, who):
    with pytest.raises(NotAllowed):
        invite(review, email="a@b.test", name="林", affiliation="大學", by=world.people[who])
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("state", [ReviewState.COMMENTING, ReviewState.FILED])
def test_nobody_is_invited_once_experts_are_done(review, reviewer, state):
    put(review, state)
    with pytest.raises(NotNow):
        invite(review, email="a@b.test", name="林", affiliation="大學", by=reviewer)


def test_who_cannot_be_invited(review, reviewer, collator, seat, invited):
    known = {
        "new@example.test": "還沒使用",
        collator.email: "審查人與彙整人",
        seat.user.email: "已經在",
        "nonsense": "正確的電子郵件",
    }
    for email, why in known.items():
        with pytest.raises(Invalid) as refusal:
            invite(review, email=email, name="林", affiliation="大學", by=reviewer)
        assert why in refusal.value.errors["email"][0]
    with pytest.raises(Invalid) as refusal:
        invite(review, email="b@b.test", name=" ", affiliation="", by=reviewer)
    assert set(refusal.value.errors) == {"name", "affiliation"}


# --- accepting ------------------------------------------------------------------------------------
def test_a_new_person_makes_an_account_and_takes_the_seat(invited):
    invitation, token = invited
    seat = accept(token)
    user = seat.user
    assert (user.email, user.name, user.roles) == ("new@example.test", "林教授", {"expert"})
    assert user.check_password(GOOD_PASSWORD) and not user.must_change_password
    assert seat.declared_at is None
    invitation.refresh_from_db()
    assert invitation.used_at
    verbs = list(AuditEvent.objects.values_list("verb", flat=True))
    assert {"account.create", "role.grant", "invitation.accept"} <= set(verbs)
    assert GOOD_PASSWORD not in str(list(AuditEvent.objects.values()))


def test_the_link_works_once(invited):
    accept(invited[1])
    with pytest.raises(NotNow, match="用過"):
        accept(invited[1])
    assert Seat.objects.count() == 1


@pytest.mark.parametrize("password", ["short", "12345678901234", "new@example.test"])
def test_a_weak_password_is_refused_and_leaves_nothing(invited, password):
    with pytest.raises(Invalid) as refusal:
        accept(invited[1], password=password)
    assert "password1" in refusal.value.errors
    assert not User.objects.filter(email="new@example.test").exists()
    assert not Seat.objects.exists()


def test_revoked_expired_replaced_and_unknown_links_open_nothing(invited, reviewer, review):
    invitation, token = invited
    _same, newer = experts.resend(invitation, by=reviewer)
    with pytest.raises(NotNow):
        accept(token)
    Invitation.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(NotNow, match="過期"):
        accept(newer)
    _same, newest = experts.resend(invitation, by=reviewer)
    experts.revoke(invitation, by=reviewer)
    with pytest.raises(NotNow, match="撤銷"):
        accept(newest)
    with pytest.raises(NotNow, match="撤銷"):
        experts.resend(invitation, by=reviewer)
    with pytest.raises(NotNow):
        accept("nobody-ever-sent-this")
    assert not Seat.objects.exists()


def test_a_review_that_moved_on_takes_nobody(invited, review):
    put(review, ReviewState.COMMENTING)
    with pytest.raises(NotNow):
        accept(invited[1])


def test_whoever_has_an_account_must_be_signed_in_with_it(review, reviewer, officer_a, officer_b):
    _row, token = invite(
        review, email=officer_a.email.upper(), name="甲", affiliation="甲部", by=reviewer
    )
    for stranger in (None, officer_b):
        with pytest.raises(NotAllowed):
            accept(token, by=stranger)
    before = officer_a.password
    seat = accept(token, by=officer_a)
    officer_a.refresh_from_db()
    assert seat.user == officer_a and officer_a.password == before
    assert "expert" in User.objects.get(pk=officer_a.pk).roles


def test_a_signed_in_stranger_cannot_take_a_new_persons_seat(invited, officer_a):
    with pytest.raises(NotAllowed):
        accept(invited[1], by=officer_a)


def test_an_expert_who_left_can_come_back(review, seat, reviewer):
    end_seat(seat, reason="出國。", by=reviewer)
    _row, token = invite(
        review, email=seat.user.email, name="專家", affiliation="清華大學", by=reviewer
    )
    back = accept(token, by=User.objects.get(pk=seat.user_id), affiliation="清華大學")
    assert back.pk == seat.pk
    assert (back.ended_at, back.declared_at, back.affiliation) == (None, None, "清華大學")


# --- interests ------------------------------------------------------------------------------------
def test_interests_are_stated_as_exactly_one_of_two(review, world):
    seat = make_seat(review, make_expert("third"), declared=False)
    for no_interest, interests in ((True, "有"), (False, " ")):
        with pytest.raises(Invalid):
            declare_interest(seat, no_interest=no_interest, interests=interests, by=seat.user)
    row = declare_interest(seat, no_interest=False, interests="主持過計畫", by=seat.user)
    assert row.declared_at and not row.no_interest
    with pytest.raises(NotAllowed):
        declare_interest(seat, no_interest=True, by=world.reviewer)


def test_a_new_ministry_is_looked_at_again(review, world):
    seat = make_seat(review, make_expert("third"), codes=("1.1.1.1",), declared=False)
    declare_interest(seat, no_interest=True, ministry=world.alpha, by=seat.user)
    assert [row.measure_code for row in seat.recusals.all()] == ["1.1.1.1"]


# --- assignment -----------------------------------------------------------------------------------
def test_by_sub_goal_or_measure(review, seat, reviewer):
    edition = review.editions.get()
    assert codes_under(edition, "1.1") == ["1.1.1.1", "1.1.1.2", "1.1.2.1"]
    assert codes_under(edition, "1.1.1.2") == ["1.1.1.2"]
    new = assign(seat, codes=codes_under(edition, "1.1"), by=reviewer)
    assert new == ["1.1.1.2", "1.1.2.1"]
    assert assign(seat, codes=new, by=reviewer) == []
    notice = Notice.objects.get(recipient=seat.user)
    assert "請您評估2項措施" in notice.subject
    with pytest.raises(Invalid):
        assign(seat, codes=["9.9.9.9"], by=reviewer)


def test_only_reviewers_assign(review, seat, world):
    for who in ("collator", "expert", "window_a"):
        with pytest.raises(NotAllowed):
            assign(seat, codes=["1.1.2.1"], by=world.people[who])


def test_taking_back_keeps_what_was_handed_in(review, seat, reviewer):
    submit_opinion(seat, measure_code="1.1.1.1", draft=draft(), by=seat.user)
    with pytest.raises(NotNow, match="已經送出"):
        unassign(seat, codes=["1.1.1.1"], by=reviewer)
    assert unassign(seat, codes=["2.1.1.1", "1.1.2.1"], by=reviewer) == ["2.1.1.1"]


def test_load_and_coverage(review, seat, other_seat, reviewer):
    submit_opinion(seat, measure_code="1.1.1.1", draft=draft(), by=seat.user)
    recused = declare_recusal(seat, code="2.1.1.1", reason="合作過。", by=seat.user)
    [first, second] = loads(review)
    assert (first.seat, first.items, first.submitted, first.undecided) == (seat, 2, 1, 1)
    assert (second.items, second.submitted, second.left) == (1, 0, 1)
    found = {one.measure.code: one for one in coverage(review, review.editions.get())}
    assert [one.lacking for one in found.values()] == [2, 2, 2, 0]
    assert found["1.1.1.1"].able == [seat, other_seat] and found["1.1.1.1"].submitted == 1
    assert (found["2.1.1.1"].able, found["2.1.1.1"].waiting) == ([], [seat])
    decide_recusal(recused, confirm=True, reason="確有合作。", by=reviewer)
    [first, _second] = loads(review)
    assert (first.recused, first.undecided, first.left) == (1, 0, 0)


# --- recusals -------------------------------------------------------------------------------------
HEAD = {
    "ministries": {
        "mohw": {"short_name": "衛福部", "full_name": "衛生福利部", "before": []},
        "moa": {"short_name": "農業部", "full_name": "農業部", "before": ["coa"]},
        "coa": {"short_name": "農委會", "full_name": "行政院農業委員會", "before": []},
        "twri": {"short_name": "臺研所", "full_name": "臺灣研究所", "before": []},
    }
}


@pytest.mark.parametrize(
    ("own", "affiliation", "expected"),
    [
        ({"mohw"}, "東海大學", "衛福部"),
        ({"coa"}, "東海大學", ""),
        (set(), "衛生福利部 國民健康署", "衛福部"),
        (set(), "行政院農業委員會林業試驗所", "農業部"),
        (set(), "台灣研究所", "臺研所"),
        (set(), "國立陽明交通大學", ""),
        (set(), "", ""),
    ],
)
def test_grounds(own, affiliation, expected):
    found = ground(HEAD, ["mohw"], ["moa", "twri"], own, affiliation)
    assert (expected in found) if expected else found == ""


def test_an_expert_of_a_leading_ministry_is_proposed_to_step_aside(review, world, reviewer):
    seat = make_seat(review, make_expert("third"), ministry=world.alpha)
    assign(seat, codes=["1.1.1.1", "1.1.2.1", "2.1.1.1"], by=reviewer)
    [row] = seat.recusals.all()
    assert (row.measure_code, row.state) == ("1.1.1.1", RecusalState.PROPOSED)
    assert "甲部" in row.reason
    assert propose_recusals(seat, by=reviewer) == []


def test_the_line_of_succession_counts(review, world, reviewer):
    """丙署 merged into 乙部, which leads 2.1.1.1."""
    seat = make_seat(review, make_expert("third"), ministry=world.gamma)
    assign(seat, codes=["1.1.1.2", "2.1.1.1", "1.1.2.1"], by=reviewer)
    assert set(seat.recusals.values_list("measure_code", flat=True)) == {"1.1.1.2", "2.1.1.1"}


def test_an_account_in_the_ministry_counts_too(review, world, reviewer):
    seat = make_seat(review, make_expert("third"))
    join(seat.user, world.alpha, "officer")
    assign(seat, codes=["1.1.1.1"], by=reviewer)
    assert seat.recusals.count() == 1


def test_an_institution_named_in_the_affiliation(review, world, reviewer):
    Ministry.objects.filter(code="science").update(full_name="科學研究院")
    compile_review(review.pk)
    seat = make_seat(review, make_expert("third"), affiliation="科學研究院 物理所")
    assign(seat, codes=["1.1.2.1", "2.1.1.1"], by=reviewer)
    assert [row.measure_code for row in seat.recusals.all()] == ["1.1.2.1"]


def test_undecided_and_confirmed_keep_from_judging_and_dismissed_does_not(seat, reviewer):
    row = declare_recusal(seat, code="1.1.1.1", reason="合作過。", by=seat.user)
    with pytest.raises(NotNow, match="還等"):
        submit_opinion(seat, measure_code="1.1.1.1", draft=draft(), by=seat.user)
    decide_recusal(row, confirm=True, reason="確實。", by=reviewer)
    with pytest.raises(NotNow, match="迴避"):
        submit_opinion(seat, measure_code="1.1.1.1", draft=draft(), by=seat.user)
    decide_recusal(row, confirm=False, reason="十年前的事。", by=reviewer)
    submit_opinion(seat, measure_code="1.1.1.1", draft=draft(), by=seat.user)
    events = AuditEvent.objects.filter(verb="recusal.decide").order_by("pk")
    assert [event.after["state"] for event in events] == ["confirmed", "dismissed"]


def test_what_was_handed_in_no_longer_counts_when_recused(seat, reviewer):
    submit_opinion(seat, measure_code="1.1.1.1", draft=draft(), by=seat.user)
    row = declare_recusal(seat, code="1.1.1.1", reason="想起來合作過。", by=seat.user)
    decide_recusal(row, confirm=True, reason="確實。", by=reviewer)
    assert not Opinion.objects.submitted().exists()


def test_a_cited_opinion_is_not_taken_away_in_silence(seat, review, reviewer):
    opinion = submit_opinion(seat, measure_code="1.1.1.1", draft=draft(), by=seat.user)
    conclusion = Conclusion.objects.create(
        review=review, edition=opinion.edition, level="measure", code="1.1.1.1", ordinal=1
    )
    paragraph = conclusion.paragraphs.create(ordinal=1, text="有成效。")
    Citation.objects.create(paragraph=paragraph, opinion=opinion)
    row = declare_recusal(seat, code="1.1.1.1", reason="合作過。", by=seat.user)
    with pytest.raises(NotNow, match="引用"):
        decide_recusal(row, confirm=True, reason="確實。", by=reviewer)
    assert Recusal.objects.get().state == RecusalState.DECLARED


def test_who_decides_on_a_recusal(seat, world, reviewer):
    row = declare_recusal(seat, code="1.1.1.1", reason="合作過。", by=seat.user)
    for who in ("collator", "expert", "window_a", "administrator"):
        with pytest.raises(NotAllowed):
            decide_recusal(row, confirm=False, reason="不必。", by=world.people[who])
    with pytest.raises(Invalid):
        decide_recusal(row, confirm=False, reason=" ", by=reviewer)


def test_only_an_assigned_measure_can_be_declined(seat):
    with pytest.raises(NotAllowed):
        declare_recusal(seat, code="1.1.2.1", reason="合作過。", by=seat.user)


# --- leaving --------------------------------------------------------------------------------------
def test_leaving_ends_the_role_and_keeps_what_was_handed_in(seat, reviewer):
    submit_opinion(seat, measure_code="1.1.1.1", draft=draft(), by=seat.user)
    with pytest.raises(Invalid):
        end_seat(seat, reason="", by=reviewer)
    end_seat(seat, reason="出國。", by=reviewer)
    assert User.objects.get(pk=seat.user_id).roles == frozenset()
    assert Opinion.objects.submitted().count() == 1
    with pytest.raises(NotNow):
        end_seat(seat, reason="出國。", by=reviewer)
    with pytest.raises(NotAllowed):
        submit_opinion(seat, measure_code="2.1.1.1", draft=draft(), by=seat.user)


def test_the_role_stays_while_another_review_needs_it(seat, review, world, reviewer):
    other = put(review, ReviewState.ASSESSING)
    other.pk, other.kind, other.title = None, "final", "期末評估"
    other.save()
    make_seat(other, seat.user)
    end_seat(seat, reason="出國。", by=reviewer)
    assert "expert" in User.objects.get(pk=seat.user_id).roles


def test_a_failing_part_leaves_nothing_of_the_whole(invited, monkeypatch):
    monkeypatch.setattr(experts, "propose_recusals", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        accept(invited[1])
    assert not Seat.objects.exists()
    assert not User.objects.filter(email="new@example.test").exists()
    assert Invitation.objects.get().used_at is None


def test_nobody_else_is_hurt(world, review):
    """An account without a seat has no dossier to open."""
    stranger = make_user("stranger")
    assert not Seat.objects.visible_to(stranger).exists()
