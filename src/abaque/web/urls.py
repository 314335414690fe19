"""The pages' addresses. Signing in is allauth's; `/portal/stream` is answered before Django (`web.stream`)."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from abaque.web.files import static_file
from abaque.web.welcome import welcome

urlpatterns: list[URLPattern | URLResolver] = [
    path("console/", include("abaque.web.console.urls")),
    path("portal/", include("abaque.web.portal.urls")),
    path("welcome/<str:token>", welcome, name="welcome"),
    path("language", set_language, name="set_language"),
    path("static/<path:path>", static_file, name="static_file"),
]
