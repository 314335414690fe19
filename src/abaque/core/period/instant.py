import re
from datetime import UTC, datetime, timedelta, timezone

from abaque.core.fault import Fault

_RFC_3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))",
    re.ASCII,
)
_LAST_HOUR, _LAST_MINUTE = 23, 59


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 instant, which must carry its offset, as UTC. Fault `bad_time`.

    Digits beyond the microsecond are cut, not rounded, so that an instant never moves into the next period.
    The second 60 of a leap second is refused.
    """
    found = _RFC_3339.fullmatch(text)
    if found is None:
        raise Fault("bad_time", time=text)
    *numbers, fraction, zulu, sign, hours, minutes = found.groups()
    offset = timedelta(0)
    if zulu is None:
        if int(hours) > _LAST_HOUR or int(minutes) > _LAST_MINUTE:
            raise Fault("bad_time", time=text)
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        offset = -offset if sign == "-" else offset
    year, month, day, hour, minute, second = (int(number) for number in numbers)
    micro = int((fraction or "")[:6].ljust(6, "0"))
    try:
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=timezone(offset)).astimezone(
            UTC
        )
    except (ValueError, OverflowError):
        raise Fault("bad_time", time=text) from None
