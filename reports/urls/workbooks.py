"""Addresses of a ministry's filing as a spreadsheet."""

from django.urls import path

from reports.views import workbooks

_OF = "desk/workbook/<slug:plan>/<slug:ministry>/<int:year>"

urlpatterns = [
    path(f"{_OF}/", workbooks.Workbook.as_view(), name="workbook"),
    path(f"{_OF}/<slug:form>/", workbooks.WorkbookFile.as_view(), name="workbook-file"),
    path("desk/workbook/uploads/<int:pk>/", workbooks.UploadPage.as_view(), name="workbook-upload"),
]
