"""What changes usage of the past, looked at before it counts: versions of meters, and back-fills."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from abaque.billing.backfills import (
    CloseBackfill,
    OpenBackfill,
    RevertBackfill,
    close_backfill,
    open_backfill,
    revert_backfill,
)
from abaque.billing.effects import sums
from abaque.billing.preview import Preview, preview_backfill, preview_meter
from abaque.billing.versions import (
    AdoptMeter,
    DiscardMeter,
    ProposeMeters,
    adopt_meter,
    discard_meter,
    propose_meters,
)
from abaque.catalogue import CatalogueErrors, load_meter
from abaque.core.fault import Fault
from abaque.core.period import local_midnight
from abaque.documents.words import fault_sentence
from abaque.storage import clock
from abaque.storage.read import backfills as read
from abaque.storage.read import catalogue, front
from abaque.web.console.access import act, may, staff
from abaque.web.console.offers import meter_words
from abaque.web.console.wording import named
from abaque.web.figures import lang, moment, money, quantity
from abaque.web.figures import span as span_text

_DAY = timedelta(days=1)


class ProposeForm(forms.Form):
    """A catalogue file whose meters differ from what is published."""

    text = forms.CharField(
        label=gettext_lazy("Catalogue file (YAML)"), widget=forms.Textarea(attrs={"rows": 8})
    )


class OpenForm(forms.Form):
    """What a back-fill is for; its days are those of the house."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    first = forms.DateField(label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    sources = forms.CharField(
        label=gettext_lazy("Sources"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("separated by commas; empty for any"),
    )
    types = forms.CharField(
        label=gettext_lazy("Types of event"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("separated by commas; empty for any"),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=2000)


@staff
def versions(request: HttpRequest) -> HttpResponse:
    return _versions(request, ProposeForm() if may(request, "propose_meters") else None)


@staff
@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Propose the meters that a catalogue file changes."""
    form = ProposeForm(request.POST)
    if not form.is_valid():
        return _versions(request, form)
    command = ProposeMeters(form.cleaned_data["text"])
    done = _("The new version is proposed. It counts what came before, then tells what it would change.")
    try:
        if act(request, propose_meters, command, done=done) is None:
            return _versions(request, form)
    except CatalogueErrors as errors:
        for line in errors.lines(lang()):
            form.add_error("text", line)
        return _versions(request, form)
    return redirect("console:versions")


@staff
@require_POST
def decide(request: HttpRequest, version: str, action: str) -> HttpResponse:
    """Adopt or discard a proposed version."""
    if action == "adopt":
        act(request, adopt_meter, AdoptMeter(version), done=_("The new version counts from now on."))
    else:
        act(request, discard_meter, DiscardMeter(version), done=_("The proposed version is discarded."))
    return redirect("console:versions")


@staff
def backfills(request: HttpRequest) -> HttpResponse:
    return _backfills(request, OpenForm() if may(request, "open_backfill") else None)


@staff
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Open a back-fill."""
    form = OpenForm(request.POST)
    if not form.is_valid():
        return _backfills(request, form)
    said, zone = form.cleaned_data, front.house_zone()
    command = OpenBackfill(
        name=said["name"],
        starts_at=local_midnight(said["first"], zone),
        ends_at=local_midnight(said["last"] + _DAY, zone),
        reason=said["reason"],
        sources=_parts(said["sources"]),
        types=_parts(said["types"]),
    )
    done = _("The back-fill is open. Send its events, look at what they would change, then close it.")
    if act(request, open_backfill, command, done=done) is None:
        return _backfills(request, form)
    return redirect("console:backfills")


@staff
@require_POST
def end(request: HttpRequest, backfill: str, action: str) -> HttpResponse:
    """Close a back-fill, or take it back whole."""
    if action == "close":
        act(
            request,
            close_backfill,
            CloseBackfill(backfill),
            done=_("The back-fill is closed; it is metered now."),
        )
    else:
        command = RevertBackfill(backfill, request.POST.get("reason", "").replace("\x00", ""))
        act(request, revert_backfill, command, done=_("The back-fill is being taken back."))
    return redirect("console:backfills")


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _versions(request: HttpRequest, form: ProposeForm | None) -> HttpResponse:
    zone = front.house_zone()
    rows = catalogue.list_meter_versions().items
    chosen = request.GET.get("preview", "").replace("\x00", "")
    return render(
        request,
        "console/versions.html",
        {
            "versions": [_version(request, row, zone) for row in rows],
            "preview": _preview(request, chosen, preview_meter),
            "form": form,
        },
    )


def _version(request: HttpRequest, row: catalogue.MeterRow, zone: str) -> dict[str, Any]:
    entry, candidate = load_meter(row.definition), row.standing == "candidate"
    return {
        "name": named(entry.names, row.code),
        "code": row.code,
        "number": str(row.version),
        "state": "filling" if row.filling and candidate else row.standing,
        "words": meter_words(entry),
        "published": moment(row.published_at, zone),
        "preview_href": f"{reverse('console:versions')}?preview={row.id}" if candidate else "",
        "adopt_url": _address(request, "adopt_meter", "adopt", row.id) if candidate else "",
        "discard_url": _address(request, "discard_meter", "discard", row.id) if candidate else "",
    }


def _address(request: HttpRequest, verb: str, action: str, version: str) -> str:
    return reverse("console:decide_version", args=[version, action]) if may(request, verb) else ""


def _backfills(request: HttpRequest, form: OpenForm | None) -> HttpResponse:
    zone = front.house_zone()
    chosen = request.GET.get("preview", "").replace("\x00", "")
    return render(
        request,
        "console/backfills.html",
        {
            "backfills": [_backfill(request, row, zone) for row in read.list_backfills().items],
            "preview": _preview(request, chosen, preview_backfill),
            "form": form,
        },
    )


def _backfill(request: HttpRequest, row: read.BackfillRow, zone: str) -> dict[str, Any]:
    is_open = row.state == "open"
    closable = is_open and may(request, "close_backfill")
    revertible = row.state in {"open", "closed"} and may(request, "revert_backfill")
    return {
        "id": row.id,
        "name": row.name,
        "span": span_text(row.starts_at, row.ends_at, zone),
        "only": ", ".join([*row.sources, *row.types]),
        "state": row.state,
        "events": quantity(row.events),
        "reason": row.revert_reason or row.reason,
        "opened": moment(row.opened_at, zone),
        "preview_href": f"{reverse('console:backfills')}?preview={row.id}" if is_open else "",
        "close_url": reverse("console:end_backfill", args=[row.id, "close"]) if closable else "",
        "revert_url": reverse("console:end_backfill", args=[row.id, "revert"]) if revertible else "",
    }


def _preview(request: HttpRequest, chosen: str, look: Callable[..., Preview]) -> dict[str, Any] | None:
    """Return what would change, for `components/effects.html`; None if nothing is asked, or there is nothing."""
    if not chosen:
        return None
    try:
        found = look(chosen, now=clock.now())
    except Fault as fault:
        messages.warning(request, fault_sentence(fault, lang()))
        return None
    return {
        "rows": [
            {
                "customer": one.customer,
                "href": reverse("console:customer", args=[one.customer_id]),
                "meter": one.meter,
                "before": quantity(one.before),
                "after": quantity(one.after),
                "open": money(one.open),
                "issued": money(one.issued),
            }
            for one in found.effects
        ],
        "sums": [
            {"open": money(opened), "issued": money(issued)}
            for opened, issued in sums(found.effects).values()
        ],
        "aside": [{"reason": reason, "count": quantity(count)} for reason, count in found.aside.items()],
        "filling": found.filling,
    }
