"""The API's shared manners: pages, filters that refuse what they don't know, versions, errors."""

import re

from django import forms
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from django_filters.rest_framework import DjangoFilterBackend, filters
from django_filters.utils import translate_validation
from rest_framework import exceptions, pagination, permissions, status, views
from rest_framework.request import Request
from rest_framework.response import Response

from config.kit.errors import Invalid, NotAllowed, NotNow, StaleVersion
from config.kit.roc import roc_year

API_ROOT = "/api/v1/"
PAGING = frozenset({"page", "page_size"})
_ETAG = re.compile(r'(W/)?"([^"]*)"')
_VERSION = re.compile(r"[0-9]{1,18}")


class PageNumberPagination(pagination.PageNumberPagination):
    """`?page=2&page_size=200`; a page size above the maximum is cut to it, and what is no number
    from 1 on is refused.
    """

    page_size_query_param = "page_size"
    max_page_size = 500

    def get_page_size(self, request: Request) -> int:
        _refuse_no_number(request, self.page_size_query_param, _("每頁筆數是1以上的整數。"))
        return super().get_page_size(request)

    def get_page_number(self, request: Request, paginator: Paginator) -> int | str:
        _refuse_no_number(request, self.page_query_param, _("頁次是1以上的整數。"))
        return super().get_page_number(request, paginator)

    def get_paginated_response_schema(self, schema: dict) -> dict:
        """As OpenAPI 3.1 writes what may be null; the framework's own is of 3.0."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer"},
                "next": link,
                "previous": link,
                "results": schema,
            },
        }


def _refuse_no_number(request: Request, name: str, words: Promise) -> None:
    given = request.query_params.get(name)
    if given is not None and not (given.isascii() and given.isdigit() and given.strip("0")):
        raise exceptions.ValidationError({name: [words]})


class StrictFilterBackend(DjangoFilterBackend):
    """A mistyped filter must not answer with everything: unknown and empty ones are refused.

    The view finds the values that were given as `filter_values`.
    """

    def filter_queryset(self, request, queryset, view):
        filterset = self.get_filterset(request, queryset, view)
        known = set(filterset.filters) if filterset else set()
        unknown = sorted(set(request.query_params) - known - PAGING)
        if unknown:
            raise exceptions.ValidationError({name: [_("沒有這個篩選條件。")] for name in unknown})
        given = request.query_params
        if empty := sorted(name for name in known if name in given and not given[name]):
            raise exceptions.ValidationError({name: [_("這個篩選條件沒有值。")] for name in empty})
        if filterset is None:
            view.filter_values = {}
            return queryset
        if not filterset.is_valid():
            raise translate_validation(filterset.errors)
        view.filter_values = filterset.form.cleaned_data
        return filterset.qs


class YearFilter(filters.NumberFilter):
    """A ROC or a Gregorian year: 111 and 2022 are the same."""

    field_class = forms.IntegerField

    def filter(self, queryset, value):
        return super().filter(queryset, None if value is None else roc_year(value))


class YesNoField(forms.TypedChoiceField):
    def __init__(self, **kwargs):
        words = [(word, word) for word in ("true", "false")]
        super().__init__(choices=words, coerce="true".__eq__, empty_value=None, **kwargs)


class YesNoFilter(filters.BooleanFilter):
    """true or false. The framework takes `?late=maybe` for no filter, and finds everything."""

    field_class = YesNoField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"widget": forms.Select, **kwargs})


def read_by_view(queryset, _name, _value):
    """For a filter's `method`: the view itself reads the value, the rows stay."""
    return queryset


class PublicRead(permissions.IsAuthenticatedOrReadOnly):
    """Everybody reads what the queryset gives them; writing is for signed-in people, and whether
    they may is asked of the rules by the action.
    """


# --- versions -------------------------------------------------------------------------------------
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


def etag(version: int) -> str:
    """A strong entity tag: the version of the aggregate, which every change raises."""
    return f'"{version}"'


def seen_version(request: Request, current: int) -> int:
    """The version that the caller's If-Match names, for the action to compare under its lock.

    428 without the header, and for `*`, which would let the last writer win; 412 where none of
    the strong tags in it can be the row's.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header or header == "*":
        raise PreconditionRequired
    tags = {tag for weak, tag in _ETAG.findall(header) if not weak and _VERSION.fullmatch(tag)}
    if not tags:
        raise PreconditionFailed
    return current if str(current) in tags else int(min(tags, key=int))


# --- errors ---------------------------------------------------------------------------------------
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The site's 404: for the API in its own form, elsewhere as a page."""
    if not request.path.startswith(API_ROOT):
        return defaults.page_not_found(request, exception)
    missing = exceptions.NotFound()
    data = {"code": missing.get_codes(), "detail": str(missing.detail)}
    return JsonResponse(data, status=missing.status_code, json_dumps_params={"ensure_ascii": False})


def exception_handler(exc: Exception, context: dict) -> Response | None:
    """Errors as `{"code": …, "detail": …}`; validation errors also by field in `fields`.

    An action's refusal answers 403 (not this person), 409 (not the time), 412 (somebody was
    faster; with the current ETag) or 400 (what was given).
    """
    headers = {}
    if isinstance(exc, NotAllowed):
        exc = exceptions.PermissionDenied(str(exc))
    elif isinstance(exc, NotNow):
        exc = Conflict(str(exc))
    elif isinstance(exc, StaleVersion):
        headers["ETag"] = etag(exc.current.version)
        exc = PreconditionFailed(str(exc))
    elif isinstance(exc, Invalid):
        exc = exceptions.ValidationError(exc.errors)
    elif isinstance(exc, Http404):
        # Django's own sentence names the model.
        exc = exceptions.NotFound()
    elif isinstance(exc, DjangoPermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, exceptions.Throttled):
        sentence = gettext("請求太頻繁，請在%(seconds)d秒後再試。") % {"seconds": exc.wait or 1}
        exc.detail = exceptions.ErrorDetail(sentence, exc.default_code)
    response = views.exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, exceptions.ValidationError):
        response.data = {"code": "invalid", "detail": str(_("資料有誤。")), "fields": response.data}
    else:
        response.data = {"code": exc.get_codes(), "detail": exc.detail}
    for name, value in headers.items():
        response.headers[name] = value
    return response
