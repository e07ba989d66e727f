"""CSV answers: UTF-8 with a mark so that spreadsheets see it, and no cell that starts a formula."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

# A spreadsheet takes a cell that begins so for a formula, in East Asian editions the full-width
# signs too; a number is no formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(value: object) -> object:
    """The value as a cell that no spreadsheet runs: text that starts a formula gets a quote."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def csv_response(
    filename: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """A CSV file as attachment; `filename` is ours and ASCII, never a user's words."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(columns)
    writer.writerows([neutral(value) for value in row] for row in rows)
    return response
