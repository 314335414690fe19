"""Who looks and who acts: every page asks who may read, every form goes through the runner, once."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from abaque.billing.permissions import Actor, Kind, allow, may_read
from abaque.billing.runner import Forbidden, Result, Verb, input_hash, perform
from abaque.core.fault import Fault
from abaque.documents.words import fault_sentence
from abaque.storage import clock
from abaque.web.figures import lang

P = ParamSpec("P")
C = TypeVar("C")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def actor(request: HttpRequest) -> Actor:
    """Return the member of staff who is signed in, with the one role they have."""
    user: Any = request.user
    return Actor(Kind.STAFF, user.email, frozenset({user.role}))


def staff(page: Page[P]) -> Page[P]:
    """Show a page to staff who may read; others sign in, or are refused (403)."""

    @wraps(page)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not may_read(actor(request)):
            raise PermissionDenied
        return page(request, *args, **kwargs)

    signed_in: Page[P] = login_required(shown)
    return signed_in


def may(request: HttpRequest, verb: str) -> bool:
    """Whether the reader may call a verb, so that a page offers only what will work."""
    return allow(actor(request), verb)


def release_address(request: HttpRequest) -> Callable[[str], str]:
    """Return where holds are released, "" for a reader who may not."""
    allowed = may(request, "release")
    return lambda hold: reverse("console:release", args=[hold]) if allowed else ""


def once(request: HttpRequest) -> str:
    """Return what this form is known by: the same for a double click, another for each page shown.

    It is the form's own CSRF token, which is masked anew for every page.
    """
    return hashlib.sha256(request.POST.get("csrfmiddlewaretoken", "").encode()).hexdigest()


def act(request: HttpRequest, verb: Verb[C], command: C, *, done: str = "") -> Result | None:
    """Perform a verb once per form and command, and say how it went.

    A refusal becomes a message in the reader's language and None; who may not act gets a 403.
    """
    key = f"{once(request)}/{input_hash(command).hex()}"

    def action() -> Result:
        return perform(verb, command, now=clock.now(), by=actor(request), key=key)

    result: Result | None = tried(request, action, done=done)
    return result


def tried(request: HttpRequest, action: Callable[[], Any], *, done: str = "") -> Any:
    """Do something that may be refused, and say how it went. Returns None if it was."""
    try:
        result = action()
    except Forbidden as refusal:
        raise PermissionDenied from refusal
    except Fault as fault:
        messages.error(request, fault_sentence(fault, lang()))
        return None
    if done:
        messages.success(request, done)
    return result


def back(request: HttpRequest, address: str) -> HttpResponse:
    """Send the reader on after a form; an address outside this site is never followed."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return redirect(wanted if wanted and safe else address)
