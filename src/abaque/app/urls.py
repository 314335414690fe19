"""Where each address leads. `POST /v1/events` and the live stream are taken before Django (see rsgi)."""

from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.generic.base import RedirectView

from abaque.api.urls import urlpatterns as api
from abaque.app.metrics import metrics
from abaque.storage.grants import keeps_facts
from abaque.web.urls import urlpatterns as web


def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer that the process lives."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer that the database does, and whether its role keeps what is recorded from being changed."""
    return JsonResponse({"database": "ok", "keeps_facts": keeps_facts()})


urlpatterns = [
    path("", RedirectView.as_view(url="/console/")),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("v1/", include(api)),
    path("accounts/", include("allauth.urls")),
    *web,
    *staticfiles_urlpatterns(),
]
