"""A character that documents can't draw is named on the form, when typed and when shown."""

from django.urls import reverse

from tests.world import WHOLE
from tracking.actions import reports

ODD = "\U0001f9ff"


def test_it_is_named_when_typed(world, client):
    url = reverse("glyphs")
    assert client.post(url, {"text": ODD}).status_code == 302
    client.force_login(world.officer_a)
    assert client.post(url, {"text": "主持人𡍼堃犇，１２３ABC\n"}).status_code == 204
    answer = client.post(url, {"text": f"標誌{ODD}"})
    assert answer.status_code == 200
    assert f"{ODD}（U+1F9FF）" in answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain")
    assert client.get(url).status_code == 405


def test_it_is_named_at_its_field_once_saved(world, report, client):
    reports.save_draft(
        report,
        seen_version=report.version,
        by=world.officer_a,
        fields={**WHOLE, "work_done": f"標誌{ODD}", "benefit": "𡍼"},
    )
    client.force_login(world.officer_a)
    html = client.get(reverse("report-edit", args=[report.pk])).content.decode()
    assert html.count("data-lacking>") == 1
    assert "U+1F9FF" in html
