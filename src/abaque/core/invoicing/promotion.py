"""Promotion codes: who may turn a code into a discount, and when.

Law: a code is redeemed only inside its window, for its plans, by whom it is meant for, and never more often
than its limits say; else the Fault names the first reason that holds.
"""

from dataclasses import dataclass
from datetime import datetime

from abaque.core.fault import Fault
from abaque.core.period import Span

from .discount import Discount


@dataclass(frozen=True, slots=True)
class Promotion:
    """A code that gives a discount. None: no window, no limit, any plan.

    `limit`: redemptions of all customers together. `new_customers`: only those that never subscribed before.
    """

    code: str
    discount: Discount
    window: Span | None = None
    plans: tuple[str, ...] | None = None
    new_customers: bool = False
    limit: int | None = None
    limit_per_customer: int | None = 1


def redeem(
    promotion: Promotion,
    *,
    at: datetime,
    plan: str,
    new_customer: bool,
    redeemed: int,
    redeemed_by_customer: int,
) -> Discount:
    """Return the discount a code gives, `redeemed` being how often it was so far.

    Faults `promotion_not_begun` (start), `promotion_over` (end), `promotion_for_other_plans` (plans),
    `promotion_for_new_customers`, `promotion_used` (limit: by this customer), `promotion_used_up` (limit).
    """
    window = promotion.window
    if window is not None and at < window.start:
        raise Fault("promotion_not_begun", promotion=promotion.code, start=window.start)
    if window is not None and at >= window.end:
        raise Fault("promotion_over", promotion=promotion.code, end=window.end)
    if promotion.plans is not None and plan not in promotion.plans:
        raise Fault("promotion_for_other_plans", promotion=promotion.code, plans=promotion.plans)
    if promotion.new_customers and not new_customer:
        raise Fault("promotion_for_new_customers", promotion=promotion.code)
    own, limit = promotion.limit_per_customer, promotion.limit
    if own is not None and redeemed_by_customer >= own:
        raise Fault("promotion_used", promotion=promotion.code, limit=own)
    if limit is not None and redeemed >= limit:
        raise Fault("promotion_used_up", promotion=promotion.code, limit=limit)
    return promotion.discount
