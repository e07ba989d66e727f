"""What windows and administrators may do to accounts, and that every act is in the log."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries.actions.people import (
    appoint_deputy,
    create_account,
    end_deputyship,
    grant_membership,
    grant_role,
    reset_first_password,
    retire_membership,
    revoke_role,
)
from ministries.audit import record
from ministries.models import AuditEvent, Ministry, User
from ministries.queries import acting_as
from tests.ministries.conftest import PASSWORD, person


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


def fresh(user: User) -> User:
    """The same person without what this instance has cached."""
    return User.objects.get(pk=user.pk)


def in_days(count: int):
    return timezone.localdate() + timedelta(days=count)


# --- the log --------------------------------------------------------------------------------------
def test_an_audit_event_is_only_ever_added(people):
    event = record("test.act", people.alpha, by=people.window, after={"on": in_days(0)})
    assert event.after == {"on": in_days(0).isoformat()}
    rows = AuditEvent.objects.all()
    for change in (
        event.save,
        event.delete,
        rows.delete,
        lambda: rows.update(actor="somebody"),
        lambda: rows.bulk_update([event], ["actor"]),
        lambda: AuditEvent._base_manager.all().delete(),
        lambda: rows.bulk_create([event], update_conflicts=True, update_fields=["actor"]),
    ):
        with pytest.raises(TypeError):
            change()
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        AuditEvent(pk=event.pk, verb="test.other", actor="x", target="y").save()


# --- accounts -------------------------------------------------------------------------------------
def test_a_window_creates_an_account_whose_first_password_must_be_changed(people):
    user, password = create_account(
        email=" New@Example.org ",
        name=" 新人 ",
        unit="科技處",
        ministry=people.alpha,
        role="officer",
        by=people.window,
    )
    assert (user.email, user.name) == ("new@example.org", "新人")
    assert user.must_change_password
    assert user.check_password(password)
    assert user.ministries_as("officer") == {people.alpha.pk}
    assert verbs() == ["account.create", "membership.grant"]
    event = AuditEvent.objects.first()
    assert (event.actor, event.ministry) == (people.window.email, "alpha")
    assert password not in str(list(AuditEvent.objects.values()))


def test_the_first_administrator_is_in_the_log(db):
    user = User.objects.create_superuser("Root@Example.org", "unimportant-words", name="管理者")
    assert user.is_administrator
    lines = AuditEvent.objects.order_by("pk").values_list("verb", "actor")
    assert list(lines) == [
        ("account.create", "system:createsuperuser"),
        ("role.grant", "system:createsuperuser"),
    ]
    assert AuditEvent.objects.order_by("pk").first().after["email"] == "root@example.org"


@pytest.mark.parametrize("who", ["officer", "viewer", "window_b", "officer_b", "reviewer"])
def test_nobody_else_creates_accounts_there(people, who):
    with pytest.raises(NotAllowed):
        create_account(
            email="new@example.org",
            name="新人",
            ministry=people.alpha,
            role="officer",
            by=getattr(people, who),
        )
    assert verbs() == []


def test_only_administrators_make_people_of_the_system(people):
    wanted = {"email": "expert@example.org", "name": "專家", "system_role": "expert"}
    for by in (people.window, people.reviewer):
        with pytest.raises(NotAllowed):
            create_account(**wanted, by=by)
        with pytest.raises(NotAllowed):
            create_account(**wanted, ministry=people.alpha, role="officer", by=by)
    user, _password = create_account(**wanted, by=people.administrator)
    assert user.roles == {"expert"}
    assert verbs() == ["account.create", "role.grant"]


def test_what_an_account_needs_is_said_by_field(people):
    gone = Ministry.objects.create(
        code="gone", short_name="前部", full_name="前部", until=in_days(-1)
    )
    with pytest.raises(Invalid) as refusal:
        create_account(
            email="OFFICER@example.org",
            name=" ",
            ministry=gone,
            role="boss",
            by=people.administrator,
        )
    assert set(refusal.value.errors) == {"name", "email", "ministry", "role"}
    with pytest.raises(Invalid) as refusal:
        create_account(email="nonsense", name="某", by=people.administrator)
    assert set(refusal.value.errors) == {"email", "ministry"}
    assert verbs() == []


def test_a_window_resets_passwords_only_of_people_who_are_wholly_its_own(people):
    both = person("both", member=[(people.alpha, "officer"), (people.beta, "officer")])
    staff = person("staff", member=[(people.alpha, "officer")], system=["reviewer"])
    for stranger in (people.officer_b, people.administrator, both, staff):
        with pytest.raises(NotAllowed):
            reset_first_password(stranger, by=people.window)
        assert fresh(stranger).check_password(PASSWORD)
    password = reset_first_password(people.officer, by=people.window)
    officer = fresh(people.officer)
    assert officer.check_password(password)
    assert officer.must_change_password
    assert verbs() == ["account.reset_password"]
    assert password not in str(list(AuditEvent.objects.values()))


# --- memberships ----------------------------------------------------------------------------------
def test_retiring_ends_a_membership_and_closes_an_empty_account(people):
    membership = people.officer.memberships.get()
    retire_membership(membership, by=people.window)
    membership.refresh_from_db()
    assert membership.until == in_days(0)
    officer = fresh(people.officer)
    assert not officer.is_active
    assert officer.ministry_roles == {}
    assert verbs() == ["membership.retire", "account.close"]
    ended = AuditEvent.objects.get(verb="membership.retire")
    assert ended.before["until"] is None
    assert ended.after["until"] == in_days(0).isoformat()
    with pytest.raises(NotNow):
        retire_membership(membership, by=people.window)


def test_an_account_with_another_role_stays_open(people):
    grant_membership(people.officer, ministry=people.alpha, role="viewer", by=people.window)
    officer_role = people.officer.memberships.get(role="officer")
    retire_membership(officer_role, by=people.window)
    assert fresh(people.officer).is_active
    assert fresh(people.officer).ministry_roles == {people.alpha.pk: {"viewer"}}


def test_a_retired_person_comes_back(people):
    retire_membership(people.officer.memberships.get(), by=people.window)
    grant_membership(people.officer, ministry=people.alpha, role="officer", by=people.window)
    assert fresh(people.officer).is_active
    assert verbs()[-2:] == ["membership.grant", "account.reopen"]
    with pytest.raises(Invalid):
        grant_membership(people.officer, ministry=people.alpha, role="officer", by=people.window)


def test_a_window_takes_in_nobody_from_elsewhere(people):
    for stranger in (people.officer_b, people.administrator):
        with pytest.raises(NotAllowed):
            grant_membership(stranger, ministry=people.alpha, role="officer", by=people.window)
    grant_membership(
        people.officer_b, ministry=people.alpha, role="viewer", by=people.administrator
    )
    assert fresh(people.officer_b).ministry_ids == {people.alpha.pk, people.beta.pk}


def test_a_window_retires_nobody_elsewhere_and_not_the_last_window(people):
    with pytest.raises(NotAllowed):
        retire_membership(people.officer_b.memberships.get(), by=people.window)
    own = people.window.memberships.get()
    with pytest.raises(NotAllowed, match="最後一位窗口"):
        retire_membership(own, by=people.window)
    grant_membership(people.viewer, ministry=people.alpha, role="window", by=people.window)
    retire_membership(own, by=people.window)
    assert not fresh(people.window).is_active
    retire_membership(people.viewer.memberships.get(role="window"), by=people.administrator)


def test_memberships_count_only_between_their_days(people):
    membership = people.officer.memberships.get()
    membership.since = in_days(1)
    membership.save()
    assert fresh(people.officer).ministry_roles == {}
    membership.since, membership.until = in_days(-2), in_days(1)
    membership.save()
    assert fresh(people.officer).ministry_roles == {people.alpha.pk: {"officer"}}
    membership.until = in_days(0)
    membership.save()
    assert fresh(people.officer).ministry_roles == {}


# --- roles ----------------------------------------------------------------------------------------
def test_administrators_give_and_take_roles_but_never_the_last_administrator(people):
    for by in (people.window, people.reviewer):
        with pytest.raises(NotAllowed):
            grant_role(people.officer, role="collator", by=by)
    grant = grant_role(people.officer, role="collator", by=people.administrator)
    assert fresh(people.officer).roles == {"collator"}
    with pytest.raises(Invalid):
        grant_role(people.officer, role="collator", by=people.administrator)
    revoke_role(grant, by=people.administrator)
    assert fresh(people.officer).roles == frozenset()
    assert fresh(people.officer).is_active
    with pytest.raises(NotNow):
        revoke_role(grant, by=people.administrator)

    last = people.administrator.role_grants.get()
    with pytest.raises(NotAllowed, match="最後一位系統管理者"):
        revoke_role(last, by=people.administrator)
    grant_role(people.viewer, role="administrator", by=people.administrator)
    revoke_role(last, by=people.administrator)
    assert not fresh(people.administrator).is_active
    assert verbs() == [
        "role.grant",
        "role.revoke",
        "role.grant",
        "role.revoke",
        "account.close",
    ]


# --- deputies -------------------------------------------------------------------------------------
def appoint(people, **values):
    return appoint_deputy(
        **{
            "ministry": people.alpha,
            "deputy": people.officer,
            "until": in_days(3),
            "by": people.window,
            **values,
        }
    )


def test_a_deputy_acts_for_the_window_while_it_lasts(people):
    deputyship = appoint(people)
    deputy = fresh(people.officer)
    assert deputy.ministry_roles == {people.alpha.pk: {"officer", "window"}}
    assert acting_as(deputy, [people.alpha.pk]) == people.window
    assert acting_as(deputy, [people.beta.pk]) is None
    assert acting_as(deputy, [people.alpha.pk], in_days(2)) == people.window
    assert acting_as(deputy, [people.alpha.pk], in_days(3)) is None
    assert acting_as(people.viewer, [people.alpha.pk]) is None
    with pytest.raises(NotAllowed):
        appoint(people, by=deputy, deputy=people.viewer)
    with pytest.raises(NotAllowed):
        create_account(
            email="new@example.org", name="新人", ministry=people.alpha, role="officer", by=deputy
        )
    end_deputyship(deputyship, by=people.window)
    assert fresh(people.officer).ministry_roles == {people.alpha.pk: {"officer"}}
    with pytest.raises(NotNow):
        end_deputyship(deputyship, by=people.window)
    assert verbs() == ["deputy.appoint", "deputy.end"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"deputy": "window"}, "deputy"),
        ({"deputy": "officer_b"}, "deputy"),
        ({"until": -1}, "until"),
        ({"until": 0}, "until"),
        ({"since": -1}, "since"),
        ({"since": 5, "until": 5}, "until"),
    ],
)
def test_deputies_that_cannot_be_are_refused(people, values, field):
    given = {
        name: getattr(people, value) if isinstance(value, str) else in_days(value)
        for name, value in values.items()
    }
    with pytest.raises(Invalid) as refusal:
        appoint(people, **given)
    assert set(refusal.value.errors) == {field}


def test_one_deputyship_at_a_time_for_one_person(people):
    appoint(people)
    with pytest.raises(Invalid):
        appoint(people, since=in_days(2), until=in_days(9))
    appoint(people, since=in_days(3), until=in_days(9))


def test_nobody_else_appoints_or_ends_deputies(people):
    for by in (people.officer, people.window_b, people.administrator):
        with pytest.raises(NotAllowed):
            appoint(people, by=by)
    deputyship = appoint(people)
    with pytest.raises(NotAllowed):
        end_deputyship(deputyship, by=people.window_b)
    end_deputyship(deputyship, by=people.administrator)


def test_a_deputyship_counts_only_while_the_window_is_one_and_the_deputy_belongs(people):
    appoint(people)
    window_role = people.window.memberships.get()
    window_role.until = in_days(0)
    window_role.save()
    assert fresh(people.officer).ministry_roles == {people.alpha.pk: {"officer"}}
    assert acting_as(people.officer, [people.alpha.pk]) is None
    window_role.until = None
    window_role.save()
    assert acting_as(people.officer, [people.alpha.pk]) == people.window
    people.window.is_active = False
    people.window.save()
    assert acting_as(people.officer, [people.alpha.pk]) is None
    people.window.is_active = True
    people.window.save()
    people.officer.memberships.update(ministry=people.beta)
    assert fresh(people.officer).ministry_roles == {people.beta.pk: {"officer"}}
    assert acting_as(people.officer, [people.alpha.pk]) is None


@pytest.mark.parametrize("who", ["officer", "window"])
def test_retiring_either_ends_the_deputyship(people, who):
    deputyship = appoint(people)
    person = getattr(people, who)
    retire_membership(person.memberships.get(), by=people.administrator)
    deputyship.refresh_from_db()
    assert deputyship.until == in_days(0)
    assert verbs()[-2:] == ["deputy.end", "account.close"]
