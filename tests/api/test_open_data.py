"""Open data: what is published and nothing else, in stable columns, three formats, as a stream."""

import csv
import io
import json
import tracemalloc
from datetime import timedelta
from decimal import Decimal
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from django.test import Client
from django.utils import timezone

from plan.models import Indicator
from reports.opendata.dataset import LICENCE_URL
from reports.opendata.registry import DATASETS
from reports.opendata.writing import FORMATS
from tests.access import world_of_reports
from tests.access.world_of_reports import SECRETS
from tests.access.world_of_reviews import WORDS
from tests.outcomes import release
from tests.world import MONEY, make_indicator
from tracking.enums import Status
from tracking.models import MoneyLine, ProgressReport

pytestmark = pytest.mark.django_db
# The promise to whoever reads these files by program: names are added at the end, never changed.
COLUMNS = {
    "plan-tree": "plan version version_state level code parent ordinal name name_en lineage",
    "assignments": "plan version measure measure_name ministry ministry_name role order since "
    "until basis",
    "ministries": "code short_name full_name name_en since until",
    "successions": "predecessor successor on kind legal_basis note",
    "reports": "plan year year_gregorian measure measure_name ministry ministry_name role "
    "coordinating nothing_to_report nothing_reason light completion completed_on work_done benefit "
    "cause sub_cause obstacle response others_must_act catch_up_on next_steps filed_on late "
    "accepted_on",
    "measure-lights": "plan year year_gregorian measure measure_name light light_computed "
    "light_set reason completion",
    "indicators": "plan measure measure_name ministry ministry_name indicator unit kind "
    "accumulation direction year year_gregorian target low high actual note "
    "formula dimension",
    "indicator-parts": "plan measure measure_name ministry ministry_name indicator unit dimension "
    "part year year_gregorian actual",
    "money": "plan year year_gregorian measure measure_name ministry ministry_name source "
    "allocated_thousand spent_thousand note",
    "figures": "plan series subject name of ministry basis status vintage special year "
    "year_gregorian amount unit source source_url table page note",
    "printed-figures": "plan table page row column year year_gregorian ministry unit printed value",
    "review-attainment": "plan review first_year last_year first_year_gregorian "
    "last_year_gregorian edition digest level code name attainment band band_name below known "
    "unknown excluded light completion",
    "review-conclusions": "plan review first_year last_year first_year_gregorian "
    "last_year_gregorian edition digest level code name ordinal text",
}


def fetch(key: str, ending: str = "csv", client: Client | None = None) -> bytes:
    answer = (client or Client()).get(f"/data/{key}.{ending}")
    assert answer.status_code == 200, (key, ending)
    assert answer.streaming
    assert answer["Content-Disposition"] == f'attachment; filename="{key}.{ending}"'
    return b"".join(answer.streaming_content)


def table(key: str) -> list[dict[str, str]]:
    text = fetch(key).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def sheet(key: str, client: Client | None = None) -> list[list[str]]:
    """Texts of the cells of the spreadsheet, row by row."""
    with ZipFile(io.BytesIO(fetch(key, "ods", client))) as packed:
        root = ElementTree.fromstring(packed.read("content.xml"))
    return [
        ["".join(cell.itertext()) for cell in row.iter(f"{TABLE}table-cell")]
        for row in root.iter(f"{TABLE}table-row")
    ]


def everything(client: Client | None = None) -> str:
    """Every file, the spreadsheets as the text of their cells, and every page."""
    texts = []
    for key in DATASETS:
        texts += [fetch(key, "csv", client).decode(), fetch(key, "json", client).decode()]
        texts.append(str(sheet(key, client)))
        texts.append((client or Client()).get(f"/data/{key}/").content.decode())
    texts.append((client or Client()).get("/data/").content.decode())
    return "\n".join(texts)


# --- what is published ----------------------------------------------------------------------------
def test_nothing_that_is_not_released_is_in_any_file(world):
    world_of_reports.fill(world)
    world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED, work_done="WORDACCEPTED")
    hidden = [*SECRETS.values(), "WORDACCEPTED", "提出的指標", "審查會決定"]
    officer = Client()
    officer.force_login(world.officer_a)
    for client in (Client(), officer):
        found = everything(client)
        assert [word for word in hidden if word in found] == []
        assert "核定的指標" in found
    release(world.year)
    found = everything()
    assert [word for word in hidden if word in found] == ["WORDACCEPTED", "審查會決定"]


def test_a_released_report_that_is_corrected_is_away_until_it_is_accepted(world):
    row = world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED)
    release(world.year)
    assert len(table("reports")) == len(table("money")) == 1
    ProgressReport.objects.filter(pk=row.pk).update(status=Status.RETURNED)
    assert table("reports") == table("money") == []


def test_a_draft_of_the_plan_is_in_no_file(world):
    version = world.plan.versions.create(number=2, title="WORDOFDRAFT", state="draft")
    version.goals.create(code="9", ordinal=9, name="WORDOFDRAFT")
    assert "WORDOFDRAFT" not in everything()


def test_of_a_review_what_was_published_is_there_and_nothing_else(published_world):
    found = everything()
    assert [name for name, word in WORDS.items() if word in found] == ["conclusion"]
    rows = table("review-attainment")
    levels = {row["level"] for row in rows}
    assert levels == {"plan", "goal", "sub_goal", "strategy", "measure"}
    assert {row["edition"] for row in rows} == {str(published_world.edition.number)}
    assert {row["digest"] for row in rows} == {published_world.edition.digest}
    published_world.review.filings.update(published_on=timezone.localdate() + timedelta(days=1))
    assert table("review-attainment") == table("review-conclusions") == []


# --- columns and cells ----------------------------------------------------------------------------
def test_columns_are_those_that_were_promised(world):
    assert {key: " ".join(one.header) for key, one in DATASETS.items()} == COLUMNS
    for key, names in COLUMNS.items():
        head = fetch(key).decode("utf-8-sig").partition("\r\n")[0]
        assert head.split(",") == names.split()
        assert [one["name"] for one in json.loads(fetch(key, "json"))["columns"]] == names.split()


def test_every_column_says_what_it_means(client, world):
    for key, dataset in DATASETS.items():
        page = client.get(f"/data/{key}/").content.decode()
        assert dataset.about
        assert dataset.frequency
        for column in dataset.columns:
            assert column.title
            assert str(column.definition).endswith("。"), (key, column.name)
            assert f">{column.name}</code>" in page


def test_years_stand_in_both_calendars_and_days_are_iso(world):
    world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED)
    make_indicator(world.measures["1.1.2.1"], world.science, world.officer_s)
    release(world.year)
    for key, names in COLUMNS.items():
        if "year" in names.split():
            for row in table(key):
                assert int(row["year_gregorian"]) == int(row["year"]) + 1911
    [row] = table("reports")
    assert (row["year"], row["year_gregorian"]) == ("111", "2022")
    assert row["accepted_on"] == timezone.localdate().isoformat()
    assert (row["coordinating"], row["late"], row["completed_on"]) == ("true", "false", "")


def test_unknown_is_empty_and_never_zero(world):
    row = world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED)
    indicator = make_indicator(world.measures["1.1.2.1"], world.science, world.officer_s)
    MoneyLine.objects.filter(report=row).update(spent_thousand=None)
    release(world.year)
    assert [line["spent_thousand"] for line in table("money")] == [""]
    [line] = json.loads(fetch("money", "json"))["rows"]
    assert (line["allocated_thousand"], line["spent_thousand"]) == (
        MONEY[0]["allocated_thousand"], None,
    )  # fmt: skip
    targets = [(one["year"], one["target"], one["actual"]) for one in table("indicators")]
    assert targets == [("110", "10", ""), ("111", "20", "")]
    row.values.create(indicator=indicator, actual=Decimal("18.5"))
    assert table("indicators")[1]["actual"] == "18.5"
    assert json.loads(fetch("indicators", "json"))["rows"][1]["actual"] == "18.5"


@pytest.mark.parametrize("start", ("=", "+", "-", "@", "\t", "\r"))
def test_no_cell_starts_a_formula(world, start):
    text = f"{start}HYPERLINK(1)"
    row = world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED)
    ProgressReport.objects.filter(pk=row.pk).update(work_done=text)
    release(world.year)
    assert table("reports")[0]["work_done"] == f"'{text}"
    assert not any(cell.startswith(start) for line in sheet("reports") for cell in line)
    assert json.loads(fetch("reports", "json"))["rows"][0]["work_done"] == text


def test_csv_has_a_mark_for_spreadsheets_and_lines_as_the_standard_has_them(world):
    for key in DATASETS:
        told = fetch(key)
        assert told.startswith(b"\xef\xbb\xbf")
        assert told.count(b"\xef\xbb\xbf") == 1
        assert told.endswith(b"\r\n")


def test_the_three_formats_say_the_same(world):
    for key in ("plan-tree", "assignments", "ministries"):
        rows = table(key)
        assert rows
        told = json.loads(fetch(key, "json"))["rows"]
        assert len(rows) == len(told) == len(sheet(key)) - 1
        for row, other in zip(rows, told, strict=True):
            assert row == {name: "" if one is None else str(one) for name, one in other.items()}


def test_rows_come_in_the_same_order_each_time(world):
    world_of_reports.fill(world)
    release(world.year)
    for key in DATASETS:
        assert fetch(key) == fetch(key)


# --- the stream -----------------------------------------------------------------------------------
def many(world, number: int) -> None:
    row = world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED)
    release(world.year)
    MoneyLine.objects.bulk_create(
        MoneyLine(
            report=row,
            ordinal=place,
            source=f"來源{place}",
            allocated_thousand=place,
            note="字" * 99,
        )
        for place in range(10, 10 + number)
    )


@pytest.mark.parametrize("ending", FORMATS)
def test_memory_does_not_grow_with_the_rows(world, ending):
    """Peak of writing 30,000 rows, whose file alone is more than that."""
    many(world, 30_000)
    # What is loaded once; to the end, since a cursor that is left open outlasts the test.
    assert b"".join(Client().get(f"/data/money.{ending}").streaming_content)
    answer = Client().get(f"/data/money.{ending}")
    tracemalloc.start()
    size = sum(len(piece) for piece in answer.streaming_content)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > (100_000 if ending == "ods" else 8_000_000)
    assert peak < 6_000_000, peak


def test_the_first_piece_comes_before_the_last_row_is_read(world):
    many(world, 5_000)
    pieces = iter(Client().get("/data/money.csv").streaming_content)
    assert len(next(pieces)) < 1_000_000
    assert sum(1 for _piece in pieces) > 5


def test_questions_do_not_grow_with_the_rows(world, django_assert_max_num_queries):
    counts = []
    for number in (1, 50):
        for place in range(number):
            Indicator.objects.get_or_create(
                measure=world.measures["1.1.2.1"],
                ministry=world.science,
                name=f"指標{place}",
                defaults={"ordinal": place + 1, "state": "approved",
                          "proposed_by": world.officer_s},
            )  # fmt: skip
        with django_assert_max_num_queries(60) as asked:
            for key in DATASETS:
                fetch(key)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- pages and the catalogue ----------------------------------------------------------------------
def test_the_catalogue_names_every_file_with_its_licence(client, world):
    told = client.get("/data/catalog.json")
    assert told["Content-Type"] == "application/ld+json"
    catalogue = told.json()
    assert catalogue["@type"] == "dcat:Catalog"
    assert {one["dct:identifier"] for one in catalogue["dcat:dataset"]} == set(DATASETS)
    for dataset in catalogue["dcat:dataset"]:
        assert dataset["dct:license"]["@id"] == LICENCE_URL == "https://data.gov.tw/license"
        for one in dataset["dcat:distribution"]:
            address = one["dcat:downloadURL"]["@id"]
            assert address.startswith("http://testserver/data/")
            file = client.get(address.removeprefix("http://testserver"))
            assert file["Content-Type"].partition(";")[0] == one["dcat:mediaType"]
        languages = {word["@language"] for word in dataset["dct:title"]}
        assert languages == {"zh-hant", "en"}


def test_the_list_leads_to_every_file(client, world):
    page = client.get("/data/").content.decode()
    assert "政府資料開放授權條款" in page
    assert LICENCE_URL in page
    for key in DATASETS:
        assert f'href="/data/{key}/"' in page
        for ending in FORMATS:
            assert f'href="/data/{key}.{ending}"' in page


def test_what_is_no_dataset_is_not_found(client, world):
    for path in ("none/", "none.csv", "reports.xls", "reports.csv/"):
        assert client.get(f"/data/{path}").status_code == 404
