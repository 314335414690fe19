"""State a control total: a count or sum the product itself knows for a span."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from abaque.billing.permissions import Actor
from abaque.billing.portal_link import find_customer
from abaque.billing.runner import Refused, Result
from abaque.core.metering import slot_of
from abaque.storage.models import ControlTotal, Meter


@dataclass(frozen=True, slots=True)
class Total:
    """`customer` None: for all together. The span is [starts_at, ends_at); `tolerance` in percent."""

    meter: str
    customer: str | None
    starts_at: datetime
    ends_at: datetime
    quantity: Decimal
    tolerance: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class StateControlTotals:
    totals: tuple[Total, ...]


def state_control_total(command: StateControlTotals, *, now: datetime, by: Actor) -> Result:
    """A later statement for the same meter, customer and span replaces the earlier one; both are kept.

    Refused `unknown_meter`, `unknown_customer`, `empty_span`, `not_a_quarter_hour` (usage is kept per quarter
    hour), `bad_quantity` (negative, or finer than 12 digits after the point).
    """
    ids = []
    for total in command.totals:
        meter = Meter.objects.filter(code=total.meter).first()
        if meter is None:
            raise Refused("unknown_meter", meter=total.meter)
        if total.ends_at <= total.starts_at:
            raise Refused("empty_span", start=total.starts_at, end=total.ends_at)
        if any(moment != slot_of(moment) for moment in (total.starts_at, total.ends_at)):
            raise Refused("not_a_quarter_hour", start=total.starts_at, end=total.ends_at)
        if not (_storable(total.quantity, 12) and total.quantity >= 0) or not (
            _storable(total.tolerance, 6) and 0 <= total.tolerance <= 100  # noqa: PLR2004  # percent
        ):
            raise Refused("bad_quantity", quantity=total.quantity, tolerance=total.tolerance)
        customer = None if total.customer is None else find_customer(total.customer)
        ControlTotal.objects.filter(
            meter=meter,
            customer=customer,
            starts_at=total.starts_at,
            ends_at=total.ends_at,
            replaced_at=None,
        ).update(replaced_at=now)
        stated = ControlTotal.objects.create(
            meter=meter,
            customer=customer,
            starts_at=total.starts_at,
            ends_at=total.ends_at,
            quantity=total.quantity,
            tolerance=total.tolerance,
            stated_at=now,
        )
        ids.append(stated.public_id)
    return {"ids": ids, "subject": "control_totals", "stated_by": str(by)}


def _storable(number: Decimal, places: int) -> bool:
    """Whether nothing of a number is lost when it is stored with so many digits after the point."""
    return number.is_finite() and number.adjusted() < 48 and number == round(number, places)  # noqa: PLR2004  # column
