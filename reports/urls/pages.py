"""Addresses of the pages that join everything, of jobs and of documents."""

from django.urls import path

from reports.views import (
    attention,
    documents,
    goal,
    job_list,
    jobs,
    measure,
    ministry,
    overview,
    plan_tree,
)

urlpatterns = [
    path("", overview.overview, name="home"),
    path("attention/", attention.attention, name="attention"),
    path("plan/", plan_tree.plan_tree, name="plan-tree"),
    path("plan/goals/<str:code>/", goal.goal, name="goal"),
    path("plan/goals/<str:code>/figures/<slug:name>.json", goal.goal_figure, name="goal-figure"),
    path("plan/measures/<str:code>/", measure.measure, name="measure"),
    path(
        "plan/measures/<str:code>/indicators.csv",
        measure.indicators_csv,
        name="measure-indicators-csv",
    ),
    path("plan/measures/<str:code>/money.csv", measure.money_csv, name="measure-money-csv"),
    path(
        "plan/measures/<str:code>/indicators/<int:pk>/figure.json",
        measure.indicator_figure,
        name="measure-indicator-figure",
    ),
    path("ministries/", ministry.ministry_list, name="ministry-list"),
    path("ministries/<slug:code>/", ministry.ministry, name="ministry"),
    path("ministries/<slug:code>/measures.csv", ministry.ministry_csv, name="ministry-csv"),
    path("jobs/", job_list.JobList.as_view(), name="job-list"),
    path("jobs/notices/<int:pk>/retry/", job_list.NoticeRetry.as_view(), name="job-notice-retry"),
    path(
        "jobs/notices/<int:pk>/cancel/", job_list.NoticeCancel.as_view(), name="job-notice-cancel"
    ),
    path("jobs/<int:pk>/", jobs.JobView.as_view(), name="job-status"),
    path("jobs/<int:pk>/cancel/", jobs.JobCancelView.as_view(), name="job-cancel"),
    path("jobs/<int:pk>/as/<slug:verb>/", job_list.JobMove.as_view(), name="job-move"),
    path("documents/<int:pk>/", documents.DocumentDownload.as_view(), name="document"),
    path("documents/of/<str:subject>/", documents.Documents.as_view(), name="documents"),
    path(
        "documents/of/<str:subject>/sign-off/",
        documents.RecordSignOff.as_view(),
        name="document-sign-off",
    ),
    path(
        "documents/of/<str:subject>/<slug:kind>/",
        documents.DocumentPage.as_view(),
        name="document-page",
    ),
    path(
        "reviews/<int:pk>/documents/",
        documents.ReviewDocuments.as_view(),
        name="review-documents",
    ),
]
