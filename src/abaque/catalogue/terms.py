"""What a plan asks and grants over time: `commitment:`, `trial:`, `term:`, `phases:`."""

from yaml.nodes import MappingNode, Node, SequenceNode

from abaque.catalogue.intervals import read_days, read_interval
from abaque.catalogue.sheet import Field, Sheet
from abaque.core.pricing import Commitment, Phase, Term, Trial

_PERIODS_MAX = 1200


def read_commitment(sheet: Sheet, entry: Field) -> Commitment | None:
    """Read `"1200.00"`, or `{amount: "1200.00", interval: year}`."""
    if not isinstance(entry.value, MappingNode):
        amount = sheet.price(entry.value)
        return None if amount is None else Commitment(amount)
    fields = sheet.mapping(entry.value, at=entry.key, required=("amount",), optional=("interval",))
    amount = sheet.price(fields["amount"].value) if "amount" in fields else None
    interval = read_interval(sheet, fields["interval"]) if "interval" in fields else None
    return None if amount is None else Commitment(amount, interval)


def read_trial(sheet: Sheet, entry: Field) -> Trial | None:
    """Read `14d`."""
    days = read_days(sheet, entry.value)
    return None if days is None else Trial(days)


def read_term(sheet: Sheet, entry: Field) -> Term | None:
    """Read `year`, or `{interval: year, renews: no}`."""
    if not isinstance(entry.value, MappingNode):
        interval = read_interval(sheet, entry)
        return None if interval is None else Term(interval)
    fields = sheet.mapping(entry.value, at=entry.key, required=("interval",), optional=("renews",))
    interval = read_interval(sheet, fields["interval"]) if "interval" in fields else None
    renews = sheet.yes(fields["renews"].value) if "renews" in fields else True
    return None if interval is None or renews is None else Term(interval, renews)


def read_phases(sheet: Sheet, entry: Field) -> tuple[Phase, ...]:
    """Read what a subscription's first periods cost less, one phase after the other."""
    if not isinstance(entry.value, SequenceNode):
        sheet.refuse(entry.value, "not_a_list")
        return ()
    phases = (_phase(sheet, member) for member in sheet.items(entry.value))
    return tuple(phase for phase in phases if phase is not None)


def _phase(sheet: Sheet, node: Node) -> Phase | None:
    fields = sheet.mapping(node, at=node, required=("periods", "percent_off"))
    if fields.keys() != {"periods", "percent_off"}:
        return None
    periods = sheet.whole(fields["periods"].value, least=1, most=_PERIODS_MAX)
    percent = sheet.percent(fields["percent_off"].value)
    return None if periods is None or percent is None else Phase(periods, percent)
