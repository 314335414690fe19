from dataclasses import dataclass
from decimal import Decimal

from abaque.core.money import multiply

from .step import Step
from .tier import Tier, check_tiers, with_floors


@dataclass(frozen=True, slots=True)
class Volume:
    """All units cost what the tier that the whole quantity reaches says, and its flat fee once."""

    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        check_tiers(self.tiers)

    def steps(self, quantity: Decimal) -> tuple[Step, ...]:
        """Return the step of the tier reached, and its flat fee. Zero usage reaches the first tier."""
        floor, tier = next(
            (floor, tier)
            for floor, tier in with_floors(self.tiers)
            if tier.up_to is None or quantity <= tier.up_to
        )
        amount = multiply(quantity, tier.unit)
        steps = [Step("volume", quantity, tier.unit, amount, floor, tier.up_to)]
        if tier.flat:
            steps.append(Step("tier_flat", Decimal(0), tier.flat, tier.flat, floor, tier.up_to))
        return tuple(steps)
