"""Fold: days of usage that are over are added up once, so that a month is quick to read. Nothing counts by it.

A day that changes again is told by its slots until it is folded anew.
"""

from datetime import UTC, datetime, timedelta

from django.db import transaction

from abaque.billing.meter import alone
from abaque.storage import hot
from abaque.storage.sql import folding as sql

#: What is late comes mostly soon: a day that was just over would be folded again and again.
RIPE = timedelta(hours=1)
CHUNK_DAYS = 10


def fold_days(*, now: datetime) -> int:
    """Fold what is over, in chunks of one transaction each. Returns how many days of meters were folded."""
    until = (now - RIPE).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        alone()
        hot.run(sql.COMPACT.format(table="unfolded", key="meter_id, day"))
    total = 0
    while folded := _fold_some(until):
        total += folded
    return total


def _fold_some(until: datetime) -> int:
    with transaction.atomic():
        alone()  # whoever changes usage commits before, with the day on the list, or comes after
        found = hot.rows(sql.TAKE, {"until": until, "days": CHUNK_DAYS})
        days = {"meters": [meter for meter, _ in found], "days": [day for _, day in found]}
        hot.run(sql.FORGET, days)
        hot.run(sql.FOLD, days)
    return len(found)
