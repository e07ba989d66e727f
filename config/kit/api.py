"""The API's shared manners: pages, filters that refuse what they don't know, conflicts."""

from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import exceptions, pagination, status, views
from rest_framework.response import Response

PAGING = frozenset({"page", "page_size"})


class PageNumberPagination(pagination.PageNumberPagination):
    """`?page=2&page_size=200`; a page size above the maximum is cut to it."""

    page_size_query_param = "page_size"
    max_page_size = 500


class StrictFilterBackend(DjangoFilterBackend):
    """A mistyped filter must not answer with everything: unknown parameters are refused."""

    def filter_queryset(self, request, queryset, view):
        filterset = self.get_filterset(request, queryset, view)
        known = set(filterset.filters) if filterset else set()
        unknown = sorted(set(request.query_params) - known - PAGING)
        if unknown:
            raise exceptions.ValidationError({name: [_("沒有這個篩選條件。")] for name in unknown})
        return super().filter_queryset(request, queryset, view)


class PreconditionFailed(exceptions.APIException):
    """The caller changed something that somebody else had changed meanwhile."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"
    default_detail = _("這筆資料已經被別人改過，請重新讀取。")


class PreconditionRequired(exceptions.APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "precondition_required"
    default_detail = _("請以 If-Match 附上你讀到的版本。")


class Conflict(exceptions.APIException):
    """The request is well formed but its time has passed or not come (house rule 1)."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


def exception_handler(exc: Exception, context: dict) -> Response | None:
    """Errors as `{"code": …, "detail": …}`; validation errors also by field in `fields`."""
    response = views.exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, exceptions.ValidationError):
        response.data = {"code": "invalid", "detail": str(_("資料有誤。")), "fields": response.data}
    elif isinstance(exc, exceptions.APIException):
        response.data = {"code": exc.get_codes(), "detail": exc.detail}
    return response
