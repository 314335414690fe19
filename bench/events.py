"""The events of the benchmark: seeded, so that every run sends the same ones."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

# The folder's clock begins here; the month before it is the month that is billed.
NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)
MONTH = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
SPARE = timedelta(hours=24)  # billing months are local: what lies inside in Paris lies inside in UTC, too

CATALOGUE = Path(__file__).with_name("plan.yaml").read_text(encoding="utf-8")


def subject(number: int) -> str:
    return f"customer-{number:05}"


def made(
    source: str, count: int, customers: int, start: datetime, step: timedelta, *, ids: str = "random"
) -> Iterator[dict[str, object]]:
    """Yield events of two types in the order of their time, one in ten a failure.

    Their ids are 32 hexadecimal digits: `random`, or `ordered`, which begin with the moment, as UUIDv7 does.
    """
    random = Random(source)
    for number in range(count):
        document = random.random() < 0.5
        data: dict[str, object] = {
            "outcome": "failure" if random.random() < 0.1 else "success",
            "model": random.choice(("small", "medium", "large")),
        }
        data |= {"pages": random.randint(1, 40)} if document else {"bytes": random.randint(200, 60_000)}
        yield {
            "specversion": "1.0",
            "id": _ordered(random, start + number * step)
            if ids == "ordered"
            else f"{random.getrandbits(128):032x}",
            "source": source,
            "type": "document.processed" if document else "api.called",
            "subject": subject(random.randrange(customers)),
            "time": (start + number * step).isoformat().replace("+00:00", "Z"),
            "data": data,
        }


def _ordered(random: Random, moment: datetime) -> str:
    return f"{round(moment.timestamp() * 1000):012x}{random.getrandbits(80):020x}"


def bodies(events: Iterator[dict[str, object]], size: int) -> Iterator[bytes]:
    """Yield request bodies: JSON arrays of `size` events."""
    lot: list[dict[str, object]] = []
    for event in events:
        lot.append(event)
        if len(lot) == size:
            yield json.dumps(lot, separators=(",", ":")).encode()
            lot = []
    if lot:
        yield json.dumps(lot, separators=(",", ":")).encode()
