"""CloudEvents of a file, through the plan's meters, to one run per customer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from abaque.app.rating.run import Asked, Refused, Run, choose
from abaque.connectors.files import Broken, Skipped, Unreadable, cloudevents, lines, sentence
from abaque.core.fault import Fault
from abaque.core.metering import Event, Fate, Meter, judge_all, usage_of
from abaque.core.period import local_day, local_midnight, parse_instant
from abaque.core.pricing import Matrix, Usage
from abaque.core.subscription import Due, schedule_of

_NEEDED = ("id", "source", "type", "subject", "time")


def runs_of_events(file: Path, asked: Asked, lang: str) -> list[Run]:
    """Return a run for each subject whose events count, in alphabetical order.

    Without `--from`, all of them begin with the period of the first event (on its local day, if periods begin
    on anniversaries); without `--to` they end with the period of the last.
    """
    plan = choose(asked.catalogue, asked.plan)
    meters = {
        charge.meter: asked.catalogue.meters[charge.meter].meter for charge in plan.charges if charge.meter
    }
    events = list(_events(file, lang))
    counted = [event for meter in meters.values() for event in _counted(meter, events)]
    days = [local_day(event.time, asked.zone) for event in counted]
    if not days:
        raise Refused(f"{file.name}: no event counts for a meter of plan {plan.code}")
    schedule = schedule_of(plan, asked.first or min(days), asked.zone)
    first = asked.first or schedule.day(schedule.index_of(local_midnight(min(days), asked.zone)))
    after = asked.after or schedule.day(schedule.index_of(local_midnight(max(days), asked.zone)) + 1)
    if not any(first <= day < after for day in days):
        raise Refused(
            f"{file.name}: no event from {first} to {after} counts; those that do lie from {min(days)} "
            f"to {max(days)}"
        )
    by_customer: dict[str, list[Event]] = {event.subject: [] for event in counted}
    for event in events:
        if event.subject in by_customer:
            by_customer[event.subject].append(event)
    return [
        Run(plan, first, after, asked.zone, _Usage(customer, own, meters, asked.zone), customer=customer)
        for customer, own in sorted(by_customer.items())
    ]


@dataclass(frozen=True, slots=True)
class _Usage:
    """What one customer used in the span of a due charge; all of a file is known from the start."""

    customer: str
    events: Sequence[Event]
    meters: Mapping[str, Meter]
    zone: str

    def __call__(self, due: Due, _: datetime) -> Usage:
        charge = due.charge
        meter = self.meters[charge.meter or ""]
        used = usage_of(
            meter, self.events, customer=self.customer, span=due.span, period=due.whole, zone=self.zone
        )
        if not isinstance(charge.price, Matrix):
            return Usage(used.quantity or Decimal(0), used.events, used.amounts)
        if charge.price.by != meter.group_by:
            raise Refused(
                f"{charge.code} is priced by {', '.join(charge.price.by)}: let group_by: of meter "
                f"{meter.code} name the same"
            )
        return Usage(sum(used.cells.values(), Decimal(0)), used.events, cells=used.cells)


def _counted(meter: Meter, events: Sequence[Event]) -> list[Event]:
    fates = judge_all(meter, events)
    return [event for event in events if fates[event.source, event.id].fate is Fate.COUNTED]


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
