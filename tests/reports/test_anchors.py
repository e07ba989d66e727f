"""Each page has the anchors (:::) that Taiwan's accessibility rules ask for, each with its key."""

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from tests.world import World

ANCHOR = re.compile(r'<a class="anchor" id="([A-Z])" href="#([A-Z])" accesskey="([A-Z])"')


def anchors(html: str) -> str:
    """The letters of the anchors, in order; each leads to itself and has its own key."""
    found = ANCHOR.findall(html)
    assert all(len(set(one)) == 1 for one in found), found
    return "".join(letters[0] for letters in found)


def test_pages_for_everybody_and_for_those_who_sign_in(world: World):
    somebody = Client()
    somebody.force_login(world.reviewer)
    for browser in (Client(), somebody):
        for name in ("home", "plan-tree", "search", "site-map", "accessibility", "review-list"):
            assert anchors(browser.get(reverse(name)).content.decode()) == "UBCZ", name
    assert anchors(Client().get(reverse("account_login")).content.decode()) == "UBCZ"
    assert anchors(Client().get(reverse("api-docs")).content.decode()) == "UCZ"


def test_pages_that_say_no(world: World):
    expert = Client()
    expert.force_login(world.expert)
    for url, status in (("/nowhere/", 404), (reverse("collation"), 403)):
        answer = expert.get(url)
        assert (answer.status_code, anchors(answer.content.decode())) == (status, "UBCZ")


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "413", "429", "500", "503"])
def test_errors_told_without_a_request(code):
    """Where nothing is known of who asks: no menu, and so no anchor of it."""
    assert anchors(render_to_string(f"{code}.html")) == "UCZ"


def test_the_administration(world: World):
    browser = Client()
    browser.force_login(world.administrator)
    ministry = reverse("admin:ministries_ministry_change", args=[world.alpha.pk])
    log = reverse("admin:ministries_auditevent_changelist")
    # Its first page is its menu.
    for url in (reverse("admin:index"), log, ministry):
        assert anchors(browser.get(url).content.decode()) == "UCZ", url
