"""All datasets, in the order of the page that lists them."""

from reports.opendata import done, figures, plans, reviews
from reports.opendata.dataset import Dataset

DATASETS: dict[str, Dataset] = {
    dataset.key: dataset
    for dataset in (
        plans.TREE,
        plans.ASSIGNMENTS,
        plans.MINISTRIES,
        plans.SUCCESSIONS,
        done.REPORTS,
        done.LIGHTS,
        done.INDICATORS,
        done.INDICATOR_PARTS,
        done.MONEY,
        figures.SERIES,
        figures.PRINTED,
        reviews.ATTAINMENT,
        reviews.CONCLUSIONS,
    )
}
