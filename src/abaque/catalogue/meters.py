"""The `meters:` part of a catalogue file."""

from collections.abc import Mapping
from datetime import timedelta

from yaml.nodes import MappingNode, Node, ScalarNode

from abaque.catalogue.conditions import read_change, read_where
from abaque.catalogue.counting import KEYS, read_counting
from abaque.catalogue.intervals import read_duration
from abaque.catalogue.sheet import Field, Sheet
from abaque.catalogue.totals import read_totals
from abaque.catalogue.values import Level, MeterEntry
from abaque.core.fault import Fault
from abaque.core.metering import Aggregate, Meter, Outcome

_OPTIONAL = (
    "name",
    "unit",
    "value",
    "where",
    "group_by",
    "operation",
    "outcome",
    "lateness",
    "level",
    "totals",
    "change",
    *KEYS,
)
#: Events of these types correct other events (the design's section on events) and are never counted.
_CORRECTIONS = ("abaque.void", "abaque.amend")
_EVENT_TYPE_MAX = 255
DEFAULT_LATENESS = timedelta(hours=24)
DEFAULT_UNITS = {"en": "unit", "fr": "unité"}


def read_meter(sheet: Sheet, entry: Field) -> MeterEntry | None:
    """Return the meter a field of `meters:` defines, or None if anything in it is wrong."""
    before = len(sheet.errors)
    code = entry.key.value
    sheet.code(entry.key)
    fields = sheet.mapping(entry.value, at=entry.key, required=("event", "aggregate"), optional=_OPTIONAL)
    names = sheet.names(fields.get("name"), {"en": code, "fr": code})
    units = sheet.names(fields.get("unit"), DEFAULT_UNITS)
    event_types = _event_types(sheet, fields["event"].value) if "event" in fields else ()
    aggregate = _aggregate(sheet, entry, fields)
    value = _attribute(sheet, fields, "value")
    where, filters = read_where(sheet, fields["where"].value) if "where" in fields else ((), ())
    group_by = sheet.attributes(fields["group_by"].value) if "group_by" in fields else ()
    operation = _attribute(sheet, fields, "operation")
    outcome = _outcome(sheet, fields["outcome"]) if "outcome" in fields else Outcome()
    lateness = read_duration(sheet, fields["lateness"].value) if "lateness" in fields else DEFAULT_LATENESS
    totals = read_totals(sheet, fields["totals"]) if "totals" in fields else None
    level = sheet.choice_or(
        fields, "level", Level.VERIFIED if "totals" in fields else Level.CONSISTENT, "unknown_level"
    )
    change = read_change(sheet, fields["change"]) if "change" in fields else None
    further = {"filters": filters, "change": change, **read_counting(sheet, fields)}
    if len(sheet.errors) > before or aggregate is None or lateness is None:
        return None
    try:
        meter = Meter(code, event_types, aggregate, value, where, group_by, operation, outcome, **further)
    except Fault as fault:
        sheet.refuse(entry.key, "refused", code=fault.code, what=code)
        return None
    return MeterEntry(meter, names, units, lateness, level, totals, entry.key.start_mark.line + 1)


def _aggregate(sheet: Sheet, entry: Field, fields: Mapping[str, Field]) -> Aggregate | None:
    if "aggregate" not in fields:
        return None
    aggregate = sheet.choice(fields["aggregate"].value, Aggregate, "unknown_aggregate")
    if aggregate is None:
        return None
    if aggregate.needs_value and "value" not in fields:
        sheet.refuse(entry.key, "value_needed", aggregate=aggregate.value)
    if not aggregate.needs_value and "value" in fields:
        sheet.refuse(fields["value"].key, "value_unused", aggregate=aggregate.value)
    if "operation" in fields and aggregate not in {Aggregate.COUNT, Aggregate.SUM}:
        sheet.refuse(fields["operation"].key, "operation_unused", aggregate=aggregate.value)
    if "change" in fields and aggregate is not Aggregate.UNIQUE:
        sheet.refuse(fields["change"].key, "change_unused", aggregate=aggregate.value)
    if "value_is" in fields and not aggregate.has_level:
        sheet.refuse(fields["value_is"].key, "level_unused", aggregate=aggregate.value)
    return aggregate


def _event_types(sheet: Sheet, node: Node) -> tuple[str, ...]:
    for member in sheet.items(node):
        if not isinstance(member, ScalarNode):
            continue
        if member.value in _CORRECTIONS:
            sheet.refuse(member, "reserved_event", given=member.value)
        elif len(member.value.encode()) > _EVENT_TYPE_MAX:
            sheet.refuse(member, "bad_text", limit=_EVENT_TYPE_MAX)
    return sheet.texts(node)


def _attribute(sheet: Sheet, fields: Mapping[str, Field], key: str) -> str | None:
    return sheet.attribute(fields[key].value) if key in fields else None


def _outcome(sheet: Sheet, entry: Field) -> Outcome | None:
    """Read `outcome:`; the word `none` makes the meter ignore outcomes."""
    if not isinstance(entry.value, MappingNode):
        if sheet.text(entry.value) not in {None, "none"}:
            sheet.refuse(entry.value, "bad_outcome")
        return None
    default = Outcome()
    fields = sheet.mapping(entry.value, at=entry.key, optional=("attribute", "success"))
    attribute = _attribute(sheet, fields, "attribute") or default.attribute
    success = sheet.texts(fields["success"].value) if "success" in fields else ()
    return Outcome(attribute, success or default.success)
