"""What the script of the report form asks: to save by itself, and who else has the form open."""

from tests.access.cases_reports import Case, of_report

CASES: dict[str, dict[str, Case]] = {
    "report-autosave": {
        status: of_report(status=status, copy="form", work_done="打到一半。")
        for status in ("draft", "submitted")
    },
    "report-presence": {status: of_report(status=status) for status in ("draft", "submitted")},
}
