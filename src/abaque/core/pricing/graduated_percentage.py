from dataclasses import dataclass
from decimal import Decimal

from abaque.core.money import subtract

from .percent import check_percent, percent_of
from .step import Step
from .tier import check_tiers, flat_fee, with_floors


@dataclass(frozen=True, slots=True)
class PercentTier:
    """Money up to and including `up_to` (None: all further money) costs `percent` of it, and `flat` once."""

    up_to: Decimal | None
    percent: Decimal
    flat: Decimal = Decimal(0)

    @property
    def unit(self) -> Decimal:
        """What one major unit of money in it costs, in hundredths: the percentage."""
        return self.percent


@dataclass(frozen=True, slots=True)
class GraduatedPercentage:
    """Tiers of money fill one after the other; what falls into a tier costs that tier's percentage.

    A tier's flat fee is due once money falls into it; the first tier's at zero too, unless `flat_at_zero` says
    no. Law: never decreases, and with one tier equals a percentage. Faults as of graduated tiers, and
    `percent_over_100`.
    """

    tiers: tuple[PercentTier, ...]
    flat_at_zero: bool = True

    def __post_init__(self) -> None:
        check_tiers(self.tiers)
        for tier in self.tiers:
            check_percent(tier.percent)

    def steps(self, quantity: Decimal) -> tuple[Step, ...]:
        """Return a step per tier entered, and one per flat fee. `quantity` is money in major units."""
        steps: list[Step] = []
        for floor, tier in with_floors(self.tiers):
            if floor > 0 and quantity <= floor:
                break
            filled = subtract(quantity if tier.up_to is None else min(quantity, tier.up_to), floor)
            share = percent_of(filled, tier.percent)
            steps.append(Step("percent_tier", filled, tier.percent, share, floor, tier.up_to))
            steps += flat_fee(tier, floor, quantity, at_zero=self.flat_at_zero)
        return tuple(steps)
