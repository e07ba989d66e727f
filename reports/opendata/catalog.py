"""The catalogue for harvesters: DCAT 3 as JSON-LD, both languages beside each other."""

from collections.abc import Callable

from django.utils.translation import override

from config.kit.roc import gregorian_year
from reports.opendata.dataset import LICENCE_URL, Dataset, Text
from reports.opendata.registry import DATASETS
from reports.opendata.writing import FORMATS, described

LANGUAGES = ("zh-hant", "en")
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "csvw": "http://www.w3.org/ns/csvw#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def catalog(title: Text, publisher: Text, address: Callable[..., str]) -> dict:
    """`address(name, *args)` gives the whole address of a page or file of ours."""
    return {
        "@context": CONTEXT,
        "@id": address("data"),
        "@type": "dcat:Catalog",
        "dct:title": _words(title),
        "dct:publisher": {"@type": "foaf:Organization", "foaf:name": _words(publisher)},
        "dct:license": {"@id": LICENCE_URL},
        "dct:language": list(LANGUAGES),
        "foaf:homepage": {"@id": address("data")},
        "dcat:dataset": [_dataset(one, address) for one in DATASETS.values()],
    }


def _dataset(dataset: Dataset, address: Callable[..., str]) -> dict:
    place = address("dataset", dataset.key)
    told = {
        "@id": place,
        "@type": "dcat:Dataset",
        "dct:identifier": dataset.key,
        "dct:title": _words(dataset.title),
        "dct:description": _words(dataset.about),
        "dct:license": {"@id": LICENCE_URL},
        "dct:accrualPeriodicity": _words(dataset.frequency),
        "dcat:landingPage": {"@id": place},
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dct:title": format.name,
                "dct:license": {"@id": LICENCE_URL},
                "dcat:downloadURL": {"@id": address("dataset-file", dataset.key, ending)},
                "dcat:mediaType": format.media_type.partition(";")[0],
            }
            for ending, format in FORMATS.items()
        ],
        "csvw:tableSchema": {"csvw:column": described(dataset)},
    }
    if changed := dataset.changed():
        told["dct:modified"] = changed.isoformat()
    if years := dataset.years():
        first, last = map(gregorian_year, years)
        told["dct:temporal"] = {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": f"{first}-01-01",
            "dcat:endDate": f"{last}-12-31",
        }
    return told


def _words(text: Text) -> list[dict]:
    found = []
    for language in LANGUAGES:
        with override(language):
            found.append({"@language": language, "@value": str(text)})
    return found
