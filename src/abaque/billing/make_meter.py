"""Make a meter from what was recorded: from then on, and for what came before, events of a type are counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from abaque.billing.apply_catalogue import publish_meter
from abaque.billing.billable import COUNTED
from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result
from abaque.catalogue import Level, MeterEntry
from abaque.core.metering import Aggregate, Condition, Outcome
from abaque.core.metering import Meter as MeterRule
from abaque.storage.models import Meter, Recount

LATENESS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class MakeMeter:
    """`value`: the attribute that sum, max and unique look at. `name` empty: the code.

    `where`: attributes with the words one of which each must be; `operation`, `outcome`, `group_by`: attributes.
    """

    code: str
    event_type: str
    aggregate: str = "count"
    value: str | None = None
    name: str = ""
    operation: str | None = None
    outcome: str | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    group_by: tuple[str, ...] = ()


def make_meter(command: MakeMeter, *, now: datetime, by: Actor) -> Result:
    """Refused `meter_exists`, `unknown_aggregate`, and what the core refuses of a meter."""
    if Meter.objects.filter(code=command.code).exists():
        raise Refused("meter_exists", meter=command.code)
    if command.aggregate not in COUNTED:
        raise Refused("unknown_aggregate", aggregate=command.aggregate, known=COUNTED)
    entry = entry_of(command)
    Recount.objects.create(meters=[publish_meter(entry, now=now)], asked_at=now)
    return {"code": command.code, "subject": f"meter:{command.code}", "made_by": str(by)}


def entry_of(command: MakeMeter) -> MeterEntry:
    """Return the meter that is asked for. Raises what the core refuses of a meter."""
    name = command.name.strip() or command.code
    rule = MeterRule(
        code=command.code,
        event_types=(command.event_type,),
        aggregate=Aggregate(command.aggregate),
        value=command.value or None,
        operation=command.operation or None,
        outcome=Outcome(command.outcome) if command.outcome else None,
        where=tuple(Condition(path, values) for path, values in command.where),
        group_by=command.group_by,
    )
    return MeterEntry(
        meter=rule,
        names={"en": name, "fr": name},
        units={},
        lateness=LATENESS,
        level=Level.CONSISTENT,
    )
