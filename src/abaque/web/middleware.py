"""What every answer carries: a language, and headers that keep the page to itself.

The language is the first of: `?lang=` (remembered), the remembered choice, the customer's own in the
portal (set there, since only it knows whose page it is), and what the browser asks for.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers

from abaque.ports.event_archive import ArchiveError

Handler = Callable[[HttpRequest], HttpResponseBase]

LANGUAGES = frozenset(code for code, _ in settings.LANGUAGES)
_YEAR_SECONDS = 365 * 24 * 3600

_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "connect-src 'self'; "
    "object-src 'none'; "
    "frame-ancestors 'none'; "
    "base-uri 'none'; "
    "form-action 'self'"
)
_PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"


def chosen_language(request: HttpRequest) -> str | None:
    """Return the language this reader chose, None where the choice is left to us."""
    for choice in (request.GET.get("lang"), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)):
        if choice in LANGUAGES:
            return choice
    return None


def language(get_response: Handler) -> Handler:
    """Answer in the reader's language."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        chosen = chosen_language(request) or _asked_for(request)
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or chosen)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        if isinstance(response, HttpResponse) and request.GET.get("lang") in LANGUAGES:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                request.GET["lang"],
                max_age=_YEAR_SECONDS,
                samesite="Lax",
                secure=settings.SECURE,
            )
        return response

    return respond


def content_security_policy(get_response: Handler) -> Handler:
    """Let a page load only our own files, and let nobody keep a copy of a private one."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _CONTENT_SECURITY_POLICY)
        headers.setdefault("Permissions-Policy", _PERMISSIONS_POLICY)
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if not request.path.startswith(settings.STATIC_URL):
            headers.setdefault("Cache-Control", "no-store")
        return response

    return respond


class ArchiveOutOfReach:
    """Say so, where a page asks for archived events and their file cannot be read or is not what was written."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 503 for the archive's faults; all others go on."""
        return render(request, "503.html", status=503) if isinstance(error, ArchiveError) else None


def _asked_for(request: HttpRequest) -> str:
    """Return the best of our languages for what the browser asks for."""
    return translation.get_language_from_request(request)
