from dataclasses import dataclass
from decimal import Decimal

from abaque.core.money import multiply, subtract

from .package import packages_of
from .step import Step, unit_price
from .tier import Tier, check_per, check_tiers, flat_fee, with_floors


@dataclass(frozen=True, slots=True)
class Graduated:
    """Tiers fill one after the other; each unit costs what its own tier says.

    A tier's flat fee is due once a unit falls into it; the first tier's at zero usage too, unless
    `flat_at_zero` says no. Prices are per `per` units, pro rata; or, if `whole`, of packages of that size: a
    begun one counts whole, and costs what the tier says in which it begins. Faults of tiers, `bad_per`,
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
        """Return a step per tier entered, and one per flat fee."""
        steps: list[Step] = []
        for floor, tier in with_floors(self.tiers):
            if floor > 0 and quantity <= floor:
                break
            ceiling = quantity if tier.up_to is None else min(quantity, tier.up_to)
            steps.append(self._step(tier, floor, ceiling))
            steps += flat_fee(tier, floor, quantity, at_zero=self.flat_at_zero)
        return tuple(steps)

    def _step(self, tier: Tier, floor: Decimal, ceiling: Decimal) -> Step:
        filled = subtract(ceiling, floor)
        if self.whole:
            begun = subtract(packages_of(ceiling, self.per), packages_of(floor, self.per))
            return Step("package", begun, tier.unit, multiply(begun, tier.unit), filled, self.per)
        unit = unit_price(tier.unit, self.per)
        return Step("tier", filled, unit, multiply(filled, unit), floor, tier.up_to)
