from dataclasses import dataclass
from decimal import Decimal

from abaque.core.fault import Fault

from .allowance import check_allowance

GRACE_DAYS = 14


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a plan lets its customers use of a feature: not at all, freely, or up to a limit.

    A `limit` alone is a number of things held (projects, seats); with a `meter` it is that meter's usage per
    billing period. A `soft` limit may be passed for `grace_days` days from the moment it was first passed.
    Faults `bad_entitlement` (a limit on what is not allowed, a meter or softness without a limit), `bad_grace`.
    """

    feature: str
    allowed: bool = True
    limit: Decimal | None = None
    meter: str | None = None
    soft: bool = False
    grace_days: int = GRACE_DAYS

    def __post_init__(self) -> None:
        if self.limit is None:
            if self.meter is not None or self.soft:
                raise Fault("bad_entitlement", feature=self.feature)
        else:
            check_allowance(self.limit)
            if not self.allowed:
                raise Fault("bad_entitlement", feature=self.feature)
        if self.grace_days < 0:
            raise Fault("bad_grace", feature=self.feature, days=self.grace_days)

    @property
    def limited(self) -> bool:
        """Whether the feature may not be used freely."""
        return self.limit is not None or not self.allowed
