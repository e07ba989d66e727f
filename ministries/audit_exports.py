"""What a signed-in person takes away as a file is in the audit log: every download of ours, those
of tomorrow too, since it is told by the answer's header and not by each view.

What anybody may have without signing in, such as open data, is nobody's deed.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from ministries import audit
from ministries.models import Ministry


class ExportMiddleware:
    """Behind the middleware that says who asks. A file that can't be recorded isn't handed out.

    A view that records more than this does puts `audited = True` on its answer; one whose address
    doesn't name the body whose file it is, the body, or its code, as `ministry`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Content-Disposition" in response.headers:
            _record(request, response)
        return response


def _record(request: HttpRequest, response: HttpResponse) -> None:
    taken = response.headers["Content-Disposition"].startswith("attachment")
    if not taken or response.status_code != 200 or getattr(response, "audited", False):
        return
    if not request.user.is_authenticated:
        return
    match = request.resolver_match
    told = {"page": match.view_name, **match.kwargs}
    if request.GET:
        told["query"] = request.GET.urlencode()
    by, body = request.user, getattr(response, "ministry", None) or _body(request)
    audit.record("export.take", request.path[:120], by=by, ministry=body, after=told)


def _body(request: HttpRequest) -> Ministry | None:
    """The one that the address names, else the one that the person belongs to, if it is one."""
    if code := request.resolver_match.kwargs.get("ministry"):
        return Ministry.objects.filter(code=code).first()
    held = {pk for pk, _role in request.user.held.memberships}
    return Ministry.objects.filter(pk__in=held).first() if len(held) == 1 else None
