"""Saved views: what may be kept, who may open it, and that sharing gives nobody a right."""

import re
from urllib.parse import quote

import pytest
from django.urls import reverse

from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries.actions.people import retire_membership
from ministries.models import AuditEvent, User
from reports import saved_pages
from reports.actions import saved_views as actions
from reports.enums import ReviewState
from reports.models import SavedView
from reports.rules import saved_views as rules
from tests.reports.review_world import begun, bring_review, edition_of
from tests.test_query_counts import as_person, queries
from tests.world import World

TREE = "/plan/?year=111&light=late&code=1.1.1.1&code=2.1.1.1"


def saved(world: World, address: str = TREE, name: str = "我的檢視", by: str = "officer_a"):
    return actions.save_view(name, address, by=world.people[by])


def url(view: SavedView) -> str:
    return reverse("view", args=[view.token])


# --- what may be kept -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/", "/"),
        ("/?year=111&source=3-2", "/?source=3-2&year=111"),
        ("/plan/?q=&goal=1&light=&year=111", "/plan/?goal=1&year=111"),
        ("/plan/?code=1.1.1.1&code=2.1.1.1&pick=1", "/plan/?code=1.1.1.1&code=2.1.1.1"),
        ("/plan/?q=%E5%9F%B9%E8%82%B2&format=csv", "/plan/?q=%E5%9F%B9%E8%82%B2"),
        ("/collation/?state=overdue&state=returned", "/collation/?state=overdue&state=returned"),
        ("/ministries/alpha/", "/ministries/alpha/"),
        ("/plan/goals/1/?year=111&source=3-2", "/plan/goals/1/?source=3-2&year=111"),
        ("/budget/?budget_growth=3.5&page=2", "/budget/?budget_growth=3.5"),
        ("/figures/?subject=gdp", "/figures/?subject=gdp"),
        ("/search/?q=%E5%9F%B9%E8%82%B2&kind=plan", "/search/?kind=plan&q=%E5%9F%B9%E8%82%B2"),
        ("/plan/measures/1.1.1.1/?version=1", "/plan/measures/1.1.1.1/?version=1"),
    ],
)
def test_an_address_is_put_together_from_what_is_known(address, kept):
    assert saved_pages.parse(address).url == kept


@pytest.mark.parametrize(
    "address",
    [
        "", "plan/", "https://example.test/", "//example.test/plan/", "/\\example.test/plan/",
        "///example.test", "javascript:alert(1)", "http:///plan/", "/plan/\n//example.test",
        "\thttps://example.test/", "/nowhere/", "/people/", "/desk/", "/admin/", "/accounts/login/",
        "/api/v1/measures/", "/views/", "/views/new/", "/reviews/1/", "/i18n/setlang/",
        "/plan/?light=green", "/plan/?cause=weather", "/plan/?change=up", "/plan/?code=x",
        "/plan/?year=x", "/plan/?source=https://example.test", "/?plan=../../etc",
        "/collation/?state=lost", "/collation/?sort=money", "/plan/?q=" + "x" * 101,
        "/plan/?" + "&".join(f"code=1.1.1.{n}" for n in range(999)),
    ],
)  # fmt: skip
def test_any_other_address_is_refused(world: World, address):
    with pytest.raises(Invalid):
        saved(world, address)
    assert not SavedView.objects.exists()
    browser = as_person(world.officer_a)
    answer = browser.post("/views/new/", {"name": "壞的", "address": address})
    assert answer.status_code == 422
    assert browser.get(f"/views/new/?address={quote(address)}").status_code == 422


def test_what_is_opened_is_one_of_our_pages(world: World, client):
    """Even a row that was written past the action leads nowhere else."""
    row = saved(world)
    actions.share(row, by=world.officer_a)
    for page, arguments in (("https://example.test/", {}), ("view-list", {}), ("ministry", {})):
        SavedView.objects.update(page=page, arguments=arguments, query="next=//example.test")
        assert client.get(url(row)).status_code == 404
    SavedView.objects.update(page="home", arguments={}, query="next=//example.test")
    assert client.get(url(row))["Location"] == "/?next=//example.test"


# --- the owner's verbs ----------------------------------------------------------------------------
def test_save_rename_share_unshare_delete(world: World):
    row = saved(world)
    assert (row.page, row.arguments) == ("plan-tree", {})
    assert row.query == "code=1.1.1.1&code=2.1.1.1&light=late&year=111"
    assert len(row.token) == 32
    by = world.officer_a
    row = actions.rename(row, " 落後的兩項 ", by=by)
    assert row.name == "落後的兩項"
    token = row.token
    row = actions.share(row, by=by)
    assert row.shared_at is not None
    assert row.token == token
    row = actions.unshare(row, by=by)
    assert row.shared_at is None
    assert row.token != token, "what was sent around stays dead"
    actions.delete(row, by=by)
    assert not SavedView.objects.exists()
    told = list(AuditEvent.objects.filter(verb__startswith="view.").order_by("pk"))
    assert [event.verb for event in told] == [
        "view.save", "view.rename", "view.share", "view.unshare", "view.delete",
    ]  # fmt: skip
    assert {event.actor for event in told} == {by.email}
    assert token not in str([(event.before, event.after) for event in told])


def test_only_the_owner_changes_a_view(world: World):
    row = saved(world)
    actions.share(row, by=world.officer_a)
    for name in ("officer_b", "window_a", "reviewer", "administrator"):
        by = world.people[name]
        assert not rules.may_change(row, by)
        for verb in (actions.share, actions.unshare, actions.delete):
            with pytest.raises(NotAllowed):
                verb(row, by=by)
        with pytest.raises(NotAllowed):
            actions.rename(row, "別人的", by=by)
        browser = as_person(by)
        for verb in ("rename", "share", "unshare", "delete"):
            address = reverse("view-move", args=[row.token, verb])
            assert browser.post(address, {"name": "別人的"}).status_code == 404
    assert SavedView.objects.get().name == "我的檢視"


def test_names_are_the_owners_and_told_apart(world: World):
    row = saved(world)
    for name in ("", "  ", "我的檢視", "長" * 81):
        with pytest.raises(Invalid):
            saved(world, name=name)
    other = saved(world, name="另一個")
    with pytest.raises(Invalid):
        actions.rename(other, row.name, by=world.officer_a)
    saved(world, by="officer_b")
    assert SavedView.objects.count() == 3


def test_a_shelf_has_an_end(world: World, monkeypatch):
    monkeypatch.setattr(rules, "MOST", 1)
    saved(world)
    with pytest.raises(NotNow):
        saved(world, name="太多")
    saved(world, by="officer_b")


# --- sharing gives no right -----------------------------------------------------------------------
def test_who_may_open_a_view(world: World):
    row = saved(world)
    everybody = {name: as_person(world.people[name]) for name in ("officer_a", "officer_b")}
    everybody["nobody"] = as_person(None)

    def opens() -> set[str]:
        found = {name: browser.get(url(row)) for name, browser in everybody.items()}
        assert {answer.status_code for answer in found.values()} <= {302, 404}
        return {name for name, answer in found.items() if answer.status_code == 302}

    assert opens() == {"officer_a"}
    actions.share(row, by=world.officer_a)
    assert opens() == {"officer_a", "officer_b", "nobody"}
    actions.unshare(row, by=world.officer_a)
    assert opens() == set(), "the address that was sent around"
    row.refresh_from_db()
    assert opens() == {"officer_a"}


def test_a_shared_view_shows_nobody_more_than_their_own_rights(world: World):
    """The page behind it answers the reader as it would without the view."""
    review = bring_review(world, begun(world), ReviewState.ASSESSING)
    edition = edition_of(review)
    trace = reverse("review-trace", args=[review.pk])
    addresses = (
        f"/plan/?source={review.pk}-{edition.number}&year=111",
        f"/?source={review.pk}-{edition.number}",
        "/collation/?year=111",
        "/?year=111",
        trace,
    )
    answers = {
        "reviewer": [200, 200, 200, 200, 200],
        "officer_b": [404, 404, 403, 200, 404],
        "expert": [404, 404, 403, 200, 404],
        None: [404, 404, 302, 200, 302],
    }
    views = [saved(world, address, address, by="reviewer") for address in addresses]
    for view in views:
        actions.share(view, by=world.reviewer)
    for name, expected in answers.items():
        browser = as_person(world.people[name] if name else None)
        found = []
        for view, address in zip(views, addresses, strict=True):
            answer = browser.get(url(view))
            assert answer.status_code == 302
            there = browser.get(answer["Location"])
            found.append(there.status_code)
            if there.status_code == 200:
                plain = browser.get(address)
                assert heading(there) == heading(plain), (name, address)
        assert found == expected, name


def heading(answer) -> str:
    return re.search(r"<h1[^>]*>(.*?)</h1>", answer.content.decode())[1]


def test_a_shared_view_outlives_its_owners_account(world: World, client):
    """It holds an address and no right, so others go on with it; nobody can change it any more."""
    row = saved(world)
    actions.share(row, by=world.officer_a)
    own = actions.save_view("只給自己", "/", by=world.officer_a)
    retire_membership(world.officer_a.memberships.get(), by=world.administrator)
    User.objects.filter(pk=world.officer_a.pk).update(is_active=False)
    assert client.get(url(row)).status_code == 302
    assert client.get(url(own)).status_code == 404
    assert client.get("/views/").status_code == 302


def test_the_way_to_a_view_is_not_kept_by_caches(world: World):
    row = saved(world)
    assert "no-store" in as_person(world.officer_a).get(url(row))["Cache-Control"]


# --- pages ----------------------------------------------------------------------------------------
def test_ticking_rows_pinning_them_and_sharing_them(world: World, client):
    client.force_login(world.officer_a)
    plain = client.get("/plan/?year=111").content.decode()
    assert 'type="checkbox"' not in plain
    assert "?year=111&amp;pick=1" in plain
    page = client.get("/plan/?year=111&pick=1&code=2.1.1.1&goal=1").content.decode()
    boxes = re.findall(r'type="checkbox" name="code" value="([\d.]+)"[^>]*?( checked)?>', page)
    assert boxes == [("1.1.1.1", ""), ("1.1.1.2", ""), ("1.1.2.1", "")]
    assert '<input type="hidden" name="code" value="2.1.1.1">' in page, "ticked, not shown here"

    answer = client.get("/plan/?year=111&code=1.1.1.1&code=2.1.1.1&pin=1")
    assert answer.status_code == 302
    form = client.get(answer["Location"])
    assert form.status_code == 200
    address = re.search(r'name="address" value="([^"]*)"', form.content.decode())[1]
    address = address.replace("&amp;", "&")
    assert client.post("/views/new/", {"name": "兩項", "address": address}).status_code == 302
    row = SavedView.objects.get()
    assert client.post(reverse("view-move", args=[row.token, "share"])).status_code == 302
    listed = client.get("/views/").content.decode()
    assert f"http://testserver{url(row)}" in listed

    visitor = as_person(None)
    tree = visitor.get(visitor.get(url(row))["Location"]).content.decode()
    assert re.findall(r'<span class="code">([\d.]+)</span>', tree) == ["1.1.1.1", "2.1.1.1"]
    assert "只列選取的2項的措施" in tree


def test_pinned_codes_keep_their_version(world: World, client):
    """A code may be another measure's after a revision."""
    client.force_login(world.officer_a)
    page = client.get("/plan/?pick=1").content.decode()
    assert '<input type="hidden" name="version" value="1">' in page


def test_pages_with_filters_lead_to_the_form(world: World):
    review = bring_review(world, begun(world), ReviewState.ASSESSING)
    pages = [
        "/", "/plan/?year=111", "/collation/?year=111", "/ministries/alpha/",
        reverse("review-trace", args=[review.pk]), "/plan/goals/1/?year=111", "/figures/",
        "/search/?q=x",
    ]  # fmt: skip
    browser = as_person(world.reviewer)
    for page in pages:
        told = browser.get(page).content.decode()
        assert f"/views/new/?address={quote(page, safe='')}" in told, page
    assert "/views/new/" not in as_person(None).get("/plan/").content.decode()


def test_refusals_are_said_at_their_place(world: World, client):
    client.force_login(world.officer_a)
    row = saved(world)
    saved(world, name="另一個")
    answer = client.post("/views/new/", {"name": "另一個", "address": "/"})
    assert answer.status_code == 422
    assert "你已經有一個同名的檢視。" in answer.content.decode()
    answer = client.post(reverse("view-move", args=[row.token, "rename"]), {"name": "另一個"})
    assert answer.status_code == 422
    assert "你已經有一個同名的檢視。" in answer.content.decode()
    assert client.get(reverse("view-move", args=[row.token, "rename"])).status_code == 405
    assert client.post(reverse("view-move", args=[row.token, "burn"])).status_code == 404
    assert client.get("/views/new/").status_code == 422, "nothing to keep"


def test_the_list_asks_the_same_for_one_view_and_for_three(world: World):
    browser = as_person(world.officer_a)
    saved(world)
    one = queries(browser, "/views/")
    for number in (2, 3):
        actions.share(saved(world, name=f"第{number}個"), by=world.officer_a)
    assert queries(browser, "/views/") == one
