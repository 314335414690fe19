"""State a control total: a count or sum the product itself knows for a span."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from abaque.billing.permissions import Actor
from abaque.billing.portal_link import find_customer
from abaque.billing.runner import Refused, Result
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

    Refused `unknown_meter`, `unknown_customer`, `empty_span`, `bad_quantity`.
    """
    ids = []
    for total in command.totals:
        meter = Meter.objects.filter(code=total.meter).first()
        if meter is None:
            raise Refused("unknown_meter", meter=total.meter)
        if total.ends_at <= total.starts_at:
            raise Refused("empty_span", start=total.starts_at, end=total.ends_at)
        if total.quantity < 0 or not 0 <= total.tolerance <= 100:  # noqa: PLR2004  # percent
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
