"""Tokens of the API: the owner's rights as far as the scopes go, and no longer than the owner's."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries.actions import people, tokens
from ministries.enums import TokenScope
from ministries.models import ApiToken, AuditEvent

pytestmark = pytest.mark.django_db
BOTH = list(TokenScope)
READ = [TokenScope.READ]


def make(user, scopes=BOTH, days: int = 30, name: str = "") -> tuple[ApiToken, str]:
    name = name or f"匯出{ApiToken.objects.count()}"
    expires_on = timezone.localdate() + timedelta(days=days)
    return tokens.create_token(name=name, scopes=scopes, expires_on=expires_on, by=user)


def call(secret: str, path: str, method: str = "get", client: Client | None = None, **more):
    headers = {"Authorization": f"Bearer {secret}", **more.pop("headers", {})}
    if method != "get":
        more = {"data": more.pop("data", {}), "content_type": "application/json"}
    return getattr(client or Client(), method)(f"/api/v1/{path}", headers=headers, **more)


# --- what it may ----------------------------------------------------------------------------------
def test_it_reads_what_its_owner_reads_and_no_more(world, report):
    paths = [f"reports/{report.pk}/", f"reports/{world.report('2.1.1.1', 'beta').pk}/"]
    for name, statuses in (("officer_a", [200, 404]), ("officer_b", [404, 200])):
        _token, secret = make(world.people[name], READ)
        assert [call(secret, path).status_code for path in paths] == statuses


def test_it_writes_only_with_the_scope_for_it(world, report):
    given = {"data": {"work_done": "辦了兩場。"}, "headers": {"If-Match": f'"{report.version}"'}}
    _token, reads = make(world.officer_a, READ)
    answer = call(reads, f"reports/{report.pk}/", "patch", **given)
    assert (answer.status_code, answer.json()["code"]) == (403, "out_of_scope")
    _token, writes = make(world.officer_a, BOTH)
    answer = call(writes, f"reports/{report.pk}/", "patch", **given)
    assert answer.status_code == 200
    assert AuditEvent.objects.filter(verb="report.save", actor=world.officer_a.email).exists()


def test_a_scope_gives_nothing_that_the_owner_has_not(world, report):
    _token, secret = make(world.viewer_a, BOTH)
    headers = {"If-Match": f'"{report.version}"'}
    answer = call(secret, f"reports/{report.pk}/", "patch", data={}, headers=headers)
    assert answer.status_code == 403


def test_it_needs_no_csrf_and_ignores_the_session(world, report):
    """A browser's session is somebody else's word: the token alone decides."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.officer_a)
    _token, other = make(world.officer_b, BOTH)
    assert call(other, f"reports/{report.pk}/", client=browser).status_code == 404
    assert call("nstp_wrong", f"reports/{report.pk}/", client=browser).status_code == 401
    _token, own = make(world.officer_a, BOTH)
    headers = {"If-Match": f'"{report.version}"'}
    given = {"data": {"work_done": "辦了。"}, "headers": headers}
    assert call(own, f"reports/{report.pk}/", "patch", **given).status_code == 200


# --- until when -----------------------------------------------------------------------------------
def refused(secret: str) -> bool:
    answer = call(secret, "plans/")
    if answer.status_code == 401:
        assert answer.json()["code"] == "bad_token"
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer["Cache-Control"] == "private, no-store"
    return answer.status_code == 401


@pytest.mark.parametrize("secret", ("", "nstp_", "nstp_" + "a" * 43, "權杖", "a" * 5000))
def test_what_is_no_token_is_refused(world, secret):
    assert refused(secret.encode().decode("latin-1"))


def test_it_ends_on_its_day(world):
    token, secret = make(world.officer_a, days=1)
    assert not refused(secret)
    ApiToken.objects.filter(pk=token.pk).update(
        created_on=timezone.localdate() - timedelta(days=9), expires_on=timezone.localdate()
    )
    assert refused(secret)


def test_it_ends_when_it_is_revoked(world):
    token, secret = make(world.officer_a)
    with pytest.raises(NotAllowed):
        tokens.revoke_token(token, by=world.administrator)
    tokens.revoke_token(token, by=world.officer_a)
    assert refused(secret)
    with pytest.raises(NotNow):
        tokens.revoke_token(token, by=world.officer_a)


def test_it_ends_with_its_owner_and_does_not_come_back(world):
    _token, secret = make(world.officer_a)
    membership = world.officer_a.memberships.get()
    people.retire_membership(membership, by=world.window_a)
    assert refused(secret)
    people.grant_membership(
        world.officer_a, ministry=world.alpha, role="officer", by=world.window_a
    )
    assert refused(secret)


def test_it_ends_with_a_reset_password(world):
    _token, secret = make(world.officer_a)
    people.reset_first_password(world.officer_a, by=world.window_a)
    assert refused(secret)


@pytest.mark.parametrize("days", (-1, 0, 366, 9999))
def test_it_lasts_a_year_at_most(world, days):
    with pytest.raises(Invalid) as refusal:
        make(world.officer_a, days=days)
    assert set(refusal.value.errors) == {"days"}


def test_it_has_a_name_and_known_scopes_and_there_are_not_too_many(world):
    for given in ({"name": " "}, {"scopes": []}, {"scopes": ["everything"]}):
        with pytest.raises(Invalid):
            make(world.officer_a, **given)
    for number in range(tokens.MOST_ALIVE):
        make(world.officer_a, name=str(number))
    with pytest.raises(Invalid):
        make(world.officer_a)


# --- what is kept ---------------------------------------------------------------------------------
def test_the_secret_is_kept_nowhere(world):
    token, secret = make(world.officer_a)
    kept = " ".join(map(str, ApiToken.objects.values_list().get()))
    told = " ".join(str(row) for row in AuditEvent.objects.values_list("before", "after"))
    assert secret not in kept + told
    assert secret.startswith(token.start)
    verbs = set(AuditEvent.objects.filter(actor=world.officer_a.email).values_list("verb"))
    assert ("token.create",) in verbs


def test_use_is_noted_once_an_hour(world, django_assert_num_queries):
    token, secret = make(world.officer_a)
    call(secret, "plans/")
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    call(secret, "plans/")
    token.refresh_from_db()
    assert token.last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(hours=2))
    call(secret, "plans/")
    token.refresh_from_db()
    assert token.last_used_at > first


# --- pages ----------------------------------------------------------------------------------------
def test_one_makes_sees_and_revokes_ones_own_on_the_pages(world):
    browser = Client()
    browser.force_login(world.officer_a)
    given = {"name": "匯出", "scopes": ["read"], "days": "30"}
    made = browser.post(reverse("token-create"), given)
    token = ApiToken.objects.get()
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    secret = made.context["secret"]
    assert made.content.decode().count(secret) == 1
    assert not refused(secret)
    assert secret not in browser.get(reverse("token-list")).content.decode()
    assert browser.post(reverse("token-create"), {**given, "days": "900"}).status_code == 422
    other = Client()
    other.force_login(world.officer_b)
    assert other.post(reverse("token-revoke", args=[token.pk])).status_code == 404
    browser.post(reverse("token-revoke", args=[token.pk]))
    assert refused(secret)
