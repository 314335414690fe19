"""What a subscription may use."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from abaque.core.money import subtract
from abaque.core.pricing import Plan

from .subscription import State, Subscription


class Reason(StrEnum):
    """Why a feature may be used or not."""

    INCLUDED = "included"
    WITHIN_LIMIT = "within_limit"
    IN_GRACE = "in_grace"
    NOT_INCLUDED = "not_included"
    LIMIT_REACHED = "limit_reached"
    GRACE_OVER = "grace_over"
    NOT_RUNNING = "not_running"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it may be used, why, the limit and what is left of it, and until when a grace period runs."""

    allowed: bool
    reason: Reason
    limit: Decimal | None = None
    left: Decimal | None = None
    until: datetime | None = None


def may(
    holder: Plan | Subscription,
    feature: str,
    used: Decimal,
    now: datetime,
    *,
    wanted: Decimal = Decimal(1),
    exceeded_since: datetime | None = None,
) -> Answer:
    """Return whether `wanted` more of a feature may be used, with `used` used or held so far.

    A trial and a cancelled subscription have all of their plan until the end; a pending, paused or ended one
    has nothing. A plan by itself is asked as if it ran. A soft limit may be passed for its days of 24 hours
    from `exceeded_since`, when it was first passed (None: only now). What a plan does not name it does not
    include. Law: neither more usage nor later time turns a no into a yes.
    """
    if isinstance(holder, Plan):
        plan = holder
    elif holder.state(now) in {State.PENDING, State.PAUSED, State.ENDED} or holder.paused(now):
        return Answer(allowed=False, reason=Reason.NOT_RUNNING)
    else:
        plan = holder.at(now).plan
    found = next((each for each in plan.entitlements if each.feature == feature), None)
    if found is None or not found.allowed:
        return Answer(allowed=False, reason=Reason.NOT_INCLUDED)
    limit = found.limit
    if limit is None:
        return Answer(allowed=True, reason=Reason.INCLUDED)
    left = max(Decimal(0), subtract(limit, used))
    if wanted <= left:
        return Answer(allowed=True, reason=Reason.WITHIN_LIMIT, limit=limit, left=left)
    if not found.soft:
        return Answer(allowed=False, reason=Reason.LIMIT_REACHED, limit=limit, left=left)
    until = (exceeded_since or now) + timedelta(days=found.grace_days)
    reason = Reason.IN_GRACE if now < until else Reason.GRACE_OVER
    return Answer(now < until, reason, limit, left, until)
