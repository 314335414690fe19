from dataclasses import dataclass
from decimal import Decimal

from abaque.core.fault import Fault

from .attribute import as_word, check_path


@dataclass(frozen=True, slots=True)
class Change:
    """How an event of a unique meter says whether its member comes or goes.

    Law: per member the latest operation decides. Faults `bad_attribute`, `bad_change` (no word to add, none to
    remove, or one word for both).
    """

    attribute: str
    add: tuple[str, ...] = ("add",)
    remove: tuple[str, ...] = ("remove",)

    def __post_init__(self) -> None:
        check_path(self.attribute)
        if not self.add or not self.remove or set(self.add) & set(self.remove):
            raise Fault("bad_change", attribute=self.attribute)

    def sign(self, value: object) -> Decimal | None:
        """Return 1 for a member that comes, -1 for one that goes, None if the value says neither."""
        word = as_word(value)
        if word in self.add:
            return Decimal(1)
        return Decimal(-1) if word in self.remove else None
