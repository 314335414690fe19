"""From a request to a verb: the folder's clock, the caller, and the Idempotency-Key."""

from typing import TypeVar

from django.http import HttpRequest

from abaque.api.keys import caller
from abaque.api.refusals import Problem
from abaque.billing.runner import KeyReused, Result, Verb, input_hash, perform
from abaque.storage import clock
from abaque.storage.read.control import input_of_action

C = TypeVar("C")
_KEY_MAX = 255


def do(request: HttpRequest, verb: Verb[C], command: C) -> Result:
    """Run a verb for the caller. The same key with the same input returns the first result."""
    return perform(verb, command, now=clock.now(), by=caller(request), key=idempotency_key(request))


def idempotency_key(request: HttpRequest) -> str | None:
    """Return the Idempotency-Key of a POST. Problem 400 if it cannot be one."""
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or key is None:
        return None
    if not key or len(key) > _KEY_MAX or not key.isascii() or not key.isprintable():
        raise Problem(
            400, "bad_idempotency_key", "An Idempotency-Key has 1 to 255 printable ASCII characters."
        )
    return key


def refuse_other_use(request: HttpRequest, verb: Verb[C], command: C) -> None:
    """Refuse (`key_reused`, 409) a key that was used with other input, before anything is begun."""
    key = idempotency_key(request)
    if key is None:
        return
    seen = input_of_action(verb.__name__, f"{caller(request)}/{key}")
    if seen is not None and seen != input_hash(command):
        raise KeyReused(key)
