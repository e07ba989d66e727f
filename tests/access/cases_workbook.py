"""What is asked of the spreadsheet of 甲部's year: its page, its file, and one that its officer
brought back.
"""

from reports.models import WorkbookUpload
from tests.access.cases_reports import Case
from tests.world import World


def own_year(*form: str) -> object:
    return lambda world: ["small", "alpha", 111, *form]


def an_upload(world: World) -> list:
    row = WorkbookUpload.objects.create(
        ministry=world.alpha,
        reporting_year=world.year,
        name="a.ods",
        content=b"PK",
        uploaded_by=world.officer_a,
    )
    return [row.pk]


CASES: dict[str, dict[str, Case]] = {
    "workbook": {"": Case(own_year())},
    "workbook-file": {"": Case(own_year("ods"))},
    "workbook-upload": {"": Case(an_upload)},
}
