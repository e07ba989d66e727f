"""A link that a ministry gave leads to a page that says where it goes; nobody is sent there."""

import pytest
from django.test import Client
from django.urls import reverse

from tracking.models import Evidence


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.moea.gov.tw/news?id=1&x=2", "www.moea.gov.tw"),
        ("http://192.0.2.7:8080/a", "192.0.2.7"),
        # Its first letter is Cyrillic; the name that the network asks for tells.
        ("https://аpple.example/", "xn--pple-43d.example"),
        ("https://數位.台灣/公告", "xn--nqq435c.xn--kpry57d"),
    ],
)
def test_the_page_between_shows_the_host_and_goes_by_a_click_only(world, report, url, host):
    row = Evidence.objects.create(report=report, title="佐證", url=url, added_by=world.officer_a)
    browser = Client()
    browser.force_login(world.officer_a)
    answer = browser.get(reverse("evidence", args=[row.pk]))
    assert answer.status_code == 200 and "Location" not in answer
    assert answer["Referrer-Policy"] == "same-origin"
    page = answer.content.decode()
    assert f'<h1 class="say">這個連結通往 {host}</h1>' in page
    [link] = [part for part in page.split("<a ") if "btn-do" in part.split(">")[0]]
    assert 'rel="noopener noreferrer nofollow"' in link
    assert f'href="{url.replace("&", "&amp;")}"' in link
    assert 'http-equiv="refresh"' not in page
    other = browser.get(reverse("evidence", args=[row.pk]), {"url": "https://evil.test"})
    assert 'href="https://evil.test' not in other.content.decode()


def test_a_reports_own_page_leads_there_by_the_page_between(world, report):
    row = Evidence.objects.create(
        report=report, title="佐證", url="https://example.test/a", added_by=world.officer_a
    )
    browser = Client()
    browser.force_login(world.officer_a)
    page = browser.get(reverse("report", args=[report.pk])).content.decode()
    assert f'<a href="{reverse("evidence", args=[row.pk])}">佐證</a>' in page
    assert 'href="https://example.test/a"' not in page and "example.test" in page
