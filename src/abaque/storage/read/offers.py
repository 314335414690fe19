"""What is sold and how it is counted, and the keys of machines."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from abaque.storage import hot


@dataclass(frozen=True, slots=True)
class MeterLine:
    """A published meter as stored; `counted` is how many events it counted in the span asked for."""

    code: str
    definition: Mapping[str, Any]
    published_at: datetime
    counted: int


@dataclass(frozen=True, slots=True)
class MeterKey:
    """A published meter as stored, with its internal id."""

    number: int
    code: str
    definition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A published plan version as stored, and how many subscriptions are on it now."""

    definition: Mapping[str, Any]
    subscriptions: int


@dataclass(frozen=True, slots=True)
class KeyLine:
    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    sources: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None
    last_used: datetime | None


def meters(start: datetime, end: datetime) -> list[MeterLine]:
    """Return the published meters by code."""
    found = hot.rows(
        """
        SELECT m.code, m.definition, m.published_at, coalesce((
            SELECT sum(u.events) FROM usage u WHERE u.meter_id = m.id AND u.slot >= %(start)s AND u.slot < %(end)s), 0)
        FROM meter m ORDER BY m.code
        """,
        {"start": start, "end": end},
    )
    return [MeterLine(code, _json(definition), at, int(counted)) for code, definition, at, counted in found]


def meter_keys() -> list[MeterKey]:
    """Return the published meters by code, without looking at usage."""
    return [
        MeterKey(number, code, _json(definition))
        for number, code, definition in hot.rows("SELECT id, code, definition FROM meter ORDER BY code")
    ]


def plans(now: datetime) -> list[PlanLine]:
    """Return the newest version of each plan, and older ones that still have subscriptions."""
    found = hot.rows(
        """
        SELECT v.definition, s.count FROM plan_version v JOIN plan p ON p.id = v.plan_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS count FROM subscription s
            WHERE s.plan_version_id = v.id AND (s.ends_at IS NULL OR s.ends_at > %(now)s)
        ) s
        WHERE s.count > 0 OR v.version = (SELECT max(w.version) FROM plan_version w WHERE w.plan_id = v.plan_id)
        ORDER BY p.code, v.version DESC
        """,
        {"now": now},
    )
    return [PlanLine(_json(definition), int(count)) for definition, count in found]


def units() -> dict[str, Mapping[str, str]]:
    """Return the words for one unit, by meter and language."""
    return {
        code: _json(definition).get("units", {})
        for code, definition in hot.rows("SELECT code, definition FROM meter")
    }


def api_keys() -> list[KeyLine]:
    """Return the keys, those that work first."""
    found = hot.rows(
        """
        SELECT k.public_id, k.name, k.prefix, k.scopes, coalesce(k.sources, '{}'), k.created_at, k.revoked_at,
               (SELECT max(received_at) FROM intake i WHERE i.key_id = k.id)
        FROM api_key k ORDER BY k.revoked_at IS NOT NULL, k.created_at DESC, k.id
        """
    )
    return [KeyLine(*[*row[:3], tuple(row[3]), tuple(row[4]), *row[5:]]) for row in found]


def _json(text: object) -> Mapping[str, Any]:
    return dict(json.loads(str(text), parse_float=Decimal))
