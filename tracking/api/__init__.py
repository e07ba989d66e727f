"""What was done, as data: measures with their lights, reporting years, progress reports."""

from tracking.api.measures import MeasureViewSet
from tracking.api.reports import ReportViewSet
from tracking.api.years import ReportingYearViewSet

__all__ = ["MeasureViewSet", "ReportViewSet", "ReportingYearViewSet"]
