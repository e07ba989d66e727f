"""Addresses of coordination meetings and of the trace; resolutions have theirs in `tracking`."""

from django.urls import path

from reports.views import coordination, trace

urlpatterns = [
    path(
        "reviews/<int:pk>/coordination/",
        coordination.Coordination.as_view(),
        name="review-coordination",
    ),
    path("reviews/<int:pk>/trace/", trace.Trace.as_view(), name="review-trace"),
    path("reviews/<int:pk>/trace.csv", trace.TraceCsv.as_view(), name="review-trace-csv"),
    path("reviews/<int:pk>/trace.ods", trace.TraceOds.as_view(), name="review-trace-ods"),
    path("meetings/<int:pk>/", coordination.MeetingPage.as_view(), name="meeting"),
    path(
        "meetings/<int:pk>/move/<slug:verb>/",
        coordination.MeetingMove.as_view(),
        name="meeting-move",
    ),
]
