"""Control totals as the page of hours shows them: what was promised, what was stated, what we count, the form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abaque.billing.promised import Part, Promise, measured, missing, promises
from abaque.billing.state_control_total import Total
from abaque.catalogue import MeterEntry, load_meter
from abaque.core.period import Span, local_day, local_midnight
from abaque.core.reconciling import Grain, Totals, TotalState, stretches, total_state
from abaque.storage.read import customers_page, offers
from abaque.storage.read import hours as read
from abaque.web.console.wording import named, stretch, with_query
from abaque.web.figures import moment, percent, quantity

SHOWN = 40
_BACK = timedelta(days=62)
_READ = 1000
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_ORDER = (TotalState.DIFFERS, TotalState.MISSING, TotalState.WAITING, TotalState.AGREES)


class TotalForm(forms.Form):
    """What the product counted, of one day, of days, or of one hour."""

    meter = forms.ChoiceField(label=gettext_lazy("Meter"))
    customer = forms.ChoiceField(label=gettext_lazy("Customer"), required=False)
    first = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("Last day, included"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Left empty: the first day alone."),
    )
    hour = forms.IntegerField(
        label=gettext_lazy("Hour"),
        required=False,
        min_value=0,
        max_value=23,
        help_text=gettext_lazy("Only for the total of one hour (UTC): 9 is from 9:00 to 10:00."),
    )
    quantity = forms.DecimalField(
        label=gettext_lazy("Quantity"), min_value=0, max_digits=30, decimal_places=12, localize=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zones = {one.code: _zone(load_meter(one.definition)) for one in offers.meter_keys()}
        meters = [
            (one.code, named(load_meter(one.definition).names, one.code)) for one in offers.meter_keys()
        ]
        everybody = [("", _("all customers together"))]
        self.fields["meter"].choices = meters  # type: ignore[attr-defined]  # a choice field has choices
        self.fields["customer"].choices = everybody + customers_page.choices()  # type: ignore[attr-defined]  # likewise

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        first, last = said.get("first"), said.get("last") or said.get("first")
        if first and last and last < first:
            raise ValidationError(_("The last day comes before the first."))
        if first and last and said.get("hour") is not None and last != first:
            raise ValidationError(_("An hour belongs to one day. Leave the last day empty."))
        return {**said, "last": last, "zone": self.zones.get(said.get("meter", ""), "UTC")}


def total_of(said: Mapping[str, Any]) -> Total:
    """Return the total a valid form states: days begin at midnight in the zone of the meter's promise."""
    if said["hour"] is None:
        start = local_midnight(said["first"], said["zone"])
        end = local_midnight(said["last"] + _DAY, said["zone"])
    else:
        start = local_midnight(said["first"], "UTC") + said["hour"] * _HOUR
        end = start + _HOUR
    return Total(said["meter"], said["customer"] or None, start, end, said["quantity"])


@dataclass(frozen=True, slots=True)
class _Row:
    """A total that was promised or stated, and what is known of it."""

    state: TotalState
    entry: MeterEntry
    part: Part
    ours: Decimal
    stated: read.Stated | None = None


def rows_of(now: datetime, meters: Mapping[int, MeterEntry], *, may_state: bool) -> dict[str, Any]:
    """Return the control totals of the last two months, what needs a person first; and all that are overdue."""
    found = [
        *_stated(read.stated(Span(now - _BACK, now + _BACK), _READ), meters, now),
        *_promised(promises(now), meters, now),
    ]
    found.sort(key=lambda row: row.part.end, reverse=True)
    found.sort(key=lambda row: _ORDER.index(row.state))
    customers = read.customers([row.part.customer_id for row in found[:SHOWN] if row.part.customer_id])
    counts = {known: sum(row.state is known for row in found) for known in TotalState}
    return {
        "rows": [_shown(row, customers, may_state=may_state) for row in found[:SHOWN]],
        "further": max(0, len(found) - SHOWN),
        "differing": counts[TotalState.DIFFERS],
        "missing": counts[TotalState.MISSING],
        "agreeing": counts[TotalState.AGREES],
    }


def _stated(found: Sequence[read.Stated], meters: Mapping[int, MeterEntry], now: datetime) -> list[_Row]:
    entries = [meters[one.meter_id] for one in found]
    parts = [
        Part(one.meter_id, entry.meter.aggregate, one.customer_id, one.span.start, one.span.end)
        for one, entry in zip(found, entries, strict=True)
    ]
    return [
        _Row(
            total_state(ours, one.quantity, tolerance=one.tolerance, due=one.span.end, now=now),
            entry,
            part,
            ours,
            one,
        )
        for one, entry, part, ours in zip(found, entries, parts, measured(parts), strict=True)
    ]


def _promised(found: Sequence[Promise], meters: Mapping[int, MeterEntry], now: datetime) -> list[_Row]:
    """Return what was promised and not stated, each stretch of time as one row."""
    states: list[TotalState] = []
    parts: list[Part] = []
    for promise in found:
        overdue = promise.overdue(now)
        waiting = promise.totals.promised(promise.since, now)[len(overdue) :]
        for known, spans in ((TotalState.MISSING, overdue), (TotalState.WAITING, waiting)):
            for customer, without in missing(promise, spans).items():
                for span in stretches(without):
                    states.append(known)
                    parts.append(promise.part(customer, span))
    return [
        _Row(known, meters[part.meter_id], part, ours)
        for known, part, ours in zip(states, parts, measured(parts), strict=True)
    ]


def _shown(row: _Row, customers: Mapping[int, read.Named], *, may_state: bool) -> dict[str, Any]:
    entry, part, stated = row.entry, row.part, row.stated
    code, zone = entry.meter.code, _zone(entry)
    customer = customers.get(part.customer_id or 0)
    first, last = local_day(part.start, zone), local_day(part.end - _HOUR / 60, zone)
    public = customer.public_id if customer else ""
    days = {"from": first.isoformat(), "until": last.isoformat()}
    return {
        "meter": named(entry.names, code),
        "meter_href": f"{reverse('console:hours')}#hours-{code}",
        "span": stretch(part.start, part.end, zone),
        "customer": customer.name if customer else "",
        "customer_href": reverse("console:customer", args=[public]) if public else "",
        "stated": quantity(stated.quantity) if stated else "",
        "ours": quantity(row.ours),
        "ours_href": with_query("events", fate="counted", meter=code, customer=public, **days),
        "difference": _signed(row.ours - stated.quantity) if stated else "",
        "tolerance": percent(stated.tolerance) if stated and stated.tolerance else "",
        "deadline": _deadline(entry.totals, part, row.state, zone),
        "stated_at": moment(stated.stated_at, zone) if stated else "",
        "earlier": [
            {"at": moment(at, zone), "quantity": quantity(number)}
            for at, number in (stated.earlier if stated else ())
        ],
        "state": row.state.value,
        "state_href": _state_href(entry, part, public) if may_state and not stated else "",
    }


def _state_href(entry: MeterEntry, part: Part, customer: str) -> str:
    """Return the form, filled in with the first total that is missing in a stretch."""
    totals = entry.totals
    assert totals is not None, "only what was promised is missing"
    span = totals.promised(part.start, part.end)[0]
    first = local_day(span.start, totals.zone)
    last = local_day(span.end - _HOUR / 60, totals.zone) if totals.grain is Grain.MONTH else first
    hour = f"{span.start.hour}" if totals.grain is Grain.HOUR else ""
    said = {"first": first.isoformat(), "last": "" if last == first else last.isoformat(), "hour": hour}
    return with_query("hours", meter=entry.meter.code, customer=customer, **said) + "#state"


def _deadline(totals: Totals | None, part: Part, state: TotalState, zone: str) -> str:
    """Return by when it should have been stated: of a stretch, its first total."""
    if totals is None:
        return ""
    if state in {TotalState.MISSING, TotalState.WAITING}:
        first = totals.promised(part.start, part.end)
        return moment(totals.due(first[0]), zone) if first else ""
    return moment(totals.due(Span(part.start, part.end)), zone)


def _signed(number: Decimal) -> str:
    return f"+{quantity(number)}" if number > 0 else quantity(number)


def _zone(entry: MeterEntry) -> str:
    return entry.totals.zone if entry.totals else "UTC"
