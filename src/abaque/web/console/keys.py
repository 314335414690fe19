"""API keys: made, shown once, revoked."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from abaque.billing.create_key import SCOPES, new_key
from abaque.billing.revoke_key import RevokeKey, revoke_key
from abaque.billing.runner import KeyReused
from abaque.storage import clock
from abaque.storage.read import front, offers
from abaque.web.accounts import seal, unseal
from abaque.web.console.access import act, actor, may, once, staff, tried
from abaque.web.figures import day, moment

_SHOWN_ONCE = "new_key"


def _scopes() -> list[tuple[str, str]]:
    words = {
        "events:write": _("send events"),
        "usage:write": _("state control totals, settle the quarantine"),
        "customers:write": _("keep customers and subscriptions"),
        "catalogue:write": _("change meters and plans"),
        "billing:write": _("close, issue, reconcile"),
        "read": _("read everything"),
    }
    return [(scope, f"{words[scope]} ({scope})" if scope in words else scope) for scope in SCOPES]


class KeyForm(forms.Form):
    """What a key is called and may do."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("May"),
        choices=_scopes,
        initial=["events:write"],
        widget=forms.CheckboxSelectMultiple,
    )
    sources = forms.CharField(
        label=gettext_lazy("Sources"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Which sources it may write, separated by commas; empty for any."),
    )


@staff
def keys(request: HttpRequest) -> HttpResponse:
    return _shown(request, KeyForm() if may(request, "create_key") else None)


@staff
@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Make a key. It is handed over once, on the next page, and lies encrypted until then."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _shown(request, form)
    said = form.cleaned_data
    sources = tuple(part.strip() for part in said["sources"].split(",") if part.strip()) or None
    made = tried(request, lambda: _made(request, said["name"], tuple(said["scopes"]), sources))
    if made:
        request.session[_SHOWN_ONCE] = seal(made["key"])
    return redirect("console:keys")


def _made(
    request: HttpRequest, name: str, scopes: tuple[str, ...], sources: tuple[str, ...] | None
) -> dict[str, Any]:
    try:
        return new_key(name, scopes, sources, now=clock.now(), by=actor(request), key=once(request))
    except KeyReused:
        # The second of two clicks: the first one's key waits on the next page.
        return {}


@staff
@require_POST
def revoke(request: HttpRequest, key: str) -> HttpResponse:
    """Revoke a key; it ends at once."""
    act(request, revoke_key, RevokeKey(key), done=_("The key is revoked."))
    return redirect("console:keys")


def _shown(request: HttpRequest, form: KeyForm | None) -> HttpResponse:
    zone, allowed = front.house_zone(), may(request, "revoke_key")
    sealed = request.session.pop(_SHOWN_ONCE, None)
    return render(
        request,
        "console/keys.html",
        {
            "keys": [_key(row, zone, allowed=allowed) for row in offers.api_keys()],
            "new_key": unseal(sealed) if sealed else "",
            "form": form,
            "create_url": reverse("console:create_key"),
        },
    )


def _key(row: offers.KeyLine, zone: str, *, allowed: bool) -> dict[str, Any]:
    revocable = allowed and row.revoked_at is None
    return {
        "name": row.name,
        "prefix": row.prefix,
        "scopes": ", ".join(row.scopes),
        "sources": ", ".join(row.sources),
        "created": day(row.created_at, zone),
        "last_used": moment(row.last_used, zone),
        "revoked": day(row.revoked_at, zone),
        "revoke_url": reverse("console:revoke_key", args=[row.id]) if revocable else "",
    }
