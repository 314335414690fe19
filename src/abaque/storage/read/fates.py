"""What became of events, for each meter: told from the events, the meters, and the little that is stored."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from abaque.storage import archived, hot
from abaque.storage.archived import ArchivedMonth
from abaque.storage.models import Meter
from abaque.storage.sql.archiving import BY_NUMBER, HANDED_OVER
from abaque.storage.sql.metering import CUSTOMER, PLACE_BITS, Published, judged

Numbers = Sequence[tuple[int, datetime]]


@dataclass(frozen=True, slots=True)
class EventFate:
    """What one meter made of one event; `meter` is empty where no meter counts its type, and for corrections.

    `quantity` and `group` hold where it is counted. `slot` is the quarter hour UTC it lies in.
    """

    meter: str
    fate: str
    reason: str
    customer_id: int | None
    slot: datetime
    group: str
    quantity: Decimal | None


def published() -> list[Published]:
    """Return the meters that stand, oldest first."""
    return _published(Meter.objects.all())


def counting() -> list[Published]:
    """Return the versions that count what comes, oldest first: those that stand, and candidates beside them."""
    return _published(Meter.versions.filter(standing__in=[Meter.Standing.STANDING, Meter.Standing.CANDIDATE]))


def counted_by(month: ArchivedMonth) -> list[Published]:
    """Return the versions whose counts are an archived month's figures, oldest first."""
    return _published(Meter.versions.filter(pk__in=month.meters))


def _published(found: QuerySet[Meter]) -> list[Published]:
    return [Published(*row) for row in found.order_by("pk").values_list("pk", "code", "definition")]


def fates_of(numbers: Numbers) -> Mapping[int, Sequence[EventFate]]:
    """Return what became of events, by their number, meters in the order of their codes.

    Archived ones are read from the archive: for them, a meter made later says nothing.
    """
    if not numbers:
        return {}
    asked = archived.numbered(numbers)
    stand = published()
    asked["stand"] = [meter.id for meter in stand]
    replaced = {one for month in archived.months() for one in month.meters}.difference(asked["stand"])
    meters = [*stand, *(_published(Meter.versions.filter(pk__in=replaced)) if replaced else ())]
    codes = {meter.id: meter.code for meter in meters}
    found: dict[int, list[EventFate]] = defaultdict(list)
    for seq, meter, *rest in hot.rows(_FATES.format(judged=judged(meters)), asked):
        found[seq].append(EventFate(codes.get(meter, ""), *rest))
    erased: dict[int, list[EventFate]] = defaultdict(list)
    for seq, meter, *rest in hot.rows(_ERASED, asked) + hot.rows(_REDUCED, asked):
        erased[seq].append(EventFate(codes.get(meter, ""), *rest))
    found |= erased
    return {seq: sorted(rows, key=lambda one: one.meter) for seq, rows in found.items()}


_FATES = f"""
WITH e AS MATERIALIZED (
    SELECT e.seq, e.type, e.time, e.data, abaque_slot(e.time) AS slot, false AS future,
           {CUSTOMER} AS customer_id, coalesce(e.meters, %(stand)s::bigint[]) AS counting,
           i.metered_at IS NOT NULL AS metered, coalesce(i.meters, 0) AS meters
    FROM ({BY_NUMBER}) e
    JOIN intake i ON i.id = e.seq >> {PLACE_BITS}
),
judged AS ({{judged}})
SELECT e.seq, j.meter_id, v.fate, coalesce(v.reason, ''), e.customer_id, e.slot,
       CASE WHEN v.fate = 'counted' THEN j.grp ELSE '[]' END, CASE WHEN v.fate = 'counted' THEN j.quantity END
FROM e LEFT JOIN judged j ON j.seq = e.seq AND j.meter_id = ANY (e.counting)
LEFT JOIN struck s ON s.seq = e.seq
LEFT JOIN fate f ON f.seq = e.seq AND f.meter_id = j.meter_id
LEFT JOIN correction c ON c.seq = e.seq
LEFT JOIN struck z ON z.seq = c.stands_seq
CROSS JOIN LATERAL (
    SELECT c.kind = 'amend' AND EXISTS (
        SELECT FROM correction w WHERE w.target_source = c.source AND w.target_id = c.id
        AND w.kind = 'void' AND w.state = 'applied') AS voided
) x
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN z.fate = 'voided' OR x.voided THEN 'voided'
        WHEN c.state = 'applied' THEN 'applied'
        WHEN c.state IN ('refused', 'late') THEN 'quarantined'
        WHEN s.fate IS NOT NULL THEN s.fate
        WHEN NOT e.metered OR c.seq IS NOT NULL THEN 'waiting'
        WHEN f.fate IS NOT NULL THEN f.fate
        WHEN j.meter_id IS NULL THEN 'recorded'
        WHEN EXISTS (SELECT FROM recount r WHERE r.done_at IS NULL AND j.meter_id = ANY (r.meters)
                     AND e.seq > r.reached AND e.meters < j.meter_id) THEN 'waiting'
        WHEN j.word IS NULL THEN 'counted'
        WHEN j.word IN ('failure', 'filtered') THEN 'not_billable'
        ELSE 'quarantined'
    END AS fate,
    CASE
        WHEN c.state = 'applied' OR z.fate = 'voided' OR x.voided THEN NULL
        WHEN c.state = 'refused' THEN 'target_is_void'
        WHEN c.state = 'late' THEN 'too_late'
        WHEN c.seq IS NOT NULL THEN 'target_unknown'
        WHEN s.fate IS NOT NULL OR NOT e.metered THEN NULL
        ELSE coalesce(f.reason, j.word)
    END AS reason
) v
"""

# What was kept of erased events; a group is a hash there, and not shown.
_ERASED = """
SELECT x.seq, x.meter_id, coalesce(k.fate, x.fate), CASE WHEN k.fate IS NULL THEN coalesce(x.reason, '') ELSE '' END,
       x.customer_id, abaque_slot(x.time), '[]', CASE WHEN k.fate IS NULL THEN x.quantity END
FROM erased_share x LEFT JOIN struck k ON k.seq = x.seq WHERE x.seq = ANY (%(seqs)s)
"""

# Of a reduced event: what was sealed of it. What it was counted for is told, and what was kept aside.
_REDUCED = f"""
SELECT e.seq, n.meter_id, coalesce(k.fate, f.fate, CASE WHEN sum(u.count) > 0 THEN 'counted' ELSE 'not_billable' END),
       CASE WHEN k.fate IS NULL THEN coalesce(f.reason, '') ELSE '' END, nullif(n.customer_id, 0), n.slot, '[]',
       CASE WHEN k.fate IS NULL AND sum(u.count) > 0 THEN sum(u.quantity) END
FROM ({HANDED_OVER}) e
JOIN node n ON n.meter_id = ANY (e.meters) AND n.hour = abaque_hour(e.time) AND n.slot = abaque_slot(e.time)
CROSS JOIN LATERAL unnest(n.seqs, n.counts, n.quantities) AS u(seq, count, quantity)
LEFT JOIN struck k ON k.seq = e.seq
LEFT JOIN fate f ON f.seq = e.seq AND f.meter_id = n.meter_id
WHERE e.type = 'abaque.reduced' AND u.seq = e.seq
  AND NOT EXISTS (SELECT FROM erased_share x WHERE x.seq = e.seq AND x.meter_id = n.meter_id)
GROUP BY e.seq, n.meter_id, n.customer_id, n.slot, k.fate, f.fate, f.reason
"""
