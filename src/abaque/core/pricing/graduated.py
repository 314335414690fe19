from dataclasses import dataclass
from decimal import Decimal

from abaque.core.money import multiply, subtract

from .step import Step
from .tier import Tier, check_tiers, with_floors


@dataclass(frozen=True, slots=True)
class Graduated:
    """Tiers fill one after the other; each unit costs what its own tier says.

    A tier's flat fee is due once a unit falls into it; the first tier's at zero usage too.
    """

    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        check_tiers(self.tiers)

    def steps(self, quantity: Decimal) -> tuple[Step, ...]:
        """Return a step per tier entered, and one per flat fee."""
        steps: list[Step] = []
        for floor, tier in with_floors(self.tiers):
            if floor > 0 and quantity <= floor:
                break
            ceiling = quantity if tier.up_to is None else min(quantity, tier.up_to)
            filled = subtract(ceiling, floor)
            steps.append(Step("tier", filled, tier.unit, multiply(filled, tier.unit), floor, tier.up_to))
            if tier.flat:
                steps.append(Step("tier_flat", Decimal(0), tier.flat, tier.flat, floor, tier.up_to))
        return tuple(steps)
