"""Addresses of the `tracking` room."""

from django.urls import path

from tracking.views import (
    autosave,
    collation,
    desk,
    edit,
    evidence,
    glyphs,
    indicators,
    lights,
    mailbox,
    presence,
    receipts,
    reminders,
    report,
    resolutions,
    review,
    signing,
    years,
)

urlpatterns = [
    path("desk/", desk.Desk.as_view(), name="desk"),
    path("desk/signing/", signing.Signing.as_view(), name="signing"),
    path("reports/<int:pk>/", report.ReportPage.as_view(), name="report"),
    path("reports/<int:pk>/edit/", edit.ReportEdit.as_view(), name="report-edit"),
    path("reports/<int:pk>/autosave/", autosave.ReportAutosave.as_view(), name="report-autosave"),
    path("reports/<int:pk>/presence/", presence.ReportPresence.as_view(), name="report-presence"),
    path("reports/<int:pk>/review/", review.Review.as_view(), name="report-review"),
    path("reports/<int:pk>/move/<slug:verb>/", report.ReportMove.as_view(), name="report-move"),
    path("evidence/<int:pk>/", evidence.EvidenceDownload.as_view(), name="evidence"),
    path("glyphs/", glyphs.Glyphs.as_view(), name="glyphs"),
    path("collation/", collation.Collation.as_view(), name="collation"),
    path("collation/years/", years.YearList.as_view(), name="year-list"),
    path("collation/years/<int:pk>/<slug:verb>/", years.YearMove.as_view(), name="year-move"),
    path("collation/reminders/", reminders.Reminders.as_view(), name="reminders"),
    path("collation/queue/", review.ReviewQueue.as_view(), name="review-queue"),
    path(
        "plan/measures/<str:code>/indicators/",
        indicators.IndicatorList.as_view(),
        name="indicator-list",
    ),
    path("indicators/<int:pk>/edit/", indicators.IndicatorEdit.as_view(), name="indicator-edit"),
    path(
        "indicators/<int:pk>/target/",
        indicators.TargetChange.as_view(),
        name="indicator-target",
    ),
    path(
        "indicators/<int:pk>/<slug:verb>/",
        indicators.IndicatorDecision.as_view(),
        name="indicator-decide",
    ),
    path(
        "plan/measures/<str:code>/lights/<int:year>/",
        lights.MeasureLight.as_view(),
        name="measure-light",
    ),
    path("resolutions/", resolutions.ResolutionList.as_view(), name="resolution-list"),
    path("resolutions/<int:pk>/", resolutions.ResolutionPage.as_view(), name="resolution"),
    path(
        "resolutions/<int:pk>/move/<slug:verb>/",
        resolutions.ResolutionMove.as_view(),
        name="resolution-move",
    ),
    path(
        "resolutions/reports/<int:pk>/evidence/",
        resolutions.ResolutionEvidence.as_view(),
        name="resolution-evidence",
    ),
    path("receipts/", receipts.ReceiptList.as_view(), name="receipt-list"),
    path("receipts/verify/", receipts.ReceiptVerify.as_view(), name="receipt-verify"),
    path("receipts/<slug:number>/", receipts.ReceiptPage.as_view(), name="receipt"),
    path(
        "receipts/<slug:number>/<slug:suffix>/",
        receipts.ReceiptFile.as_view(),
        name="receipt-file",
    ),
    path("mail/", mailbox.Mailbox.as_view(), name="mailbox"),
]
