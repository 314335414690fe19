"""What every page knows: what kind of folder this is, who looks, and what waits for a person."""

from uuid import uuid4

from django.http import HttpRequest

from abaque.storage.read import front
from abaque.web.console.access import actor
from abaque.billing.permissions import ALLOWED, allow


def house(request: HttpRequest) -> dict[str, object]:
    """Return `once` for every form, and for staff: `test_folder`, `nav` (counts), `role`, `may` (verbs)."""
    common: dict[str, object] = {"once": uuid4().hex}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return common
    by = actor(request)
    waiting = front.waiting()
    return common | {
        "test_folder": front.is_test_folder(),
        "nav": {"review": waiting.drafts, "inbox": waiting.findings},
        "role": user.role,
        "may": {verb: allow(by, verb) for verb in ALLOWED},
    }
