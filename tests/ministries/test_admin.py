"""The admin of all rooms: administrators only, every act in the log, and most of it read-only."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.urls import reverse
from django.utils import timezone

from ministries import audit
from ministries.actions.people import grant_role
from ministries.actions.successions import record_succession
from ministries.administration import AuditedAdmin, ReadOnlyAdmin, ReadOnlyInline
from ministries.audit_words import DEEDS, PHRASES, THINGS, thing_in_words
from ministries.models import AuditEvent, Membership, Ministry, RoleGrant, Succession, User

REGISTERED = sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label_lower)
EDITED = {
    "ministries.alloweddomain",
    "ministries.ministry",
    "ministries.user",
    "plan.goal",
    "plan.measure",
    "plan.plan",
    "plan.strategy",
    "plan.subgoal",
    "tracking.cannedreason",
}
ADDED_BY_ACTIONS = {
    "ministries.membership",
    "ministries.rolegrant",
    "ministries.succession",
    "plan.assignment",
}


@pytest.fixture
def administrator(client, people):
    client.force_login(people.administrator)
    return client


def read_only_rows(*names: str) -> dict:
    """What a browser sends of inlines that nobody can edit."""
    return {f"{name}-{key}": 0 for name in names for key in ("TOTAL_FORMS", "INITIAL_FORMS")}


def last_event() -> AuditEvent:
    return AuditEvent.objects.order_by("pk").last()


@pytest.mark.parametrize(("model", "model_admin"), REGISTERED, ids=lambda value: str(value))
def test_every_admin_is_audited_or_read_only(model, model_admin, rf, people):
    assert isinstance(model_admin, AuditedAdmin | ReadOnlyAdmin)
    assert all(issubclass(inline, ReadOnlyInline) for inline in model_admin.inlines)
    assert not model_admin.list_editable
    request = rf.get("/")
    request.user = people.administrator
    label = model._meta.label_lower
    if label not in EDITED | ADDED_BY_ACTIONS:
        assert isinstance(model_admin, ReadOnlyAdmin), label
    deleted = label in ("ministries.alloweddomain", "ministries.succession")
    assert model_admin.has_delete_permission(request) == deleted


def test_every_column_has_a_chinese_name():
    english = []
    for model, model_admin in REGISTERED:
        for place in (model_admin, *(inline(model, admin.site) for inline in model_admin.inlines)):
            names = [*getattr(place, "list_display", []), *(place.fields or [])]
            labels = {name: str(label_for_field(name, place.model, place)) for name in names}
            english += [f"{place}: {name}" for name, label in labels.items() if label.isascii()]
    assert english == []


def test_the_index_names_every_room_in_chinese(client, people):
    client.force_login(people.administrator)
    rooms = client.get(reverse("admin:index")).context["app_list"]
    assert "img/icon.svg" in client.get(reverse("admin:index")).content.decode()
    assert [room["name"] for room in rooms if str(room["name"]).isascii()] == []


def test_the_log_is_told_in_words_and_in_roc_dates(client, people):
    audit.record("membership.grant", people.alpha, by=people.administrator, ministry=people.alpha)
    event = AuditEvent.objects.first()
    at = datetime(2023, 2, 28, 16, 30, tzinfo=UTC)
    AuditEvent.objects.bulk_create(
        [AuditEvent(verb="report.submit", actor="a@b.test", target="ministries.user:3", at=at)]
    )
    client.force_login(people.administrator)
    listed = reverse("admin:ministries_auditevent_changelist")
    page = client.get(listed).content.decode()
    for text in ("部會身分：給予", "年度報告：送窗口核可", "112-03-01 00:30", "使用者 3"):
        assert text in page
    found = client.get(listed, {"verb": "report.submit"}).context["cl"].queryset
    assert [row.verb for row in found] == ["report.submit"]
    found = client.get(listed, {"ministry": "alpha"})
    assert [row.verb for row in found.context["cl"].queryset] == ["membership.grant"]
    assert '<td class="field-body">甲部</td>' in found.content.decode()
    shown = client.get(reverse("admin:ministries_auditevent_change", args=[event.pk]))
    assert "membership.grant" in shown.content.decode()  # as the log keeps it


def test_without_a_provider_the_domains_say_whom_to_ask(client, people):
    client.force_login(people.administrator)
    page = client.get(reverse("admin:ministries_alloweddomain_add")).content.decode()
    assert "還沒有設定任何機關登入：先請維運人員設定OIDC_PROVIDERS。" in page


def test_lists_write_their_dates_as_roc_dates(client, people):
    client.force_login(people.administrator)
    page = client.get(reverse("admin:ministries_membership_changelist")).content.decode()
    assert "110-01-01" in page


def test_every_verb_of_the_log_has_its_words():
    """Verbs written out in the code of all rooms; those put together are their lists' names."""
    root = Path(__file__).parents[2]
    written = re.compile(r'(?:record|entry|touch|_end)\(\s*(?:\w+,\s*)?"([a-z_]+)\.([a-z_]+)"')
    for room in ("ministries", "plan", "tracking", "reports"):
        for path in (root / room).rglob("*.py"):
            for thing, deed in written.findall(path.read_text()):
                assert thing in THINGS, (thing, path)
                assert deed in DEEDS or f"{thing}.{deed}" in PHRASES, (thing, deed, path)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("ministries.ministry:7", "部會 7"),
        ("nstp-110-113", "nstp-110-113"),
        ("no.such:1", "no.such:1"),
    ],
)
def test_a_target_that_is_no_row_stays_as_it_is(target, words):
    assert thing_in_words(target) == words


@pytest.mark.parametrize(("model", "model_admin"), REGISTERED, ids=lambda value: str(value))
def test_only_administrators_see_it(client, people, model, model_admin):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    path = reverse(name)
    assert client.get(path, follow=True).redirect_chain[-1][0].startswith(reverse("account_login"))
    for who in (people.officer, people.window, people.reviewer):
        client.force_login(who)
        assert client.get(path).status_code == 403
        assert client.get(reverse("admin:index")).status_code == 403
    client.force_login(people.administrator)
    assert client.get(path).status_code == 200
    assert client.get(path + "?q=x").status_code == 200


def test_it_has_no_sign_in_of_its_own(client, administrator, people):
    assert administrator.get(reverse("admin:password_change")).url == reverse(
        "account_change_password"
    )
    administrator.logout()
    path = reverse("admin:login")
    assert client.get(path).url.startswith(reverse("account_login"))
    given = {"username": people.administrator.email, "password": "correct-horse-battery"}
    assert client.post(path, given).url.startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_a_change_is_logged_with_what_it_was(administrator, people):
    path = reverse("admin:ministries_ministry_change", args=[people.alpha.pk])
    edges = read_only_rows("preceded_by", "succeeded_by")
    given = {"short_name": "甲部", "full_name": "甲事務部", **edges}
    assert administrator.post(path, given).status_code == 302
    event = last_event()
    assert (event.verb, event.actor) == ("admin.change", people.administrator.email)
    assert (event.target, event.ministry) == (f"ministries.ministry:{people.alpha.pk}", "alpha")
    assert event.before["full_name"] == "甲業務部"
    assert event.after["full_name"] == "甲事務部"
    given = {"code": "delta", "short_name": "丁部", "full_name": "丁部", **edges}
    administrator.post(reverse("admin:ministries_ministry_add"), given)
    assert last_event().verb == "admin.add"
    assert last_event().after["code"] == "delta"


def test_dates_of_a_body_keep_to_its_successions(administrator, people):
    new = Ministry.objects.create(code="new", short_name="新部", full_name="新部")
    day = date(2022, 7, 27)
    record_succession(
        predecessor=people.alpha, successor=new, on=day, kind="renamed", legal_basis="x", by="test"
    )
    path = reverse("admin:ministries_ministry_change", args=[people.alpha.pk])
    edges = read_only_rows("preceded_by", "succeeded_by")
    given = {"short_name": "甲部", "full_name": "甲業務部", "until": "2023-01-01", **edges}
    page = administrator.post(path, given)
    assert page.status_code == 200
    assert list(page.context["adminform"].form.errors) == ["until"]
    assert Ministry.objects.get(pk=people.alpha.pk).until == day


def test_a_user_is_changed_without_the_password_reaching_the_log(administrator, people):
    path = reverse("admin:ministries_user_change", args=[people.officer.pk])
    grants = read_only_rows("memberships", "role_grants")
    given = {"email": "Other@Example.org", "name": "新名", "is_active": "on", **grants}
    assert administrator.post(path, given).status_code == 302
    assert User.objects.get(pk=people.officer.pk).email == "other@example.org"
    assert "password" not in last_event().before
    assert administrator.get(reverse("admin:ministries_user_add")).url == reverse("people-create")
    own = reverse("admin:ministries_user_change", args=[people.administrator.pk])
    page = administrator.post(own, {"email": people.administrator.email, "name": "我", **grants})
    assert "不能停用自己的帳號" in page.content.decode()


def test_a_succession_is_recorded_by_its_action(administrator, people):
    add = reverse("admin:ministries_succession_add")
    given = {
        "predecessor": people.alpha.pk,
        "successor": people.alpha.pk,
        "on": "2024-01-01",
        "kind": "merged",
        "legal_basis": "法",
        "note": "",
    }
    page = administrator.post(add, given)
    assert "部會不能由自己承接。" in page.content.decode()
    assert Succession.objects.count() == 0
    given["successor"] = people.beta.pk
    assert administrator.post(add, given).status_code == 302
    edge = Succession.objects.get()
    assert Ministry.objects.get(code="alpha").until == edge.on
    assert [event.verb for event in AuditEvent.objects.all()] == ["succession.record"]

    change = reverse("admin:ministries_succession_change", args=[edge.pk])
    given |= {"legal_basis": "新法", "kind": "split", "on": "2020-01-01"}
    administrator.post(change, given)
    edge.refresh_from_db()
    assert (edge.legal_basis, edge.kind, edge.on.year) == ("新法", "merged", 2024)
    administrator.post(
        reverse("admin:ministries_succession_delete", args=[edge.pk]), {"post": "yes"}
    )
    assert last_event().verb == "succession.delete"
    assert last_event().before["legal_basis"] == "新法"
    assert Succession.objects.count() == 0


def test_chosen_rows_are_deleted_with_a_line_each(administrator, people):
    for year in (2023, 2024):
        Succession.objects.create(
            predecessor=people.alpha,
            successor=people.beta,
            on=timezone.localdate().replace(year=year),
            kind="partial_transfer",
            legal_basis="法",
        )
    pks = list(Succession.objects.values_list("pk", flat=True))
    administrator.post(
        reverse("admin:ministries_succession_changelist"),
        {"action": "delete_selected", "_selected_action": pks, "post": "yes"},
    )
    assert AuditEvent.objects.filter(verb="succession.delete").count() == 2


def test_memberships_and_roles_are_given_and_ended_by_actions(administrator, people):
    add = reverse("admin:ministries_membership_add")
    given = {"user": people.reviewer.pk, "ministry": people.alpha.pk, "role": "viewer"}
    assert administrator.post(add, given).status_code == 302
    assert "這個人已經有這個身分。" in administrator.post(add, given).content.decode()
    membership = Membership.objects.get(user=people.reviewer)
    page = administrator.get(
        reverse("admin:ministries_membership_change", args=[membership.pk])
    ).content.decode()
    assert 'name="_save"' not in page
    administrator.post(
        reverse("admin:ministries_membership_changelist"),
        {"action": "end", "_selected_action": [membership.pk]},
    )
    membership.refresh_from_db()
    assert membership.until == timezone.localdate()

    add = reverse("admin:ministries_rolegrant_add")
    given = {"user": people.officer.pk, "role": "collator"}
    assert administrator.post(add, given).status_code == 302
    both = RoleGrant.objects.filter(role__in=["collator", "administrator"])
    page = administrator.post(
        reverse("admin:ministries_rolegrant_changelist"),
        {"action": "end", "_selected_action": list(both.values_list("pk", flat=True))},
        follow=True,
    ).content.decode()
    assert "最後一位系統管理者" in page
    assert "結束了1個角色。" in page
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == [
        "membership.grant",
        "membership.retire",
        "role.grant",
        "role.revoke",
    ]


def test_the_log_is_shown_searched_and_never_changed(administrator, people):
    grant_role(people.officer, role="expert", by=people.administrator)
    path = reverse("admin:ministries_auditevent_changelist")
    for query, found in (("", 1), ("?q=role.grant", 1), ("?q=nobody", 0)):
        assert administrator.get(path + query).context["cl"].result_count == found
    assert administrator.get(path + "?verb=role.grant&ministry=").status_code == 200
    event = AuditEvent.objects.get(verb="role.grant")
    one = reverse("admin:ministries_auditevent_change", args=[event.pk])
    assert "collator" not in administrator.get(one).content.decode()
    assert administrator.post(one, {"actor": "x"}).status_code == 403
    delete = reverse("admin:ministries_auditevent_delete", args=[event.pk])
    assert administrator.post(delete, {"post": "yes"}).status_code == 403


def test_the_pages_of_one_row_open(administrator, people):
    Membership.objects.filter(user=people.viewer).update(
        until=timezone.localdate() + timedelta(days=1)
    )
    rows = [people.alpha, people.viewer, people.viewer.memberships.get()]
    for row in rows:
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
        page = administrator.get(reverse(name, args=[row.pk]))
        assert page.status_code == 200
        assert "<style" not in page.content.decode()
        assert " style=" not in page.content.decode()
