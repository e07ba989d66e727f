"""The pages on which windows and administrators keep the list of people."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.kit.roc import roc_year
from ministries.actions.people import appoint_deputy, grant_membership
from ministries.actions.successions import record_succession
from ministries.models import AuditEvent, Deputyship, Ministry, User
from tests.ministries.conftest import PASSWORD, person


def roc_boxes(name: str, day) -> dict:
    return {f"{name}_0": roc_year(day), f"{name}_1": day.month, f"{name}_2": day.day}


@pytest.fixture
def window(client, people):
    client.force_login(people.window)
    return client


def text(response) -> str:
    return response.content.decode()


def test_the_list_shows_ones_own_ministry_and_nothing_else(window, people):
    page = text(window.get(reverse("people")))
    assert "甲業務部有3個使用中的帳號，1位窗口" in page
    for mine in ("officer@example.org", "viewer@example.org", "window@example.org"):
        assert mine in page
    for stranger in (people.officer_b, people.window_b, people.reviewer, people.administrator):
        assert stranger.email not in page
    assert window.get(reverse("people") + "?ministry=beta").status_code == 404


@pytest.mark.parametrize("who", ["officer", "viewer", "reviewer"])
def test_others_have_no_such_pages(client, people, who):
    client.force_login(getattr(people, who))
    mine = people.viewer.memberships.get()
    assert client.get(reverse("people")).status_code == 403
    assert client.get(reverse("people-create")).status_code == 403
    assert client.get(reverse("people-deputy")).status_code == 403
    for name, pk in (
        ("people-retire", mine.pk),
        ("people-password", people.viewer.pk),
        ("people-grant", people.viewer.pk),
    ):
        assert client.get(reverse(name, args=[pk])).status_code == 404
        assert client.post(reverse(name, args=[pk])).status_code == 404
    mine.refresh_from_db()
    assert mine.until is None


def test_a_deputy_keeps_no_list(client, people):
    appoint_deputy(
        ministry=people.alpha,
        deputy=people.officer,
        until=timezone.localdate() + timedelta(days=2),
        by=people.window,
    )
    client.force_login(people.officer)
    assert client.get(reverse("people")).status_code == 403


def test_nobody_sees_the_pages_signed_out(client, people):
    for name in ("people", "people-create", "people-deputy"):
        assert client.get(reverse(name)).url.startswith(reverse("account_login"))


def test_an_administrator_picks_a_ministry(client, people):
    client.force_login(people.administrator)
    page = text(client.get(reverse("people") + "?ministry=beta"))
    assert "乙業務部有2個使用中的帳號" in page
    assert people.officer_b.email in page
    assert people.officer.email not in page


def test_an_account_is_created_and_its_password_works_once_shown(window, people, client):
    page = window.post(
        reverse("people-create"),
        {
            "name": "新人",
            "email": "new@example.org",
            "unit": "科技處",
            "ministry": people.alpha.pk,
            "role": "officer",
        },
    )
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    password = re.search(r'id="first-password"[^>]*>([^<]+)<', text(page))[1]
    assert User.objects.get(email="new@example.org").check_password(password)
    assert password not in text(window.get(reverse("people")))
    client.logout()
    client.post(reverse("account_login"), {"login": "new@example.org", "password": password})
    assert client.get("/people/").url == reverse("account_change_password")


def test_errors_stand_at_their_fields_and_nothing_is_made(window, people):
    before = User.objects.count()
    given = {"name": "", "email": people.officer_b.email, "ministry": people.beta.pk, "role": "x"}
    page = window.post(reverse("people-create"), given)
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"name", "ministry", "role"}
    given |= {"name": "某人", "ministry": people.alpha.pk, "role": "officer"}
    page = window.post(reverse("people-create"), given)
    assert page.status_code == 422
    assert "一個人只有一個帳號" in str(page.context["form"].errors["email"])
    assert User.objects.count() == before
    assert "system_role" not in page.context["form"].fields


def test_an_administrator_makes_an_expert_without_a_ministry(client, people):
    client.force_login(people.administrator)
    given = {"name": "專家", "email": "expert@example.org", "system_role": "expert"}
    assert client.post(reverse("people-create"), given).status_code == 200
    assert User.objects.get(email="expert@example.org").roles == {"expert"}
    page = client.post(reverse("people-create"), {"name": "無", "email": "none@example.org"})
    assert set(page.context["form"].errors) == {"ministry"}


def test_a_membership_is_ended_and_given_back(window, people):
    membership = people.officer.memberships.get()
    address = reverse("people-retire", args=[membership.pk])
    assert "結束這個身分" in text(window.get(address))
    assert window.post(address).url == reverse("people") + "?ministry=alpha"
    assert not User.objects.get(pk=people.officer.pk).is_active
    assert people.officer.email not in text(window.get(reverse("people")))
    assert people.officer.email in text(window.get(reverse("people") + "?ended=1"))
    page = window.post(address, follow=True)
    assert "已經結束" in text(page)

    address = reverse("people-grant", args=[people.officer.pk])
    assert "停用中" in text(window.get(address))
    window.post(address, {"ministry": people.alpha.pk, "role": "officer"})
    assert User.objects.get(pk=people.officer.pk).is_active
    page = window.post(address, {"ministry": people.alpha.pk, "role": "officer"})
    assert page.status_code == 422


def test_a_button_that_may_not_is_greyed_and_says_why(window, people):
    address = reverse("people-retire", args=[people.window.memberships.get().pk])
    page = text(window.get(address))
    assert 'aria-disabled="true"' in page
    assert "最後一位窗口" in page
    assert window.post(address).status_code == 403


def test_a_password_is_reset_and_shown_once(window, people):
    address = reverse("people-password", args=[people.officer.pk])
    page = window.post(address)
    password = re.search(r'id="first-password"[^>]*>([^<]+)<', text(page))[1]
    assert User.objects.get(pk=people.officer.pk).check_password(password)
    for stranger in (people.officer_b, people.administrator):
        assert window.post(reverse("people-password", args=[stranger.pk])).status_code == 404
    grant_membership(people.viewer, ministry=people.beta, role="viewer", by=people.administrator)
    address = reverse("people-password", args=[people.viewer.pk])
    assert "不只屬於貴部會" in text(window.get(address))
    assert window.post(address).status_code == 403
    assert User.objects.get(pk=people.viewer.pk).check_password(PASSWORD)


def test_a_window_appoints_and_dismisses_a_deputy(window, people):
    today = timezone.localdate()
    last = today + timedelta(days=4)
    page = window.get(reverse("people-deputy"))
    assert set(page.context["form"].fields["deputy"].queryset) == {people.officer, people.viewer}
    given = {
        "ministry": people.alpha.pk,
        "deputy": people.officer.pk,
        **roc_boxes("since", today),
        **roc_boxes("until", last),
    }
    assert window.post(reverse("people-deputy"), given).status_code == 302
    deputyship = Deputyship.objects.get()
    assert deputyship.until == last + timedelta(days=1)
    assert deputyship.last_day == last
    page = window.post(reverse("people-deputy"), given)
    assert page.status_code == 422
    address = reverse("people-deputy-end", args=[deputyship.pk])
    assert address in text(window.get(reverse("people")))
    window.post(address)
    deputyship.refresh_from_db()
    assert deputyship.until == today
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["deputy.appoint", "deputy.end"]


def test_a_window_has_no_hand_in_another_ministry(window, people):
    theirs = people.officer_b.memberships.get()
    for method in (window.get, window.post):
        assert method(reverse("people-retire", args=[theirs.pk])).status_code == 404
        assert method(reverse("people-grant", args=[people.officer_b.pk])).status_code == 404
    page = window.post(
        reverse("people-grant", args=[people.officer.pk]),
        {"ministry": people.beta.pk, "role": "window"},
    )
    assert page.status_code == 422


def test_who_manages_several_bodies_chooses_one_first(client, people):
    client.force_login(people.administrator)
    page = text(client.get(reverse("people")))
    assert "要看哪一個部會的人員？" in page
    assert '<a href="?ministry=beta">乙業務部</a>' in page
    assert people.officer.email not in page
    assert people.officer.email in text(client.get(reverse("people") + "?ministry=alpha"))


def test_people_of_a_renamed_body_stand_in_the_new_ones_list(client, people):
    new = Ministry.objects.create(code="gamma", short_name="丙部", full_name="丙業務部")
    record_succession(
        predecessor=people.alpha,
        successor=new,
        on=timezone.localdate(),
        kind="renamed",
        legal_basis="組織法",
        by=people.administrator,
    )
    client.force_login(people.window)
    page = text(client.get(reverse("people")))
    assert "丙業務部有3個使用中的帳號" in page
    assert "承辦人（甲部）" in page


@pytest.mark.parametrize("ended", ["", "?ended=1"])
def test_the_list_asks_as_often_with_one_row_as_with_three(
    window, people, ended, django_assert_num_queries
):
    def add(number: int) -> None:
        one = person(f"more{number}", member=[(people.alpha, "officer")])
        gone = person(f"gone{number}", member=[(people.alpha, "viewer")])
        gone.memberships.update(until=timezone.localdate())
        Deputyship.objects.create(
            window=people.window,
            deputy=one,
            ministry=people.alpha,
            until=timezone.localdate() + timedelta(days=5),
        )

    add(0)
    with CaptureQueriesContext(
        connection,
    ) as first:
        window.get(reverse("people") + ended)
    add(1)
    add(2)
    with django_assert_num_queries(len(first)):
        window.get(reverse("people") + ended)
