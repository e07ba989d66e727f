"""A background job as a page and as the piece of a page that asks again by itself."""

from http import HTTPStatus
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from config.kit.views import ScopedMixin
from reports.actions import jobs as actions
from reports.models import Job


class JobView(ScopedMixin, View):
    """`?back=` is the page to return to, which shows what was made."""

    model = Job

    def handle_no_permission(self) -> HttpResponse:
        """To the page that asks by itself: that it be read anew, which leads to the sign-in."""
        if not self.request.htmx:
            return super().handle_no_permission()
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Refresh": "true"})

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The piece for htmx, the page for everybody else. When the job is over, the page that
        holds the piece is read anew."""
        job = self.get_row()
        context = {"job": job, "back": back_of(request)}
        if not request.htmx:
            return render(request, "reports/job.html", context)
        response = render(request, "reports/_job.html", context)
        if not job.alive:
            response["HX-Refresh"] = "true"
        return response


class JobCancelView(ScopedMixin, View):
    model = Job
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        actions.cancel_own(self.get_row(), by=request.user)
        return HttpResponseRedirect(back_of(request) or reverse("job-status", args=[pk]))


def back_of(request: HttpRequest) -> str:
    """The address to return to, if it is one of this site; else ""."""
    asked = request.POST.get("back") or request.GET.get("back") or ""
    safe = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if safe and urlsplit(asked).path.startswith("/") else ""
