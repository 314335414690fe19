"""How events are written, and how they can be written so that no door should take them."""

import json
import random
from typing import Any

_TIMES = (
    "yesterday",
    "2026-02-30T10:00:00Z",
    "2026-01-01T10:00:00",
    "2026-01-01 10:00:00Z",
    "2026-01-01",
    "2026-01-01T24:00:00Z",
    "1999-12-31T10:00:00Z",
    "2100-01-01T10:00:00Z",
    1767225600,
    "",
)
_FIELDS: tuple[dict[str, Any], ...] = (
    {"id": ""},
    {"id": 7},
    {"id": "é" * 128},
    {"source": ""},
    {"source": ["/app"]},
    {"source": "s" * 256},
    {"source": "/elsewhere"},
    {"type": ""},
    {"type": 1},
    {"type": "t" * 256},
    {"type": "abaque.other"},
    {"subject": ""},
    {"subject": {"id": "dupont"}},
    {"subject": "d" * 256},
    {"specversion": "0.3"},
    {"specversion": 1},
    {"subscription": 12},
    {"data": [1]},
    {"data": "text"},
    {"data_base64": "AAAA"},
    *({"time": time} for time in _TIMES),
)
_CORRECTIONS: tuple[Any, ...] = (
    None,
    {},
    {"source": "/app", "reason": "none named"},
    {"source": "/app", "id": 7, "reason": "no text"},
    {"source": "/app", "id": "e1"},
    {"source": "/app", "id": "e1", "reason": "not said by what", "replacement": "void"},
    {"source": "/app", "id": "e1", "reason": "when?", "replacement": {"time": "yesterday"}},
    {"source": "/app", "id": "e1", "reason": "whose?", "replacement": {"subject": 7}},
    {"source": "/app", "id": "e1", "reason": "what?", "replacement": {"data": [1]}},
)


def written(rng: random.Random, event: dict[str, Any]) -> str:
    """Return an event as JSON on one line: in any order of keys, with any blanks and escapes."""
    return json.dumps(
        _shuffled(rng, event),
        ensure_ascii=rng.random() < 0.5,
        separators=rng.choice(((",", ":"), (", ", ": "), (" , ", " :\t"))),
    )


def _shuffled(rng: random.Random, value: Any) -> Any:
    if isinstance(value, dict):
        names = rng.sample(list(value), len(value))
        return {name: _shuffled(rng, value[name]) for name in names}
    return value


def spoiled(rng: random.Random, event: dict[str, Any], form: str, *, corrections: bool) -> str:
    """Return the event with one thing about it that is wrong."""
    ways = [
        lambda: written(rng, {**event, **rng.choice(_FIELDS)}),
        lambda: written(rng, {**event, **rng.choice(_FIELDS)}),
        lambda: _without(event, rng.choice(("id", "source", "type", "subject"))),
        lambda: json.dumps(event)[:-1] + ', "id": "another"}',
        lambda: json.dumps({**event, "data": {"pages": "#"}}).replace(
            '"#"', rng.choice(("1e9999", "1" * 60))
        ),
        lambda: json.dumps({**event, "data": {"note": rng.choice(("\0", "\ud83e"))}}),
        lambda: rng.choice(("17", '"text"', "null", "true")),
    ]
    if form == "lines":
        ways += [lambda: json.dumps(event)[: rng.randrange(1, 40)], lambda: '{"pages": NaN}']
    if corrections and rng.random() < 0.12:
        return written(rng, {**event, "type": "abaque.amend", "data": rng.choice(_CORRECTIONS)})
    return rng.choice(ways)()


def _without(event: dict[str, Any], name: str) -> str:
    return json.dumps({key: value for key, value in event.items() if key != name})
