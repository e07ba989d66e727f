"""Every address of the site. The API's are in `config.api`."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from config.kit.csp_reports import csp_reports

urlpatterns = [
    path("", include("reports.urls")),
    path("", include("tracking.urls")),
    path("", include("plan.urls")),
    path("", include("ministries.urls")),
    path("api/v1/", include("config.api")),
    path("accounts/", include("ministries.account_urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path(settings.CSP_REPORTS.strip("/") + "/", csp_reports, name="csp-reports"),
]

handler400 = "config.kit.guard.bad_request"
handler404 = "config.kit.api.page_not_found"
handler500 = "config.kit.unavailable.error_page"
