"""The administrator's pages: upload, look at what would change, confirm; and duties by decree."""

import json
import os
import time
from datetime import date

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed
from ministries.models import AuditEvent, Ministry, User
from plan import uploads
from plan.actions.assignments import assign, end_assignment
from plan.actions.load_plan import load_plan
from plan.models import Assignment, Goal, Measure, Plan
from tests.plan.samples import DOCUMENT, facts, tree

LOAD = "/admin/plan/plan/load/"


@pytest.fixture
def administrator(db) -> User:
    user = User.objects.create_superuser("admin@example.org", "unimportant-words", name="管理者")
    Ministry.objects.create(code="a", short_name="甲部", full_name="甲部")
    Ministry.objects.create(code="b", short_name="乙會", full_name="乙委員會")
    return user


@pytest.fixture
def admin_client(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def loaded(administrator) -> Plan:
    load_plan(facts(tree()), by="system:test")
    return Plan.objects.get()


def file(content: str | bytes, name: str = "small.json") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def upload(client, path: str, content: str | bytes, name: str = "small.json"):
    return client.post(path, {"file": file(content, name)})


def confirm(client, path: str, token: str):
    return client.post(path, {"token": token, "confirm": "是"})


def test_a_plan_is_loaded_after_a_look_at_it(admin_client, administrator):
    page = upload(admin_client, LOAD, json.dumps(tree()))
    assert page.status_code == 200
    assert "新增" in page.content.decode()
    assert Plan.objects.count() == 0, "a preview keeps nothing"
    answer = confirm(admin_client, LOAD, page.context["token"])
    assert answer.url == reverse("admin:plan_plan_changelist")
    assert Measure.objects.count() == 3
    event = AuditEvent.objects.filter(verb="plan.load").get()
    assert event.actor == administrator.email
    page = upload(admin_client, LOAD, json.dumps(tree()))
    assert "完全相同" in page.content.decode()
    assert 'name="confirm"' not in page.content.decode()


def test_changed_wording_is_shown_before_and_after(admin_client, loaded):
    values = tree()
    values["goals"][0]["name"] = "種樹成大林"
    page = upload(admin_client, LOAD, json.dumps(values))
    assert page.context["count"] == 1
    assert "種樹成林</td><td>種樹成大林" in page.content.decode()
    confirm(admin_client, LOAD, page.context["token"])
    assert Goal.objects.get().name == "種樹成大林"


def test_the_plan_that_comes_along_is_loaded_without_a_file(admin_client):
    Ministry.objects.all().delete()
    page = admin_client.post(LOAD, {})
    assert page.context["count"] > 134
    assert page.context["more"] > 0
    confirm(admin_client, LOAD, page.context["token"])
    assert Measure.objects.count() == 134


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "small.json"),
        (b"\xff\xfe\x00", "不是UTF-8文字檔"),
        ("", "空的"),
        (b" " * (uploads.MAX_BYTES + 1), "檔案超過10 MB"),
        (json.dumps({**tree(), "goals": []}), "small.json"),
    ],
    ids=["broken", "not text", "empty", "too big", "no goals"],
)
def test_a_file_that_cannot_be_loaded_is_refused_clearly(admin_client, content, said):
    page = upload(admin_client, LOAD, content)
    text = page.content.decode()
    assert said in text
    assert 'name="confirm"' not in text
    assert Plan.objects.count() == 0


def test_only_what_this_person_uploaded_here_is_confirmed(admin_client, client, loaded):
    values = tree()
    values["goals"][0]["name"] = "別的"
    token = upload(admin_client, LOAD, json.dumps(values)).context["token"]
    document = reverse("admin:plan_import_document", args=[loaded.pk])
    other = User.objects.create_superuser("other@example.org", "unimportant-words", name="別人")
    for path, given in ((LOAD, token + "x"), (LOAD, "nonsense"), (document, token)):
        page = confirm(admin_client, path, given)
        assert page.status_code == 422
        assert "過期" in page.content.decode()
    client.force_login(other)
    assert "過期" in confirm(client, LOAD, token).content.decode()
    assert Goal.objects.get().name == "種樹成林"


def test_what_nobody_confirms_is_removed(admin_client, loaded):
    token = upload(admin_client, LOAD, json.dumps(tree())).context["token"]
    folder = django_settings.VAR_DIR / "uploads"
    old = time.time() - uploads.KEPT_SECONDS - 1
    for path in folder.iterdir():
        os.utime(path, (old, old))
    upload(admin_client, LOAD, json.dumps({**tree(), "name": "另一個"}))
    assert confirm(admin_client, LOAD, token).status_code == 422
    assert len(list(folder.iterdir())) == 1


def test_the_document_is_imported_after_a_look_at_it(admin_client, loaded, administrator):
    path = reverse("admin:plan_import_document", args=[loaded.pk])
    assert "還沒有匯入過本文" in admin_client.get(path).content.decode()
    page = upload(admin_client, path, DOCUMENT, "本文.txt")
    assert page.status_code == 200
    assert page.context["count"] > 0
    assert len(page.context["differences"]) > 0
    assert not Measure.objects.exclude(description="").exists()
    answer = confirm(admin_client, path, page.context["token"])
    assert answer.url == reverse("admin:plan_plan_change", args=[loaded.pk])
    assert Measure.objects.exclude(description="").count() == 3
    loaded.refresh_from_db()
    assert loaded.imported_name == "本文.txt"
    assert AuditEvent.objects.get(verb="plan.import_document").actor == administrator.email
    assert "本文.txt" in admin_client.get(path).content.decode()
    assert "上傳公開文字檔" in admin_client.get(answer.url).content.decode()


@pytest.mark.parametrize("content", ["隨便一段文字", b"%PDF-1.7", DOCUMENT[:300]])
def test_a_text_that_is_not_the_plan_is_refused(admin_client, loaded, content):
    path = reverse("admin:plan_import_document", args=[loaded.pk])
    page = upload(admin_client, path, content, "x.txt")
    assert page.status_code == 422
    assert "沒有任何資料被改動" in page.content.decode()


def test_others_have_no_such_pages(client, loaded):
    paths = [LOAD, reverse("admin:plan_import_document", args=[loaded.pk])]
    for path in paths:
        assert client.get(path).status_code == 302
    client.force_login(User.objects.create_user("someone@example.org", name="某人"))
    for path in paths:
        assert client.get(path).status_code == 403
        assert upload(client, path, json.dumps(tree())).status_code == 403


def test_the_tree_of_an_approved_version_is_only_shown(admin_client, loaded):
    goal = Goal.objects.get()
    path = reverse("admin:plan_goal_change", args=[goal.pk])
    assert 'name="_save"' not in admin_client.get(path).content.decode()
    assert admin_client.post(path, {"name": "打過的"}).status_code == 403
    loaded.versions.update(state="draft")
    admin_client.post(path, {"name": "草案裡的名稱", "code": "9"})
    goal.refresh_from_db()
    assert (goal.name, goal.code) == ("草案裡的名稱", "1")
    assert AuditEvent.objects.filter(verb="admin.change").get().before["name"] == "種樹成林"


# --- duties by decree ---------------------------------------------------------------------------
@pytest.fixture
def measure(loaded) -> Measure:
    Ministry.objects.create(code="c", short_name="丙部", full_name="丙部", since=date(2022, 8, 27))
    return Measure.objects.get(code="1.1.1.1")


def test_a_place_passes_to_another_ministry_on_a_day(admin_client, measure, administrator):
    given = {
        "measure": measure.pk,
        "ministry": Ministry.objects.get(code="c").pk,
        "role": "lead",
        "order": 1,
        "since": "2022-08-27",
        "basis": "組織法",
    }
    add = reverse("admin:plan_assignment_add")
    refused = admin_client.post(add, {**given, "since": "2022-01-01"}).content.decode()
    assert "丙部在111-01-01不存在" in refused
    assert admin_client.post(add, given).status_code == 302
    day = date(2022, 8, 27)
    old, new = Assignment.objects.filter(measure=measure, role="lead").order_by("pk")
    assert (old.until, new.since, new.ministry.code) == (day, day, "c")
    verbs = AuditEvent.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[-2:] == ["assignment.end", "assignment.add"]


def test_chosen_duties_end_today_unless_the_measure_would_lose_its_lead(admin_client, measure):
    pks = list(measure.assignments.values_list("pk", flat=True))
    page = admin_client.post(
        reverse("admin:plan_assignment_changelist"),
        {"action": "end", "_selected_action": pks},
        follow=True,
    ).content.decode()
    assert "唯一的主辦" in page
    assert "結束了1個分工。" in page
    ended = measure.assignments.exclude(until=None).get()
    assert (ended.role, ended.until) == ("partner", timezone.localdate())


def test_a_measure_always_keeps_a_lead(measure, administrator):
    lead = measure.assignments.get(role="lead")
    partner = measure.assignments.get(role="partner")
    with pytest.raises(Invalid, match="唯一的主辦"):
        end_assignment(lead, until=date(2023, 1, 1), by=administrator)
    end_assignment(partner, until=date(2023, 1, 1), by=administrator)
    with pytest.raises(Invalid, match="已經結束"):
        end_assignment(partner, until=date(2024, 1, 1), by=administrator)


def test_what_cannot_be_assigned_is_refused(measure, administrator):
    given = {
        "measure": measure,
        "ministry": Ministry.objects.get(code="c"),
        "role": "lead",
        "order": 1,
        "since": date(2023, 1, 1),
        "basis": "組織法",
    }
    for change, field in (
        ({"ministry": Ministry.objects.get(code="a")}, "ministry"),
        ({"basis": " "}, "basis"),
    ):
        with pytest.raises(Invalid) as refusal:
            assign(**{**given, **change}, by=administrator)
        assert set(refusal.value.errors) == {field}
    with pytest.raises(NotAllowed):
        assign(**given, by=User.objects.create_user("someone@example.org", name="某人"))
    assign(**given, by=administrator)
    Ministry.objects.create(code="d", short_name="丁部", full_name="丁部")
    given["ministry"] = Ministry.objects.get(code="d")
    with pytest.raises(Invalid) as refusal:
        assign(**given, by=administrator)
    assert set(refusal.value.errors) == {"since"}
