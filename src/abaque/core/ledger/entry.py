"""Entries: each money fact as postings that balance.

Law: the postings of an entry sum to zero in each currency and in the book currency.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from abaque.core.fault import Fault
from abaque.core.money import Money


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry: debits are positive, credits negative. `book`: its worth in the book currency."""

    account: str
    amount: Money
    book: Money | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A money fact. Faults `unbalanced` (kind, currency, minor), `book_missing` (kind): all have it or none."""

    kind: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        books = [posting.book for posting in self.postings if posting.book is not None]
        if books and len(books) != len(self.postings):
            raise Fault("book_missing", kind=self.kind)
        for moneys in ([posting.amount for posting in self.postings], books):
            for code, minor in _sums(moneys):
                if minor != 0:
                    raise Fault("unbalanced", kind=self.kind, currency=code, minor=minor)


def entry(kind: str, *postings: tuple[str, Money]) -> Entry:
    """Return the entry of these postings; nothing is posted where nothing is due."""
    return Entry(kind, tuple(Posting(account, amount) for account, amount in postings if amount.minor))


def _sums(moneys: Iterable[Money]) -> Iterable[tuple[str, int]]:
    sums: dict[str, int] = {}
    for money in moneys:
        sums[money.currency.code] = sums.get(money.currency.code, 0) + money.minor
    return sums.items()
