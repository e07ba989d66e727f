"""Every address of the site. The API's are in `config.api`."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("reports.urls")),
    path("", include("tracking.urls")),
    path("", include("plan.urls")),
    path("", include("ministries.urls")),
    path("api/v1/", include("config.api")),
    path("accounts/", include("ministries.account_urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
]

handler404 = "config.kit.api.page_not_found"
handler500 = "config.kit.unavailable.error_page"
