"""State a control total: a count or sum the product itself knows for a span."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from abaque.billing.permissions import Actor
from abaque.billing.portal_link import find_customer
from abaque.billing.runner import Refused, Result
from abaque.catalogue import load_meter
from abaque.core.metering import slot_of
from abaque.storage.models import ControlTotal, Hour, Meter


@dataclass(frozen=True, slots=True)
class Total:
    """`customer` None: for all together. The span is [starts_at, ends_at).

    `tolerance` in per cent; None: what the meter's promise allows, nothing without one.
    """

    meter: str
    customer: str | None
    starts_at: datetime
    ends_at: datetime
    quantity: Decimal
    tolerance: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StateControlTotals:
    totals: tuple[Total, ...]


def state_control_total(command: StateControlTotals, *, now: datetime, by: Actor) -> Result:
    """A later statement for the same meter, customer and span replaces the earlier one; both are kept.

    Hours that were verified with the earlier one are verified anew. Refused `unknown_meter`, `unknown_customer`,
    `empty_span`, `not_a_quarter_hour` (usage is kept per quarter hour), `bad_quantity` (negative, or finer than 12
    digits after the point), `tolerance_too_wide` (a meter's promise says how much may differ, a statement does not
    widen it).
    """
    meters: dict[str, Meter] = {}
    ids = []
    for total in command.totals:
        meter = meters.get(total.meter) or Meter.objects.filter(code=total.meter).first()
        if meter is None:
            raise Refused("unknown_meter", meter=total.meter)
        meters[total.meter] = meter
        ids.append(_state(total, meter, now))
    return {"ids": ids, "subject": "control_totals", "stated_by": str(by)}


def _state(total: Total, meter: Meter, now: datetime) -> str:
    if total.ends_at <= total.starts_at:
        raise Refused("empty_span", start=total.starts_at, end=total.ends_at)
    if any(moment != slot_of(moment) for moment in (total.starts_at, total.ends_at)):
        raise Refused("not_a_quarter_hour", start=total.starts_at, end=total.ends_at)
    tolerance = _tolerance(total, meter)
    if not (_storable(total.quantity, 12) and total.quantity >= 0):
        raise Refused("bad_quantity", quantity=total.quantity, tolerance=tolerance)
    customer = None if total.customer is None else find_customer(total.customer)
    same = ControlTotal.objects.filter(
        meter=meter,
        customer=customer,
        starts_at=total.starts_at,
        ends_at=total.ends_at,
        replaced_at=None,
    )
    changed = same.exclude(quantity=total.quantity, tolerance=tolerance).exists()
    same.update(replaced_at=now)
    if changed:
        Hour.objects.filter(
            meter=meter, hour__gte=total.starts_at, hour__lt=total.ends_at, verified_at__isnull=False
        ).update(verified_at=None)
    stated = ControlTotal.objects.create(
        meter=meter,
        customer=customer,
        starts_at=total.starts_at,
        ends_at=total.ends_at,
        quantity=total.quantity,
        tolerance=tolerance,
        stated_at=now,
    )
    return str(stated.public_id)


def _tolerance(total: Total, meter: Meter) -> Decimal:
    """Return the tolerance of a statement: its own, within what the meter's promise allows."""
    promised = load_meter(meter.definition).totals
    if total.tolerance is None:
        return Decimal(0) if promised is None else promised.tolerance
    if not (_storable(total.tolerance, 6) and 0 <= total.tolerance <= 100):  # noqa: PLR2004  # percent
        raise Refused("bad_quantity", quantity=total.quantity, tolerance=total.tolerance)
    if promised is not None and total.tolerance > promised.tolerance:
        raise Refused(
            "tolerance_too_wide", tolerance=total.tolerance, most=promised.tolerance, meter=meter.code
        )
    return total.tolerance


def _storable(number: Decimal, places: int) -> bool:
    """Whether nothing of a number is lost when it is stored with so many digits after the point."""
    return number.is_finite() and number.adjusted() < 48 and number == round(number, places)  # noqa: PLR2004  # column
