"""Usage is kept per quarter hour UTC; people see, and seals cover, hours."""

from datetime import UTC, datetime, timedelta

SLOT = timedelta(minutes=15)
_MINUTES = 15


def slot_of(instant: datetime) -> datetime:
    """Return the start of the quarter hour UTC the instant lies in."""
    utc = instant.astimezone(UTC)
    return utc.replace(minute=utc.minute - utc.minute % _MINUTES, second=0, microsecond=0)


def hour_of(instant: datetime) -> datetime:
    """Return the start of the hour UTC the instant lies in."""
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
