"""The description is valid, whole, and what the API really answers."""

import jsonschema
import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tracking.enums import Light, Status, Verb

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def schema() -> dict:
    return SchemaGenerator().get_schema(request=None, public=True)


def operation(schema: dict, method: str, path: str) -> dict:
    return schema["paths"][f"/api/v1/{path}"][method]


def test_it_is_valid_and_says_so_without_warning(schema):
    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        SchemaGenerator().get_schema(request=None, public=True)
    assert not GENERATOR_STATS
    validate_schema(schema)
    assert schema["openapi"].startswith("3.1")


def test_every_operation_describes_its_refusals(schema):
    for path, methods in schema["paths"].items():
        for method, described in methods.items():
            found = set(described["responses"])
            assert {"400", "401", "403", "429"} <= found, (method, path)
            if "{" in path:
                assert "404" in found, (method, path)
            if method != "get":
                assert {"409", "412", "428"} <= found, (method, path)


def test_every_verb_has_an_address(schema):
    reports = [path for path in schema["paths"] if path.startswith("/api/v1/reports/{id}/")]
    verbs = {path.split("/")[-2] for path in reports if path.count("/") == 6}
    assert verbs == {verb.replace("_", "-") for verb in Verb.values if verb != Verb.SAVE}


def test_versions_are_described(schema):
    patch = operation(schema, "patch", "reports/{id}/")
    assert {"in": "header", "name": "If-Match"}.items() <= patch["parameters"][0].items()
    assert patch["parameters"][0]["required"]
    assert "ETag" in patch["responses"]["200"]["headers"]
    assert "ETag" in operation(schema, "get", "reports/{id}/")["responses"]["200"]["headers"]


def test_closed_lists_are_described(schema):
    schemas = schema["components"]["schemas"]
    assert schemas["Light"]["enum"] == Light.values
    assert schemas["ReportStatus"]["enum"] == Status.values


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("plans/", "plans/"),
        ("versions/", "versions/"),
        ("goals/", "goals/"),
        ("sub-goals/", "sub-goals/"),
        ("strategies/{code}/", "strategies/1.1.1/"),
        ("measures/", "measures/?page_size=2"),
        ("measures/{code}/", "measures/1.1.1.1/"),
        ("ministries/", "ministries/"),
        ("successions/", "successions/"),
        ("reporting-years/{year}/", "reporting-years/111/"),
        ("reports/", "reports/"),
        ("indicators/", "indicators/"),
        ("series/", "series/"),
        ("reviews/", "reviews/"),
        ("reports/{id}/", "reports/{accepted}/"),
    ],
)
def test_answers_are_what_is_described(api, world, every_state, schema, path, address):
    answer = api(
        world.reviewer, "get", address.format(accepted=every_state[Status.ACCEPTED].pk)
    ).json()
    described = operation(schema, "get", path)["responses"]["200"]["content"]["application/json"]
    whole = {**described["schema"], "components": schema["components"]}
    jsonschema.validate(answer, whole, cls=jsonschema.Draft202012Validator)
    if "results" not in answer:
        _no_surprises(answer, described["schema"], schema)
    for row in answer.get("results", []):
        listed = schema["components"]["schemas"][described["schema"]["$ref"].split("/")[-1]]
        _no_surprises(row, listed["properties"]["results"]["items"], schema)


def _no_surprises(row: dict, reference: dict, schema: dict) -> None:
    """The row has exactly the fields of the description."""
    component = schema["components"]["schemas"][reference["$ref"].split("/")[-1]]
    assert set(row) == set(component["properties"])


def test_the_page_needs_no_other_host_and_no_inline_code(client):
    page = client.get("/api/v1/docs/").content.decode()
    assert "https://" not in page
    assert "<script>" not in page
    assert "<style" not in page
