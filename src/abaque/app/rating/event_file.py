"""CloudEvents of a file, through the plan's meters, to one run per customer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from abaque.app.rating.run import Asked, Refused, Run, choose
from abaque.connectors.files import Broken, Skipped, Unreadable, cloudevents, lines, sentence
from abaque.core.fault import Fault
from abaque.core.metering import Event, Fate, Meter, fold_values, judge_all
from abaque.core.period import Cycle, local_day, local_midnight, parse_instant
from abaque.core.pricing import Matrix, Usage
from abaque.core.subscription import Due

_NEEDED = ("id", "source", "type", "subject", "time")
#: The events that count for one customer and meter, with what each adds.
Counted = Mapping[tuple[str, str], list[tuple[Event, Decimal]]]


def runs_of_events(file: Path, asked: Asked, lang: str) -> list[Run]:
    """Return a run for each subject of the events, in alphabetical order.

    Without `--from`, all of them begin with the period of the first event (on its local day, if periods begin
    on anniversaries); without `--to` they end with the period of the last.
    """
    plan = choose(asked.catalogue, asked.plan)
    meters = [asked.catalogue.meters[charge.meter].meter for charge in plan.charges if charge.meter]
    found = list(_events(file, lang))
    counted = _counted(meters, found)
    days = [local_day(event.time, asked.zone) for units in counted.values() for event, _ in units]
    if not days:
        raise Refused(f"{file.name}: no event counts for a meter of plan {plan.code}")
    anchor = asked.first or min(days)
    cycle = Cycle(anchor, plan.interval, asked.zone, plan.alignment)
    first = asked.first or cycle.day(0)
    after = asked.after or cycle.day(cycle.index_of(local_midnight(max(days), asked.zone)) + 1)
    if not any(first <= day < after for day in days):
        raise Refused(
            f"{file.name}: no event from {first} to {after} counts; those that do lie from {min(days)} "
            f"to {max(days)}"
        )
    by_code = {meter.code: meter for meter in meters}
    customers = sorted({customer for customer, _ in counted})
    return [
        Run(plan, first, after, asked.zone, _Usage(customer, counted, by_code), customer=customer)
        for customer in customers
    ]


@dataclass(frozen=True, slots=True)
class _Usage:
    """What one customer used in the span of a due charge."""

    customer: str
    counted: Counted
    meters: Mapping[str, Meter]

    def __call__(self, due: Due) -> Usage:
        charge = due.charge
        if charge.meter is None:
            raise Refused(f"{charge.code} is priced per {charge.quantity}: say how many in a --usage file")
        meter = self.meters[charge.meter]
        units = [
            unit
            for unit in self.counted.get((self.customer, meter.code), ())
            if due.span.contains(unit[0].time)
        ]
        groups = {
            group: value for (_, group), value in fold_values(meter, (event for event, _ in units)).items()
        }
        if isinstance(charge.price, Matrix):
            if charge.price.by != meter.group_by:
                raise Refused(
                    f"{charge.code} is priced by {', '.join(charge.price.by)}: let group_by: of meter "
                    f"{meter.code} name the same"
                )
            return Usage(sum(groups.values(), Decimal(0)), len(units), cells=groups)
        quantity = sum(groups.values(), Decimal(0))
        amounts = (
            tuple(value for _, value in units) if getattr(charge.price, "needs_each_event", False) else ()
        )
        return Usage(quantity, len(units), amounts)


def _counted(meters: Iterable[Meter], events: list[Event]) -> Counted:
    counted: dict[tuple[str, str], list[tuple[Event, Decimal]]] = {}
    for meter in meters:
        fates = judge_all(meter, events)
        once = {(event.source, event.id): event for event in events}
        for identity, event in sorted(once.items(), key=lambda pair: (pair[1].time, pair[0])):
            judgement = fates[identity]
            if judgement.fate is Fate.COUNTED and event.customer is not None:
                units = counted.setdefault((event.customer, meter.code), [])
                units.append((event, judgement.quantity or Decimal(0)))
    return counted


def _events(file: Path, lang: str) -> Iterator[Event]:
    try:
        with file.open("rb") as stream:
            for number, record in enumerate(cloudevents(lines(stream)), start=1):
                if isinstance(record, Broken):
                    raise Refused(f"{file.name}:{record.line_number}: {sentence(record, lang)}")
                if not isinstance(record, Skipped):
                    yield _event(record, f"{file.name}: record {number}")
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}") from None
    except Unreadable as error:
        raise Refused(f"{file.name}: {sentence(error, lang)}") from None


def _event(record: Mapping[str, object], where: str) -> Event:
    for name in _NEEDED:
        if not isinstance(record.get(name), str) or not record[name]:
            raise Refused(f"{where}: `{name}` is missing; an event has {', '.join(_NEEDED)}")
    identity, source, kind, subject, time = (str(record[name]) for name in _NEEDED)
    if kind.startswith("abaque."):
        raise Refused(f"{where}: corrections ({kind}) are not rated here: apply them to the file first")
    data = record.get("data") or {}
    if not isinstance(data, Mapping):
        raise Refused(f"{where}: `data` must be an object")
    try:
        instant = parse_instant(time)
    except Fault:
        raise Refused(f"{where}: {time} is no time with its offset, such as 2026-01-31T23:59:00Z") from None
    return Event(source, identity, kind, subject, instant, data, subject)
