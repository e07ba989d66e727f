"""What was done, as data: measures with their lights, indicators, reporting years, progress
reports."""

from tracking.api.indicators import IndicatorViewSet
from tracking.api.measures import MeasureViewSet
from tracking.api.reports import ReportViewSet
from tracking.api.years import ReportingYearViewSet

__all__ = ["IndicatorViewSet", "MeasureViewSet", "ReportViewSet", "ReportingYearViewSet"]
