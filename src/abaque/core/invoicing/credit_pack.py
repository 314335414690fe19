"""Credit packs: what a purchase of prepaid credit costs, what comes on top, and until when it may be used.

Law: a purchase makes a bought credit of exactly what was paid, and a given one of exactly what comes on top; both
are there at once, and both are gone at the same local midnight.

What was paid is a multi-purpose voucher: no tax when it is sold, for it is not known yet what it will buy
(Directive 2006/112 art. 30a, 73a). What comes on top was paid by nobody: it reduces the price of what it burns on,
before tax (Directive 2006/112 art. 79 (b)). `credit` says how either burns.
"""

from dataclasses import dataclass
from datetime import datetime

from abaque.core.fault import Fault
from abaque.core.money import Money
from abaque.core.period import Cycle, Interval, local_day

from .credit import Credit
from .reduction import Scope


@dataclass(frozen=True, slots=True)
class CreditPack:
    """Credit that is sold: `paid` is its price and what it is worth, `given` is worth as much beyond it.

    `expires`: how long it may be used, None for ever. The lowest `priority` burns first. `charges`: what it may pay
    for, None for all. `top_up`: the pack is bought again when less than this is left; one purchase always brings at
    least as much. Faults `currencies_meet`, `negative_credit`, `empty_credit_pack` (neither paid nor given),
    `top_up_unpaid` (what costs nothing is not bought again), `bad_top_up` unless 0 < top_up ≤ paid + given.
    """

    code: str
    paid: Money
    given: Money
    expires: Interval | None = None
    priority: int = 0
    charges: Scope = None
    top_up: Money | None = None

    def __post_init__(self) -> None:
        worth, nothing = self.worth, Money.zero(self.paid.currency)
        for amount in (self.paid, self.given):
            if amount < nothing:
                raise Fault("negative_credit", credit=self.code, left=amount)
        if worth == nothing:
            raise Fault("empty_credit_pack", credit=self.code)
        if self.top_up is not None:
            if not nothing < self.top_up <= worth:
                raise Fault("bad_top_up", below=self.top_up, to=worth)
            if self.paid == nothing:
                raise Fault("top_up_unpaid", credit=self.code)

    @property
    def worth(self) -> Money:
        """What a purchase brings: what is paid and what comes on top."""
        return self.paid + self.given


def granted(pack: CreditPack, key: str, at: datetime, zone: str) -> tuple[Credit, ...]:
    """Return the credits that a purchase of the pack at an instant makes; `key` tells it from other purchases.

    They expire at the local midnight in `zone` that lies `pack.expires` after the local day of `at`: bought on 31
    January for a month, they are gone when 28 February begins. Faults `unknown_zone`, `date_out_of_range`.
    """
    expires = None
    if pack.expires is not None:
        expires = Cycle(local_day(at, zone), pack.expires, zone).boundary(1)
    kinds = (("paid", pack.paid), ("given", pack.given))
    return tuple(
        Credit(
            f"{pack.code}:{key}:{kind}",
            amount,
            at,
            expires,
            pack.priority,
            pack.charges,
            paid=kind == "paid",
        )
        for kind, amount in kinds
        if amount.minor
    )
