"""What the pages of a report's form share: its three forms, and what was typed but not saved."""

from contextlib import suppress
from functools import cached_property

from django.http import Http404
from django.urls import reverse
from django.views import View

from config.kit.errors import Refused
from config.kit.views import RefusalMixin, ScopedMixin
from tracking import parts
from tracking.actions import typing
from tracking.enums import Part
from tracking.forms.money import MoneyRows
from tracking.forms.report import EvidenceForm, ReportForm
from tracking.models import MoneyLine, ProgressReport
from tracking.queries.reports import (
    full_reports,
    previous_report,
    previous_reports,
    report_to_save,
)
from tracking.rules import reports as rules
from tracking.standing import lineage_for
from tracking.views import conflict, typed


class ReportForms(RefusalMixin, ScopedMixin, View):
    """A view of one report's form; call `load` first."""

    model = ProgressReport

    def get_queryset(self):
        return full_reports().visible_to(self.request.user)

    def get_row(self) -> ProgressReport:
        if self.request.method == "GET":
            return super().get_row()
        row = report_to_save(self.kwargs["pk"], self.request.user)
        if row is None:
            raise Http404
        return row

    def refused_url(self) -> str:
        return reverse("report", args=[self.kwargs["pk"]])

    def load(self) -> None:
        self.report = self.get_row()
        user = self.request.user
        for name in ("last", "last_lines"):
            self.__dict__.pop(name, None)
        self.indicators = list(parts.indicators_of(self.report, lineage_for(user)))
        self.writable = rules.writable(self.report, user)

    @cached_property
    def last(self) -> ProgressReport | None:
        """Last year's report with all its parts, for a page."""
        return previous_report(self.report, self.request.user)

    @cached_property
    def last_lines(self) -> list[MoneyLine]:
        """Last year's money. What is only to be saved needs no more of that year."""
        if self.request.method == "POST" and "last" not in self.__dict__:
            found = previous_reports([self.report], self.request.user).get(self.report.pk)
        else:
            found = self.last
        return list(found.money_lines.all()) if found else []

    def forms(self, data: dict | None = None):
        """The three forms; `data` None shows what the report holds."""
        form = ReportForm(
            data, report=self.report, writable=self.writable, indicators=self.indicators
        )
        money = None
        if Part.MONEY in self.writable:
            lines = list(self.report.money_lines.all())
            wanted = self.request.GET.get("rows", "")
            spare = {}
            if wanted.isascii() and wanted.isdigit() and data is None:
                known = {line.source for line in lines}
                known |= {line.source for line in self.last_lines}
                spare["spare"] = max(2, min(int(wanted), 40) - len(known))
            money = MoneyRows(data, lines=lines, last_lines=lambda: self.last_lines, **spare)
        files = self.request.FILES if data is not None else None
        return form, money, EvidenceForm(data, files)

    def bound(self, data: dict):
        """The three forms with what was typed, examined."""
        found = self.forms(data)
        for one in found:
            if one is not None:
                one.is_valid()
        return found

    def keep(self, data: dict) -> None:
        """What could not be saved stays with who typed it."""
        with suppress(Refused):
            token, kept = typed.token_of(data) or typed.new_token(), typed.typed(data)
            typing.keep(self.report, token=token, data=kept, by=self.request.user)

    def offers(self, own: str = "") -> list[typed.Offer]:
        """Copies that say something else than the report, but the one that the page goes on with.
        One that says nothing else is done with.
        """
        found = []
        added = {text for row in self.report.evidence.all() for text in (row.title, row.url)}
        for copy in typed.copies_of(self.report, self.request.user):
            if copy.token == own:
                continue
            evidence = [text for text in typed.evidence_of(copy.data) if text not in added]
            if differences := self.differences(copy.data):
                found.append(typed.Offer(copy.token, copy.at, differences, evidence))
            elif evidence:
                found.append(typed.Offer(copy.token, copy.at, [], evidence))
            else:
                typing.drop(self.report, token=copy.token, by=self.request.user)
        return found

    def differences(self, data: dict) -> list[conflict.Difference]:
        theirs, their_money, _evidence = self.forms()
        my_money = self.forms(data)[1]
        return conflict.differences(theirs, their_money, my_money, data)
