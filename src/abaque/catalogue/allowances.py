"""The `allowance:` of a charge: a number, or one with an interval, seasons and rollover of its own."""

from decimal import Decimal

from yaml.nodes import MappingNode

from abaque.catalogue.intervals import read_interval
from abaque.catalogue.sheet import Field, Sheet
from abaque.core.period import Interval, Unit
from abaque.core.pricing import Allowance, Rollover

_PERIODS_MAX = 120
_MONTHS = tuple(str(month) for month in range(1, 13))


def read_allowance(sheet: Sheet, entry: Field) -> Allowance | None:
    """Return the allowance, or None if anything in it is wrong."""
    if not isinstance(entry.value, MappingNode):
        quantity = sheet.amount(entry.value, "negative_allowance")
        return None if quantity is None else Allowance(quantity)
    fields = sheet.mapping(
        entry.value, at=entry.key, required=("quantity",), optional=("interval", "by_month", "rollover")
    )
    if "quantity" not in fields:
        return None
    quantity = sheet.amount(fields["quantity"].value, "negative_allowance")
    interval = read_interval(sheet, fields["interval"]) if "interval" in fields else None
    by_month = _by_month(sheet, fields["by_month"]) if "by_month" in fields else ()
    rollover = _rollover(sheet, fields["rollover"]) if "rollover" in fields else None
    if by_month and interval is not None and interval != Interval(Unit.MONTH):
        sheet.refuse(fields["by_month"].key, "seasons_need_months")
        return None
    return None if quantity is None else Allowance(quantity, interval, by_month, rollover)


def _by_month(sheet: Sheet, entry: Field) -> tuple[tuple[int, Decimal], ...]:
    fields = sheet.mapping(entry.value, at=entry.key, optional=_MONTHS)
    months = {
        int(month): quantity
        for month, given in fields.items()
        if (quantity := sheet.amount(given.value, "negative_allowance")) is not None
    }
    return tuple(sorted(months.items()))


def _rollover(sheet: Sheet, entry: Field) -> Rollover | None:
    """Read `1`, or `{periods: 1, limit: 1000}`."""
    if not isinstance(entry.value, MappingNode):
        periods = sheet.whole(entry.value, least=1, most=_PERIODS_MAX)
        return None if periods is None else Rollover(periods, None)
    fields = sheet.mapping(entry.value, at=entry.key, required=("periods",), optional=("limit",))
    if "periods" not in fields:
        return None
    periods = sheet.whole(fields["periods"].value, least=1, most=_PERIODS_MAX)
    limit = sheet.amount(fields["limit"].value, "negative_allowance") if "limit" in fields else None
    return None if periods is None else Rollover(periods, limit)
