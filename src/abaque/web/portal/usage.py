"""The customer's live usage as JSON: what the page shows, what the stream sends."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from abaque.billing.estimate import Estimate, estimate
from abaque.catalogue import MeterEntry, load_meter
from abaque.core.period import Span, local_day, local_midnight
from abaque.storage.models import Customer
from abaque.storage.read import portal

_DAY = timedelta(days=1)


def usage_of(customer: Customer, now: datetime, lang: str) -> dict[str, Any]:
    """Return the running period's usage. Quantities are decimal strings, money is minor units, net of tax.

    Series hold every local day from the first of their period up to today (the previous one: to its end);
    their sum is the quantity. What is included is null where a meter has no allowance.
    """
    expected = estimate(customer, now)
    period, previous = expected.period, expected.previous
    codes = [part.charge.meter for part in expected.parts if part.charge.meter]
    counted = portal.meters(codes, customer.pk, (previous.start, period.end))
    days, days_before = _days(period, customer.zone), _days(previous, customer.zone)
    used = portal.by_day(counted, customer.pk, [*days, period.end])
    used_before = portal.by_day(counted, customer.pk, [*days_before, previous.end])
    today = sum(1 for day in days if day <= now)
    included = _included(expected)
    meters = []
    for meter in counted:
        here, there = used[meter.id], used_before[meter.id]
        entry = load_meter(meter.definition)
        meters.append(
            {
                "code": meter.code,
                "name": _named(entry, lang),
                "unit": _unit(entry, lang),
                "quantity": _text(here.quantity),
                "included": None if meter.code not in included else _text(included[meter.code]),
                "not_billed": here.not_billed,
                # What lies ahead is shown as soon as it has been counted.
                "series": _series(days, here.days, customer.zone, at_least=today),
                "previous": _series(days_before, there.days, customer.zone, at_least=len(days_before)),
            }
        )
    return {
        "as_of": _instant(now),
        "zone": customer.zone,
        "period": {"start": _instant(period.start), "end": _instant(period.end)},
        "currency": expected.currency.code,
        "upcoming_net": {
            "amount": expected.net.minor,
            "currency": expected.currency.code,
            "digits": expected.currency.digits,
        },
        "state": portal.certainty(counted, customer.pk, period.start, period.end),
        "meters": meters,
    }


def _days(period: Span, zone: str) -> list[datetime]:
    """Return the first instant of each local day of the period; a day that was never lived has none."""
    day, starts = local_day(period.start, zone), [period.start]
    while (start := local_midnight(day := day + _DAY, zone)) < period.end:
        if start > starts[-1]:
            starts.append(start)
    return starts


def _series(
    starts: list[datetime], quantities: tuple[Decimal, ...], zone: str, *, at_least: int
) -> list[dict[str, str]]:
    last = max((n for n, quantity in enumerate(quantities, 1) if quantity), default=0)
    shown = list(zip(starts, quantities, strict=True))[: max(at_least, last)]
    return [
        {"day": local_day(start, zone).isoformat(), "quantity": _text(quantity)} for start, quantity in shown
    ]


def _included(expected: Estimate) -> dict[str, Decimal]:
    return {
        part.charge.meter: part.allowance
        for part in expected.parts
        if part.charge.meter is not None and part.allowance is not None
    }


def _named(entry: MeterEntry, lang: str) -> str:
    return entry.names.get(lang) or entry.names.get("en") or entry.meter.code


def _unit(entry: MeterEntry, lang: str) -> str:
    return entry.units.get(lang) or entry.units.get("en") or ""


def _text(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _instant(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
