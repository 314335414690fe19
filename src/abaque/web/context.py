"""What every page knows: what kind of folder this is, who looks, and what waits for a person."""

from django.http import HttpRequest

from abaque.billing.permissions import ALLOWED, allow
from abaque.storage.read import front
from abaque.web.console.access import actor


def house(request: HttpRequest) -> dict[str, object]:
    """Return, for staff, `test_folder`, `nav` (counts), `role`, `may` (by verb); for others only the theme.

    The theme is a cookie, so that a page is drawn right at once.
    """
    theme = request.COOKIES.get("abaque_theme", "")
    common: dict[str, object] = {"theme": theme if theme in {"light", "dark"} else "auto"}
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
