"""The budget path's rows as files: header and rows of each part."""

from decimal import Decimal

from config.kit.roc import gregorian_year
from reports.pages.budget import Budget
from reports.pages.budget_words import source_words


def path_table(page: Budget) -> tuple[list[str], list[list[object]]]:
    """The scenario year by year; 億元 and per cent, unrounded shares to six places."""
    towards = page.path.towards() if page.path else {}
    return [
        *("roc_year", "year", "budget_100_million", "gdp_100_million", "percent"),
        *("target_percent", "needed_100_million", "lacking_100_million", "lacking_points"),
        "even_road_100_million",
    ], [
        [
            one.year,
            gregorian_year(one.year),
            *(_places(value, 4) for value in (one.budget, one.gdp)),
            _places(one.ratio, 6),
            page.path.scenario.target,
            *(_places(value, 4) for value in (one.needed, one.gap)),
            _places(one.points, 6),
            _places(towards.get(one.year), 4),
        ]
        for one in (page.path.years if page.path else [])
    ]


def figures_table(page: Budget) -> tuple[list[str], list[list[object]]]:
    """Every figure with its basis, vintage and source."""
    return [
        *("roc_year", "year", "series", "basis", "special", "budget_100_million"),
        *("gdp_series", "gdp_vintage", "gdp_taken_back", "gdp_100_million", "percent"),
        *("difference_to_plan_100_million", "source", "source_url"),
    ], [
        [
            row.year,
            gregorian_year(row.year),
            *(row.line.code, row.line.basis, row.line.special, row.budget),
            *(row.gdp_line.code, row.gdp_line.vintage, row.taken_back),
            *(_places(row.gdp, 4), _places(row.ratio, 6)),
            *(row.apart, source_words(row.line, row.year), row.line.source_url),
        ]
        for row in page.rows
    ]


def gerd_table(page: Budget) -> tuple[list[str], list[list[object]]]:
    """National R&D expenditure as per cent of GDP: another ratio than the two tables above."""
    return ["roc_year", "year", "country", "gerd_percent_of_gdp"], [
        [year, gregorian_year(year), name, share]
        for name, shares in page.gerd
        for year, share in sorted(shares.items())
    ]


TABLES = {"path": path_table, "figures": figures_table, "gerd": gerd_table}


def _places(value: Decimal | None, places: int) -> Decimal | None:
    if value is None:
        return None
    return round(value, places) if value != value.to_integral() else value.to_integral()
