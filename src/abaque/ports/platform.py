"""What the verbs ask of a billing platform, and the values that cross."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class PlatformError(Exception):
    """The platform did not do it. `retry`: whether it may later; `after`: seconds it asks us to wait."""

    def __init__(self, message: str, *, retry: bool, after: float | None = None) -> None:
        super().__init__(message)
        self.retry, self.after = retry, after


@dataclass(frozen=True, slots=True)
class PushedLine:
    """A line as a platform sees it; `amount` in minor units, net."""

    description: str
    amount: int


@dataclass(frozen=True, slots=True)
class PushedInvoice:
    """An issued invoice or credit note on its way out. Amounts in minor units of `currency`; days are ISO dates.

    `corrects`: our id of the invoice a credit note corrects, empty for an invoice. A credit note's amounts are
    positive: they are given back.
    """

    external_id: str
    number: str
    customer: str
    customer_name: str
    currency: str
    net: int
    tax: int
    total: int
    issue_date: str
    due_date: str
    lines: tuple[PushedLine, ...]
    corrects: str = ""


@dataclass(frozen=True, slots=True)
class PlatformInvoice:
    """An invoice as the platform keeps it. `external_id` is ours, `platform_id` theirs.

    The total of a credit note is below zero.
    """

    external_id: str
    platform_id: str
    customer: str
    currency: str
    total: int
    state: str


class Platform(Protocol):
    """A billing platform. Every call raises `PlatformError` where it is not certain that it was done."""

    name: str

    def push(self, invoice: PushedInvoice, *, key: str) -> str:
        """Hand an invoice over, once per idempotency key; return the platform's id for it."""
        ...

    def invoices(self) -> Sequence[PlatformInvoice]:
        """Return every invoice the platform keeps that is in force."""
        ...

    def void(self, platform_id: str) -> None:
        """Take an invoice out of force there."""
        ...
