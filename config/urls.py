"""The addresses of the site, app by app."""

from django.contrib import admin
from django.urls import include, path

from config.api import api
from operations.health import health

urlpatterns = [
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
    path("health", health, name="health"),
    path("runs/", include("inference.urls")),
    path("", include("guide.urls")),
]

handler400 = "operations.errors.bad_request"
handler403 = "operations.errors.forbidden"
handler404 = "operations.errors.not_found"
handler500 = "operations.errors.server_error"
