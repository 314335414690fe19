"""Lengths of time and lists of days, as the file writes them."""

import re
from datetime import date, timedelta

from yaml.nodes import MappingNode, Node

from abaque.catalogue.sheet import Field, Sheet
from abaque.core.period import Interval, Unit

_INTERVAL_MAX = 366
_DAYS_MAX = 3660
_DAYS = re.compile(r"([1-9]\d{0,3}) ?d", re.ASCII)
_DURATION = re.compile(r"(\d{1,4}) ?(min|h|d)", re.ASCII)
_STEPS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_DURATION_MAX = timedelta(days=366)
_YEARLY, _LEAP_YEAR = "MM-DD", "2000"


def read_interval(sheet: Sheet, entry: Field) -> Interval | None:
    """Read `month`, or `{every: 3, unit: month}`."""
    if not isinstance(entry.value, MappingNode):
        unit = sheet.choice(entry.value, Unit, "unknown_interval")
        return None if unit is None else Interval(unit)
    fields = sheet.mapping(entry.value, at=entry.key, required=("every", "unit"))
    count = sheet.whole(fields["every"].value, least=1, most=_INTERVAL_MAX) if "every" in fields else None
    unit = sheet.choice(fields["unit"].value, Unit, "unknown_interval") if "unit" in fields else None
    return None if count is None or unit is None else Interval(unit, count)


def read_days(sheet: Sheet, node: Node) -> int | None:
    """Read a number of days, such as `14d`."""
    text = sheet.text(node)
    if text is None:
        return None
    found = _DAYS.fullmatch(text)
    if found is None or int(found[1]) > _DAYS_MAX:
        sheet.refuse(node, "bad_days", given=text)
        return None
    return int(found[1])


def read_duration(sheet: Sheet, node: Node) -> timedelta | None:
    """Read minutes, hours or days up to a year, such as `30min`, `24h` or `3d`."""
    text = sheet.text(node)
    if text is None:
        return None
    found = _DURATION.fullmatch(text)
    length = int(found[1]) * _STEPS[found[2]] if found else None
    if length is None or length > _DURATION_MAX:
        sheet.refuse(node, "bad_duration", given=text)
        return None
    return length


def read_dates(sheet: Sheet, node: Node) -> tuple[tuple[int, int], ...] | tuple[date, ...]:
    """Read billing days in rising order: all `MM-DD`, each year, or all `YYYY-MM-DD`, these days only."""
    given: list[str] = []
    days: list[date] = []
    for member in sheet.items(node):
        text = sheet.text(member)
        if text is None:
            continue
        day = _day(text)
        if day is None or (given and len(text) != len(given[0])):
            sheet.refuse(member, "bad_date", given=text)
        elif days and day <= days[-1]:
            sheet.refuse(member, "dates_out_of_order", given=text, before=given[-1])
        else:
            given.append(text)
            days.append(day)
    if given and len(given[0]) == len(_YEARLY):
        return tuple((day.month, day.day) for day in days)
    return tuple(days)


def _day(text: str) -> date | None:
    whole = f"{_LEAP_YEAR}-{text}" if len(text) == len(_YEARLY) else text
    try:
        day = date.fromisoformat(whole)
    except ValueError:
        return None
    return day if day.isoformat() == whole else None
