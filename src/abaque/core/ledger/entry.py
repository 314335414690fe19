from dataclasses import dataclass

from abaque.core.fault import Fault
from abaque.core.money import Money


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry: debits are positive, credits negative."""

    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """A money fact. Its postings sum to zero in each currency: else Fault `unbalanced`."""

    kind: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        sums: dict[str, int] = {}
        for posting in self.postings:
            code = posting.amount.currency.code
            sums[code] = sums.get(code, 0) + posting.amount.minor
        for code, minor in sums.items():
            if minor != 0:
                raise Fault("unbalanced", kind=self.kind, currency=code, minor=minor)
