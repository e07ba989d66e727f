"""Whatever people and plans are called and whatever they write: on no page is it markup.

Some pages put their HTML together by themselves, since thousands of cells through a template would
take seconds. So every text in the database is made hostile, and every page is looked at.
"""

import pytest
from django.apps import apps
from django.db import models
from django.db.models import CharField, F, QuerySet, TextField, Value
from django.db.models.functions import Concat, Left
from django.urls import reverse

from tests.access import cases_reports, cases_reviews
from tests.access.asking import Visitor, names
from tests.access.cases_reports import UNNAMED, cases_of
from tests.access.world_of_reviews import STATIONS, Walk
from tests.world import World

pytestmark = pytest.mark.postgres
MARK, IN_ATTRIBUTE = "<i/x>", "'\"onx="
HOSTILE = MARK + IN_ATTRIBUTE
ROOMS = ("ministries", "plan", "tracking", "reports")
# Not typed by people: what programs compare or look up by.
NO_WORDS = {
    "code", "slug", "status", "state", "verb", "kind", "digest", "key", "token", "token_sha256",
    "password", "lineage", "level", "subject", "format", "cell", "formula", "start", "sha256",
    "number", "media_type", "owner", "file", "source_key", "page", "task", "content_digest",
    "part", "field", "table", "measure_code", "url",
}  # fmt: skip
ROLES = ("nobody", "officer_a", "window_a", "officer_b", "reviewer", "collator", "administrator")
DEPTHS = [
    pytest.param(("reviewer",), id="short"),
    pytest.param(ROLES, id="deep", marks=pytest.mark.deep),
]
# Of the cases of an address, those that can be while 甲部's report is a draft.
BEGUN = ("", "draft", "own", "shared", "in-force", "proposed")
OF_ROWS = ("/search/?q=x", "/collation/?level=measure", "/plan/?goal=1&year=111")


def hostile() -> int:
    """Put the mark behind every text that somebody could have written; how many columns took it."""
    changed = 0
    for room in ROOMS:
        for model in apps.get_app_config(room).get_models():
            if model._meta.model_name.startswith("audit"):
                continue
            for field in model._meta.local_fields:
                left = (getattr(field, "max_length", None) or 10_000) - len(HOSTILE)
                if left < 1 or not is_text(field):
                    continue
                rows = QuerySet(model).exclude(**{field.name: ""})
                changed += bool(
                    rows.update(**{field.name: Concat(Left(F(field.name), left), Value(HOSTILE))})
                )
    return changed


def is_text(field: models.Field) -> bool:
    if not isinstance(field, CharField | TextField) or field.choices or field.name in NO_WORDS:
        return False
    return not isinstance(field, models.EmailField | models.SlugField | models.URLField)


def looked_at(world: World, roles: tuple[str, ...], urls: set[str]) -> tuple[dict, int]:
    """Where the mark stands raw in a page or a drawing, and how many show it as text."""
    found, as_text = {}, 0
    for role in roles:
        visitor = Visitor(world.people.get(role))
        for url in sorted(urls):
            if url.startswith("/admin/") and role != "administrator":
                continue
            answer = visitor.ask("GET", url)
            if answer.get("Content-Type", "text/html").startswith(("text/html", "image/svg")):
                text = answer.content.decode(errors="replace")
                if raw := [one for one in (MARK, '"onx=') if one in text]:
                    found[role, url] = raw
                as_text += "&lt;i/x&gt;" in text
    return found, as_text


@pytest.mark.parametrize("roles", DEPTHS)
def test_no_word_of_a_report_or_of_the_plan_is_markup(full_world: World, roles):
    of_reviews = cases_reviews.CASES.keys() - cases_reports.CASES.keys()
    urls = set(OF_ROWS)
    for name in set(names()) - of_reviews:
        if name in UNNAMED:
            urls.add(UNNAMED[name](full_world))
            continue
        for label, case in cases_of(name).items():
            if label in BEGUN and case.status in ("", "draft"):
                urls.add(reverse(name, args=case.args(full_world)))
    assert hostile() > 40
    found, as_text = looked_at(full_world, roles, urls)
    assert found == {}
    assert as_text > 30


@pytest.mark.parametrize("roles", DEPTHS)
def test_no_word_of_a_review_is_markup(walk: Walk, roles):
    hostile()  # so that what is frozen in editions is, too
    for station in STATIONS[:4]:
        walk.to(station)
    urls = {
        reverse(name, args=case.args(walk))
        for name, cases in cases_reviews.CASES.items()
        for case in cases
        if case.station == station and "GET" in case.methods
    }
    assert hostile() > 40
    found, as_text = looked_at(walk.world, roles, urls | set(OF_ROWS))
    assert found == {}
    assert as_text > 20
