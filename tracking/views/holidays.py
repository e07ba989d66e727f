"""Inside the admin: import the government's office calendar, with a preview of what changes."""

from datetime import date

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.errors import Refused
from plan import uploads
from plan.views.admin_pages import FileForm, UploadPage
from tracking.actions import holidays
from tracking.models import Holiday
from tracking.reminders.working_days import shipped


class ImportCalendar(UploadPage):
    template_name = "tracking/admin_import_calendar.html"
    form_class = FileForm
    refusals = (Refused,)

    def purpose(self) -> str:
        return "calendar"

    def preview(self, upload: uploads.Upload | None) -> dict:
        changes = holidays.preview(upload.content)
        return {"changes": changes, "count": len(changes)}

    def carry_out(self, upload: uploads.Upload | None) -> str:
        if upload is None:
            raise uploads.UploadError(_("請選一個檔案。"))
        count = holidays.import_calendar(upload.content, name=upload.name, by=self.request.user)
        return _("辦公日曆已匯入：%(count)d天改變。") % {"count": count}

    def done_url(self) -> str:
        return reverse("admin:tracking_holiday_changelist")

    def render_to_response(self, context: dict, **kwargs) -> HttpResponse:
        own = Holiday.objects.dates("day", "year")
        years = shipped()[1] | {day.year for day in own}
        context["years"] = sorted(roc.roc_year(date(year, 1, 1)) for year in years)
        return super().render_to_response(context, **kwargs)
