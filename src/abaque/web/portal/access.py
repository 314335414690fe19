"""Whose portal is open: a signed link becomes a cookie bound to one customer, which ends by itself."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation

from abaque.storage.models import Customer
from abaque.storage.read import portal
from abaque.web.middleware import LANGUAGES, chosen_language

COOKIE = "abaque_portal"
OPEN_FOR = timedelta(hours=12)
_SALT = "abaque.portal.cookie"

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
CustomerPage = Callable[Concatenate[HttpRequest, Customer, P], HttpResponseBase]


def open_portal(response: HttpResponse, customer: str) -> None:
    """Bind this browser to the customer (public id) for twelve hours of real time."""
    response.set_cookie(
        COOKIE,
        signing.dumps({"c": customer}, salt=_SALT),
        max_age=int(OPEN_FOR.total_seconds()),
        path="/portal/",
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE,
    )


def customer_of_cookie(cookie: str) -> str | None:
    """Return the public id the cookie is bound to; None if it has ended or is not ours."""
    try:
        return str(signing.loads(cookie, salt=_SALT, max_age=OPEN_FOR)["c"])
    except (signing.BadSignature, KeyError, TypeError):
        return None


def for_customer(page: CustomerPage[P]) -> Page[P]:
    """Show a page to the customer whose portal is open, in their language unless they chose another."""

    @wraps(page)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        bound = customer_of_cookie(request.COOKIES.get(COOKIE, ""))
        customer = portal.customer_of(bound) if bound else None
        if customer is None:
            return expired(request)
        speak(customer, chosen_language(request))
        return page(request, customer, *args, **kwargs)

    return shown


def speak(customer: Customer, chosen: str | None) -> str:
    """Activate the language this reader chose, or the customer's own. Returns it."""
    own = customer.language if customer.language in LANGUAGES else "en"
    translation.activate(chosen or own)
    return chosen or own


def expired(request: HttpRequest) -> HttpResponse:
    """Say that the link or the visit has ended, and how to get a new one."""
    return render(request, "portal/link_expired.html", {"contact_email": portal.contact_email()}, status=403)
