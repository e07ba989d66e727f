"""行事曆: one's own dates for a calendar program, under an address that only oneself knows."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.kit.throttle import throttled
from config.kit.views import RefusalMixin, SignedInMixin
from ministries import rules
from ministries.actions import feeds
from tracking.reminders.feed import entries
from tracking.reminders.feed import render as as_file


@method_decorator(never_cache, name="dispatch")
class CalendarPage(RefusalMixin, SignedInMixin, View):
    """What the calendar holds; the answer to making an address is the only page that shows it."""

    def refused_url(self) -> str:
        return reverse("calendar")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        match request.POST.get("verb"):
            case "renew":
                path = reverse("calendar-feed", args=[feeds.renew_feed(by=request.user)])
                return self.show(request, address=settings.SITE_URL.rstrip("/") + path)
            case "revoke":
                feeds.revoke_feed(by=request.user)
                messages.success(request, _("行事曆網址撤銷了，訂閱它的程式不會再更新。"))
                return redirect("calendar")
        raise Http404

    @staticmethod
    def show(request: HttpRequest, address: str = "") -> HttpResponse:
        context = {
            "address": address,
            "feed": feeds.alive(request.user),
            "entries": entries(request.user),
            "verdict": rules.may_make_token(request.user),
        }
        return render(request, "tracking/calendar.html", context)


@require_safe
@throttled("download")
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The file. A wrong or revoked address is nowhere."""
    user = feeds.reader(secret)
    if user is None:
        raise Http404
    answer = HttpResponse(as_file(user), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="nstp.ics"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer
