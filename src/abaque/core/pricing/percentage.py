from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import add, multiply, subtract

from .percent import check_percent, percent_of
from .step import Step, check_price
from .usage import Usage, check_not_negative

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Percentage:
    """A percentage of the money the events carry, and `fixed` major units for each event.

    Free, oldest first: the first `free_events` events, the first `free_amount` of money, or both, until either
    is used up; an event that goes beyond the free amount pays the percentage on the rest and its fixed fee. The
    fee of each event that is not wholly free is at least `minimum` and at most `maximum`.

    Law: the line is the sum of the fees of its events, each worked out alone. Faults `percent_over_100`,
    `bad_free_events`, `minimum_over_maximum`, those of a price; rating: `events_needed`, where only a sum is
    given and the price looks at every event, and `negative_quantity` where it looks at one below zero.
    """

    percent: Decimal
    fixed: Decimal = _ZERO
    free_events: int | None = None
    free_amount: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def __post_init__(self) -> None:
        check_percent(self.percent)
        for figure in (self.fixed, self.free_amount, self.minimum, self.maximum):
            if figure is not None:
                check_price(figure)
        if self.free_events is not None and self.free_events < 0:
            raise Fault("bad_free_events", free_events=self.free_events)
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise Fault("minimum_over_maximum", minimum=self.minimum, maximum=self.maximum)

    @property
    def needs_each_event(self) -> bool:
        """Whether sums do not suffice, so that `Usage.amounts` must list the money of every event."""
        bounded = self.minimum is not None or self.maximum is not None
        return bounded or self.free_events is not None or (self.free_amount is not None and self.fixed != 0)

    @property
    def bare(self) -> bool:
        """Whether there is nothing but the percentage: no fee of an event, nothing free, no bound."""
        return not self.needs_each_event and self.free_amount is None and self.fixed == 0

    def steps(self, usage: Usage) -> tuple[Step, ...]:
        """Return what is free, the percentage of the rest, the fixed fees, and what the bounds change."""
        if self.needs_each_event:
            if add(*usage.amounts) != usage.quantity:
                raise Fault("events_needed", quantity=usage.quantity)
            check_not_negative(usage.amounts)
            return self._each(usage.amounts)
        if self.fixed and usage.quantity and not usage.events:
            raise Fault("events_needed", quantity=usage.quantity)
        free = _ZERO if self.free_amount is None else min(usage.quantity, self.free_amount)
        return self._steps(free, subtract(usage.quantity, free), usage.events)

    def _each(self, amounts: tuple[Decimal, ...]) -> tuple[Step, ...]:
        free, charged, paying = _ZERO, _ZERO, 0
        raised, cut = [], []
        for amount, gratis in zip(amounts, self._free(amounts), strict=True):
            free = add(free, amount if gratis is None else gratis)
            if gratis is None:
                continue
            part = subtract(amount, gratis)
            charged, paying = add(charged, part), paying + 1
            fee = add(percent_of(part, self.percent), self.fixed)
            if self.minimum is not None and fee < self.minimum:
                raised.append(subtract(self.minimum, fee))
            if self.maximum is not None and fee > self.maximum:
                cut.append(subtract(self.maximum, fee))
        steps = self._steps(free, charged, paying)
        if raised:
            steps += (Step("event_minimum", Decimal(len(raised)), self.minimum, add(*raised)),)
        if cut:
            steps += (Step("event_maximum", Decimal(len(cut)), self.maximum, add(*cut)),)
        return steps

    def _free(self, amounts: tuple[Decimal, ...]) -> Iterator[Decimal | None]:
        """Yield the free part of each event's money; None where the event is free altogether."""
        events = self.free_events if self.free_events is not None else len(amounts)
        none_free = self.free_events is None and self.free_amount is None
        left = self.free_amount
        for place, amount in enumerate(amounts):
            if none_free or place >= events:
                yield _ZERO
            elif left is None or (left and amount <= left):
                left = None if left is None else subtract(left, amount)
                yield None
            else:
                yield left
                left = _ZERO

    def _steps(self, free: Decimal, charged: Decimal, events: int) -> tuple[Step, ...]:
        steps = [Step("percent", charged, self.percent, percent_of(charged, self.percent))]
        if free:
            steps.insert(0, Step("free", free, _ZERO, _ZERO))
        if self.fixed and events:
            count = Decimal(events)
            steps.append(Step("per_event", count, self.fixed, multiply(count, self.fixed)))
        return tuple(steps)
