"""The folder's clock. Only shells read it; rules and verbs get the time as an argument."""

from datetime import UTC, datetime, timedelta

from abaque.storage.models import Clock


def now() -> datetime:
    """Return the folder's time: the real one, plus the stored offset of a test folder."""
    return datetime.now(UTC) + offset()


def offset() -> timedelta:
    """Return how far a test folder's clock is ahead of the real one."""
    row = Clock.objects.first()
    return timedelta(0) if row is None else row.offset


def is_test() -> bool:
    """Whether this is a test folder: its documents are specimens, and it can never become live."""
    row = Clock.objects.first()
    return row is not None and row.test
