"""Prepaid credits: money a customer has with the issuer, bought or given, that pays invoices.

Law: credits burn by priority, then by expiry, then the oldest first. A burn never exceeds what is left of the
credit nor what is left to pay; burnt, expired and left sum to what was granted. At its expiry instant a credit
is gone.

A credit that was given (`paid` is false) is a price reduction: it takes off the net, before tax (Directive
2006/112 art. 79 (b)). A credit that was bought is a payment: it settles the gross, after tax, for when it was
bought it was not known what it would buy. That is a multi-purpose voucher (Directive 2006/112 art. 30a, 30b,
73a): no tax when it is sold, none on what expires unused. Where the rate is known at the sale, the tax is due
then, and the sale is a deposit (see `deposit`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from abaque.core.fault import Fault
from abaque.core.money import Money, total

from .reduction import Reduced, Reduction, Scope, reduce, scoped, take


@dataclass(frozen=True, slots=True)
class Credit:
    """What is `left` of a credit granted at an instant. The lowest `priority` burns first.

    `expires`: the first instant at which it is gone, None for never. `charges`: what it may pay for, None for
    all. Faults `negative_credit`, `credit_never_valid` (it expires before it begins).
    """

    code: str
    left: Money
    granted: datetime
    expires: datetime | None = None
    priority: int = 0
    charges: Scope = None
    paid: bool = False

    def __post_init__(self) -> None:
        if self.left.minor < 0:
            raise Fault("negative_credit", credit=self.code, left=self.left)
        if self.expires is not None and self.expires <= self.granted:
            raise Fault("credit_never_valid", credit=self.code, granted=self.granted, expires=self.expires)

    def alive(self, at: datetime) -> bool:
        """Return whether it can burn at that instant."""
        return self.left.minor > 0 and self.granted <= at and (self.expires is None or at < self.expires)


@dataclass(frozen=True, slots=True)
class Burn:
    """So much of a credit, or of a deposit, was used, or expired."""

    code: str
    amount: Money


def in_order(held: Iterable[Credit], at: datetime) -> list[Credit]:
    """Return the credits that are alive, the one that burns first first."""
    return sorted((credit for credit in held if credit.alive(at)), key=_rank)


def reduce_by_credits(
    lines: Sequence[Reduced], held: Iterable[Credit], at: datetime
) -> tuple[tuple[Reduced, ...], tuple[Burn, ...]]:
    """Burn credits against the nets of the lines; return the lines that are left to tax, and the burns.

    Fault `currencies_meet` where a credit could burn that is of another currency.
    """
    lefts = [line.net for line in lines]
    taken: list[list[Reduction]] = [[] for _ in lines]
    burns = []
    for credit, parts in _burn([line.line.charge for line in lines], lefts, held, at):
        for index, part in parts:
            taken[index].append(Reduction(credit.code, part))
            lefts[index] = lefts[index] - part
        burns.append(_sum(credit, parts))
    return reduce(lines, taken, [left.minor for left in lefts]), tuple(burns)


def pay_by_credits(
    charges: Sequence[str], grosses: Sequence[Money], held: Iterable[Credit], at: datetime
) -> tuple[Burn, ...]:
    """Burn credits against what the lines of these charges cost with tax; return the burns. Same Fault."""
    return tuple(_sum(credit, parts) for credit, parts in _burn(charges, grosses, held, at))


def credits_left(held: Iterable[Credit], burns: Iterable[Burn]) -> tuple[Credit, ...]:
    """Return the credits after those burns. Fault `negative_credit` if one burnt more than it had."""
    left = check_codes(held)
    for burn in burns:
        credit = left[burn.code]
        left[burn.code] = replace(credit, left=credit.left - burn.amount)
    return tuple(left.values())


def check_codes(held: Iterable[Credit]) -> dict[str, Credit]:
    """Return the credits by code. Fault `duplicate_credit`: a burn must tell which credit it is of."""
    found: dict[str, Credit] = {}
    for credit in held:
        if found.setdefault(credit.code, credit) is not credit:
            raise Fault("duplicate_credit", credit=credit.code)
    return found


def expired(held: Iterable[Credit], at: datetime) -> tuple[Burn, ...]:
    """Return what is lost by that instant: all that is left of each credit whose expiry has come."""
    return tuple(
        Burn(credit.code, credit.left)
        for credit in held
        if credit.expires is not None and credit.expires <= at and credit.left.minor
    )


def _rank(credit: Credit) -> tuple[object, ...]:
    never = credit.expires is None
    return (credit.priority, never, credit.granted if never else credit.expires, credit.granted, credit.code)


def _burn(
    charges: Sequence[str], opens: Sequence[Money], held: Iterable[Credit], at: datetime
) -> Iterator[tuple[Credit, list[tuple[int, Money]]]]:
    lefts = [money.minor for money in opens]
    for credit in in_order(held, at):
        within = scoped(charges, lefts, credit.charges)
        if not within:
            continue
        currency = opens[0].currency
        wanted = min(credit.left, Money(sum(lefts[index] for index in within), currency))
        parts = take(lefts, within, wanted.minor)
        if parts:
            yield credit, [(index, Money(part, currency)) for index, part in parts]


def _sum(credit: Credit, parts: Sequence[tuple[int, Money]]) -> Burn:
    return Burn(credit.code, total((part for _, part in parts), credit.left.currency))
