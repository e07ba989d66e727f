"""Open data: the list of datasets, what each column means, and the files. Public."""

from datetime import date, datetime
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from config.kit.throttle import throttled
from ministries.shared_reads import shareable
from reports.opendata.catalog import catalog
from reports.opendata.dataset import LICENCE, LICENCE_URL, Dataset
from reports.opendata.registry import DATASETS
from reports.opendata.writing import FORMATS

TITLE = _("國家科學技術發展計畫執行追蹤")
PUBLISHER = _("國家科學及技術委員會")


class Row(NamedTuple):
    """One dataset as the pages show it; `years` as a text, "" where it is not about years."""

    dataset: Dataset
    rows: int
    changed: date | None
    years: str


def _row(dataset: Dataset) -> Row:
    years, changed = dataset.years(), dataset.changed()
    if isinstance(changed, datetime):
        changed = timezone.localdate(changed)
    span = "" if years is None else "–".join(str(one) for one in dict.fromkeys(years))
    return Row(dataset, dataset.size(), changed, span)


def _dataset(key: str) -> Dataset:
    if key not in DATASETS:
        raise Http404
    return DATASETS[key]


def _licence() -> dict:
    return {"licence": LICENCE, "licence_url": LICENCE_URL, "formats": FORMATS}


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    rows = [_row(dataset) for dataset in DATASETS.values()]
    return render(request, "reports/data.html", {"rows": rows, **_licence()})


@require_safe
def dataset(request: HttpRequest, key: str) -> HttpResponse:
    row = _row(_dataset(key))
    return render(request, "reports/dataset.html", {"row": row, **_licence()})


@shareable
@require_safe
@throttled("download")
def dataset_file(request: HttpRequest, key: str, ending: str) -> HttpResponse:
    """The rows that everybody may read, whoever asks; written as they are read."""
    chosen, format = _dataset(key), FORMATS.get(ending)
    if format is None:
        raise Http404
    answer = StreamingHttpResponse(format.write(chosen), content_type=format.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{key}.{ending}"'
    return answer


@shareable
@require_safe
def data_catalog(request: HttpRequest) -> HttpResponse:
    def address(name: str, *args: str) -> str:
        return request.build_absolute_uri(reverse(name, args=args))

    return JsonResponse(
        catalog(TITLE, PUBLISHER, address),
        content_type="application/ld+json",
        json_dumps_params={"ensure_ascii": False},
    )
