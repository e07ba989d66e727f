"""`manage.py compile_review`: edition and digest on the screen, the edition as a file."""

import hashlib
import json
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ministries.models import AuditEvent
from plan.models import Plan
from reports.canonical import digest, digest_of_lines
from reports.enums import ReviewKind
from reports.models import Document, Edition, Review
from tracking.enums import Status
from tracking.models import ProgressReport

pytestmark = pytest.mark.django_db


def compiled(*args: str, **options) -> list[str]:
    said = StringIO()
    call_command("compile_review", *args, stdout=said, **options)
    return said.getvalue().splitlines()


def test_it_prints_edition_and_digest(world):
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    title, digest_line = compiled("small", kind="final")
    edition = Edition.objects.get()
    assert title == "小計畫期末成果評估 第1版 edition 1"
    assert digest_line == edition.digest
    assert re.fullmatch("[0-9a-f]{64}", digest_line)
    assert compiled("small", kind="final") == [title, digest_line]
    ProgressReport.objects.filter(status=Status.ACCEPTED).update(benefit="更多")
    assert compiled("small", kind="final")[0].endswith("edition 2")


@pytest.mark.parametrize(("kind", "last"), [("midterm", 111), ("final", 113)])
def test_the_review_is_made_where_there_is_none(world, kind, last):
    compiled("small", kind=kind)
    review = Review.objects.get()
    assert (review.kind, review.first_year, review.last_year) == (kind, 110, last)
    assert AuditEvent.objects.get(verb="review.create").actor == "system:compile_review"


def test_an_existing_review_is_compiled_by_its_own_years_and_rules(world):
    Review.objects.create(
        plan=world.plan, kind=ReviewKind.MIDTERM, title="期中", first_year=111, last_year=111
    )
    assert compiled("small", kind="midterm")[0] == "期中 第1版 edition 1"
    assert Edition.objects.get().head["years"] == [111]


def test_the_edition_is_written_whole(world, tmp_path):
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    *_said, path = compiled("small", kind="midterm", out=tmp_path / "new")
    assert path == str(tmp_path / "new" / "small-midterm-1.json")
    with open(path, encoding="utf-8") as file:
        written = json.load(file)
    edition = Edition.objects.get()
    event = AuditEvent.objects.get(verb="export.take")
    assert event.actor == "system:compile_review"
    assert event.after == {"files": ["small-midterm-1.json"]}
    assert written["number"] == 1
    assert len(written["lines"]) == edition.lines.count()
    # Whoever has the file can check the digest without the system.
    assert all(digest(line["content"]) == line["digest"] for line in written["lines"])
    keys = digest_of_lines((line["key"], line["digest"]) for line in written["lines"])
    whole = {"head": written["head"], "rules": written["rules"], "lines": keys}
    assert digest(whole) == written["digest"] == edition.digest
    assert written["standing"] == edition.standing


def test_documents_are_made_and_put_into_the_folder(world, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "kept"
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    args = ("small", "--kind=midterm", "--format=ods,odt", f"--out={tmp_path / 'out'}")
    title, printed, *paths = compiled(*args)
    names = [path.rsplit("/", 1)[1] for path in paths]
    assert names == [
        "small-midterm-1.json",
        "small-midterm-1-figures.ods",
        "small-midterm-1-trace.ods",
        "small-midterm-1-main.odt",
        "small-midterm-1-annex.odt",
        "small-midterm-1-trace.odt",
    ]
    for path, document in zip(paths[1:], Document.objects.order_by("pk"), strict=True):
        with open(path, "rb") as file:
            assert hashlib.sha256(file.read()).hexdigest() == document.sha256
    assert compiled(*args) == [title, printed, *paths]
    assert Document.objects.count() == 5


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nowhere", "--kind=final"], "No plan nowhere. There are: small."),
        (["small", "--kind=final", "--format=pdf"], "--out"),
        (["small", "--kind=final", "--format=xls", "--out=x"], "--format"),
        (["small", "--kind=other"], "--kind"),
        (["small"], "--kind"),
    ],
)
def test_what_cannot_be_done_is_said(world, args, words):
    with pytest.raises(CommandError, match=words):
        compiled(*args)
    assert not Edition.objects.exists()


def test_a_plan_without_a_version_is_no_plan_to_review(world):
    Plan.objects.create(slug="empty", name="空", start_year=114, end_year=117)
    with pytest.raises(CommandError, match="load_plan"):
        compiled("empty", kind="final")
