"""Money: an integer of minor units in one currency."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from abaque.core.fault import Fault

from .currency import Currency
from .exact import scaled

_set = object.__setattr__


@dataclass(frozen=True, slots=True, init=False)
class Money:
    """`minor` ISO 4217 minor units of `currency` (cents of EUR, yen of JPY, fils of KWD).

    Amounts add and compare within one currency only: else Fault `currencies_meet`.
    Amounts of two currencies are simply unequal.
    """

    minor: int
    currency: Currency

    # Written out, for more money is made than anything else.
    def __init__(self, minor: int, currency: Currency) -> None:
        if type(minor) is not int:
            raise Fault("not_minor_units", minor=minor)
        _set(self, "minor", minor)
        _set(self, "currency", currency)

    @classmethod
    def zero(cls, currency: Currency) -> Self:
        """Return nothing, of that currency."""
        return cls(0, currency)

    def decimal(self) -> Decimal:
        """Return the amount in major units with all the currency's digits: 1230 cents are `12.30`."""
        return scaled(self.minor, -self.currency.digits)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.minor), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other)

    def __str__(self) -> str:
        return f"{self.decimal():f} {self.currency.code}"

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise Fault("currencies_meet", ours=self.currency.code, theirs=other.currency.code)
        return other.minor


def total(moneys: Iterable[Money], currency: Currency) -> Money:
    """Return the sum, zero of nothing. Fault `currencies_meet` if one is of another currency."""
    whole = Money.zero(currency)
    for money in moneys:
        whole = whole + money
    return whole
