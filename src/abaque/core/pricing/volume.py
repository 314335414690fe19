from dataclasses import dataclass
from decimal import Decimal

from abaque.core.money import multiply

from .package import packages_of
from .step import Step, unit_price
from .tier import Tier, check_per, check_tiers, flat_fee, with_floors


@dataclass(frozen=True, slots=True)
class Volume:
    """All units cost what the tier that the whole quantity reaches says, and its flat fee once.

    The first tier's is due at zero usage too, unless `flat_at_zero` says no. Prices are per `per` units, pro
    rata; or, if `whole`, of packages of that size, a begun one counting whole. Faults of tiers, `bad_per`,
    `unit_not_exact`.
    """

    tiers: tuple[Tier, ...]
    flat_at_zero: bool = True
    per: Decimal = Decimal(1)
    whole: bool = False

    def __post_init__(self) -> None:
        check_tiers(self.tiers)
        check_per(self.tiers, self.per, whole=self.whole)

    def steps(self, quantity: Decimal) -> tuple[Step, ...]:
        """Return the step of the tier reached, and its flat fee. Zero usage reaches the first tier."""
        floor, tier = next(
            (floor, tier)
            for floor, tier in with_floors(self.tiers)
            if tier.up_to is None or quantity <= tier.up_to
        )
        step = self._step(tier, floor, quantity)
        return (step, *flat_fee(tier, floor, quantity, at_zero=self.flat_at_zero))

    def _step(self, tier: Tier, floor: Decimal, quantity: Decimal) -> Step:
        if self.whole:
            begun = packages_of(quantity, self.per)
            return Step("package", begun, tier.unit, multiply(begun, tier.unit), quantity, self.per)
        unit = unit_price(tier.unit, self.per)
        return Step("volume", quantity, unit, multiply(quantity, unit), floor, tier.up_to)
