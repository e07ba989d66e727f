"""An officer who files by HTTP as a browser does, and what the database says of it afterwards."""

import http.client
import itertools
from collections.abc import Iterator

from tests.resilience.whole_site import Site

Answer = tuple[int, str, dict[str, str]]
# What a server's death may do to a request that is under way.
BROKEN = (OSError, http.client.HTTPException)
# A submission's trace where it is as a whole there, and where it is not.
WHOLE, UNTOUCHED = ("signing", 1, 1, 1), ("draft", 0, 0, 0)


class Officer:
    """Signed in by `cookie`; takes blank reports from `reports`, each for one use."""

    def __init__(self, site: Site, cookie: str, reports: Iterator[int]) -> None:
        self.site, self.cookie, self._reports = site, cookie, reports

    def take(self, count: int) -> list[int]:
        taken = list(itertools.islice(self._reports, count))
        assert len(taken) == count
        return taken

    def form(self, report: int) -> dict[str, str]:
        return self.site.form(report, self.cookie)

    def send(self, report: int, text: str, do: str, form: dict[str, str] | None = None) -> Answer:
        form = form or self.form(report)
        address = f"/reports/{report}/edit/"
        return self.site.ask("POST", address, self.cookie, {**form, "work_done": text, "do": do})

    def submit(self, count: int, text: str) -> None:
        for report in self.take(count):
            assert saved(self.send(report, text, "submit"), report)

    def trace(self, report: int) -> tuple:
        """Status, and how often the submission stands in the history, the audit log, the outbox."""
        return self.site.rows(
            "SELECT status,"
            " (SELECT count(*) FROM tracking_reportevent"
            "  WHERE report_id = %s AND verb = 'submit'),"
            " (SELECT count(*) FROM ministries_auditevent"
            "  WHERE target = %s AND verb = 'report.submit'),"
            " (SELECT count(*) FROM tracking_notice WHERE report_id = %s)"
            " FROM tracking_progressreport WHERE id = %s",
            report, f"tracking.progressreport:{report}", report, report,
        )[0]  # fmt: skip


def saved(answer: Answer, report: int) -> bool:
    """Sent on to the report's own pages, and not to the sign-in."""
    status, _page, headers = answer
    return status == 302 and headers["Location"].startswith(f"/reports/{report}/")
