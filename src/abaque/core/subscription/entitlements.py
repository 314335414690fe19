"""What a subscription may use."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from abaque.core.money import subtract

from .subscription import State, Subscription


class Reason(StrEnum):
    """Why a feature may be used or not."""

    INCLUDED = "included"
    WITHIN_LIMIT = "within_limit"
    GRACE = "grace"
    NOT_INCLUDED = "not_included"
    LIMIT_REACHED = "limit_reached"
    GRACE_OVER = "grace_over"
    NOT_RUNNING = "not_running"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether one more may be used, why, the limit and what is left of it, and when a grace period ends."""

    allowed: bool
    reason: Reason
    limit: Decimal | None = None
    left: Decimal | None = None
    soft_until: datetime | None = None


def may(
    subscription: Subscription,
    feature: str,
    usage: Decimal,
    now: datetime,
    exceeded_since: datetime | None = None,
) -> Answer:
    """Return whether the feature may be used once more, with `usage` used or held so far.

    A trial and a cancelled subscription have all of it until their end, a pending, paused or ended one nothing.
    A soft limit may be passed for its days of 24 hours from `exceeded_since`, when it was first passed
    (None: only now). What a plan does not name it does not include.
    """
    if subscription.state(now) in {State.PENDING, State.PAUSED, State.ENDED}:
        return Answer(allowed=False, reason=Reason.NOT_RUNNING)
    named = {each.feature: each for each in subscription.at(now).plan.entitlements}
    found = named.get(feature)
    if found is None or not found.allowed:
        return Answer(allowed=False, reason=Reason.NOT_INCLUDED)
    limit = found.limit
    if limit is None:
        return Answer(allowed=True, reason=Reason.INCLUDED)
    left = max(Decimal(0), subtract(limit, usage))
    if left > 0:
        return Answer(allowed=True, reason=Reason.WITHIN_LIMIT, limit=limit, left=left)
    if not found.soft:
        return Answer(allowed=False, reason=Reason.LIMIT_REACHED, limit=limit, left=left)
    until = (exceeded_since or now) + timedelta(days=found.grace_days)
    reason = Reason.GRACE if now < until else Reason.GRACE_OVER
    return Answer(now < until, reason, limit, left, until)
