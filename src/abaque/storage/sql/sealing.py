"""What sealing and proving read: hours as they stand, as they were sealed, and recomputed from raw events."""

from abaque.storage.sql.judging import keeps_marks, text
from abaque.storage.sql.metering import CUSTOMER, PLACE_BITS, Published, aggregated, judged

#: Marks without a meter are for each of them, and for what no meter counts.
SPREAD = """
WITH all_of_them AS (DELETE FROM touched WHERE meter_id IS NULL RETURNING hour)
INSERT INTO touched (meter_id, hour)
SELECT m.id, h.hour FROM (SELECT DISTINCT hour FROM all_of_them) h
CROSS JOIN (SELECT id FROM meter UNION ALL SELECT 0) m
"""

#: Hours in which something changed since a meter's last sealing, taken off the list: those of its first `days` days.
#: Those over which a back-fill is open stay on it.
TAKE = """
WITH ready AS (
    SELECT DISTINCT hour, date_trunc('day', hour, 'UTC') AS day FROM touched t
    WHERE meter_id = %(meter)s AND hour < %(until)s
    AND NOT EXISTS (SELECT FROM backfill b WHERE b.state IN ('open', 'reverting')
                    AND t.hour < b.ends_at AND t.hour + interval '1 hour' > b.starts_at)
),
chosen AS (SELECT hour FROM ready WHERE day IN (SELECT DISTINCT day FROM ready ORDER BY day LIMIT %(days)s)),
taken AS (DELETE FROM touched WHERE meter_id = %(meter)s AND hour IN (SELECT hour FROM chosen))
SELECT hour FROM chosen ORDER BY hour
"""

# Whether anything that could still change those hours waits to be metered.
WAITING = """
SELECT EXISTS (SELECT FROM intake WHERE metered_at IS NULL AND first_time < %(until)s
               AND (backfill_id IS NULL OR backfill_id IN (SELECT id FROM backfill WHERE state = 'closed')))
    OR EXISTS (SELECT FROM recount r WHERE done_at IS NULL
               AND (r.meters IS NULL OR EXISTS (SELECT FROM meter m WHERE m.id = ANY (r.meters))))
    OR EXISTS (SELECT FROM correction WHERE state IN ('new', 'ready'))
"""

#: An event's leaf; `e`, `i` and `s` are its row, its intake's, and its own salt where the intake has none any more.
LEAF = """sha256(coalesce(abaque_salt(i.salt, e.seq), s.salt) || convert_to(abaque_text(e), 'UTF8'))"""

_NONE_COUNTS = "SELECT e.seq, 0::bigint AS customer_id, e.slot, true AS counts, 0::numeric AS quantity FROM e"
_ERASED_NONE_COUNTS = """
SELECT x.seq, 0::bigint, abaque_slot(x.time), true, 0::numeric FROM erased x
WHERE x.time >= %(start)s AND x.time < %(end)s AND {hour} = ANY (%(hours)s) AND {types}"""

_JUDGED = """
SELECT j.seq, coalesce(j.customer_id, 0) AS customer_id, j.slot, j.quantity,
       j.word IS NULL AND NOT EXISTS (SELECT FROM fate f WHERE f.seq = j.seq AND f.meter_id = j.meter_id)
       AND NOT EXISTS (SELECT FROM struck k WHERE k.seq = j.seq) AS counts
FROM ({judged}) j"""
_ERASED_JUDGED = """
SELECT x.seq, coalesce(x.customer_id, 0), abaque_slot(x.time), x.quantity,
       x.fate = 'counted' AND NOT EXISTS (SELECT FROM struck k WHERE k.seq = x.seq)
FROM erased_share x
WHERE x.time >= %(start)s AND x.time < %(end)s AND {hour} = ANY (%(hours)s) AND x.meter_id = %(meter)s"""


def nodes(meter: Published | None, known: str) -> str:
    """Return the statement that seals hours of a meter: it adds their nodes, and returns these.

    No meter: of the events that none counts; `known` are the types that some do, as members of an SQL list. What
    an hour was sealed with before is taken off, so that a supplement says only what came, was struck, or moved.
    """
    hour = "abaque_hour(x.time)"
    if meter is None:
        types = f"NOT {{}} IN ({known})" if known else "{} IS NOT NULL"
        standing = (
            _NONE_COUNTS + " UNION ALL " + _ERASED_NONE_COUNTS.format(hour=hour, types=types.format("x.type"))
        )
    else:
        types = f"{{}} IN ({meter.types})"
        standing = _JUDGED.format(judged=judged([meter])) + " UNION ALL " + _ERASED_JUDGED.format(hour=hour)
    return _NODES.format(
        leaf=LEAF,
        hour="abaque_hour(e.time)",
        of_slot="abaque_hour(g.slot)",
        types=types.format("e.type"),
        standing=standing,
        node=node_hash(
            code="''" if meter is None else text(meter.code),
            slot="g.slot",
            count="g.count",
            quantity="g.quantity",
            said="g.said",
        ),
    )


# Entries are told from one pass over what stands, what was sealed before, and the leaves, side by side and in the order
# of numbers. Were they joined, a planner that took the day for an empty one would compare each event with each.
_NODES = f"""
WITH e AS MATERIALIZED (
    SELECT e.seq, e.type, e.time, e.data, abaque_slot(e.time) AS slot, false AS future, {{leaf}} AS leaf,
           {CUSTOMER} AS customer_id
    FROM event e JOIN intake i ON i.id = e.seq >> {PLACE_BITS} AND i.metered_at IS NOT NULL
    LEFT JOIN event_salt s ON i.salt IS NULL AND s.seq = e.seq
    WHERE e.time >= %(start)s AND e.time < %(end)s AND {{hour}} = ANY (%(hours)s) AND {{types}}
      AND e.type <> 'abaque.erased'
),
beside AS (
    SELECT seq, leaf, NULL::bigint AS customer_id, NULL::timestamptz AS slot, 0 AS count, 0 AS quantity,
           NULL::boolean AS stands
    FROM e
    UNION ALL
    SELECT seq, leaf, NULL, NULL, 0, 0, NULL FROM erased WHERE time >= %(start)s AND time < %(end)s
    UNION ALL
    SELECT seq, NULL, customer_id, slot, counts::int, CASE WHEN counts THEN quantity ELSE 0 END, true
    FROM ({{standing}}) told
    UNION ALL
    SELECT u.seq, NULL, n.customer_id, n.slot, -u.count, -u.quantity, false
    FROM node n CROSS JOIN unnest(n.seqs, n.counts, n.quantities) AS u(seq, count, quantity)
    WHERE n.meter_id = %(meter)s AND n.hour = ANY (%(hours)s)
),
entry AS (
    SELECT seq, leaf, customer_id, slot, sum(count)::smallint AS count, trim_scale(sum(quantity)) AS quantity
    FROM (SELECT seq, customer_id, slot, count, quantity, stands, max(leaf) OVER one AS leaf,
                 bool_or(stands) OVER one AS still, NOT bool_and(stands) OVER one AS sealed
          FROM beside WINDOW one AS (PARTITION BY seq)) known
    WHERE stands IS NOT NULL AND still AND leaf IS NOT NULL
    GROUP BY seq, leaf, customer_id, slot HAVING NOT bool_or(sealed) OR sum(count) <> 0 OR sum(quantity) <> 0
),
grouped AS (
    SELECT slot, customer_id, sum(count) AS count, trim_scale(sum(quantity)) AS quantity,
           array_agg(seq ORDER BY seq) AS seqs, array_agg(count ORDER BY seq) AS counts,
           array_agg(quantity ORDER BY seq) AS quantities,
           string_agg(substr(leaf, 1, 4), ''::bytea ORDER BY seq) AS prints,
           string_agg(leaf || convert_to(concat(count, '|', quantity, E'\n'), 'UTF8'), ''::bytea ORDER BY seq) AS said
    FROM entry GROUP BY slot, customer_id
)
INSERT INTO node (meter_id, hour, revision, slot, customer_id, count, quantity, seqs, counts, quantities, prints, hash)
SELECT %(meter)s, {{of_slot}},
       coalesce((SELECT max(n.revision) + 1 FROM node n WHERE n.meter_id = %(meter)s AND n.hour = {{of_slot}}), 0),
       g.slot, g.customer_id, g.count, g.quantity, g.seqs, g.counts, g.quantities, g.prints,
       {{node}}
FROM grouped g LEFT JOIN customer c ON c.id = g.customer_id
ORDER BY g.slot, g.customer_id
RETURNING hour, revision, slot, customer_id, count, quantity, hash
"""


def node_hash(*, code: str, slot: str, count: str, quantity: str, said: str) -> str:
    """Return the expression for a node's hash, as `abaque.core.proving` says it; `c` is its customer's row."""
    return rf"""sha256('\x00'::bytea || convert_to(concat(
           c.public_id, '|', {code}, '|', extract(epoch FROM {slot})::bigint, '|', {count}, '|', {quantity}, E'\n'
       ), 'UTF8') || {said})"""


def inconsistent(meter: Published, *, events: str = "event") -> str:
    """Return the query for hours between two instants whose usage differs from what the raw events give.

    Whose an event is is looked up again, and whether it still stands or was dismissed; an operation counts where
    its earliest success lies. What lies beyond `far`, the farthest future that is counted by now, does not count yet.
    Of erased events counts what was kept; where some lie, groups and values are compared by their hashes, made with
    `key`. `events`: the table they lie in, for an archived month that was recalled another than for the others.
    """
    state = ""
    if keeps_marks(meter.definition):
        state = _MARKS_WRONG.format(meter=meter.id)
    elif meter.definition["aggregate"] == "unique":
        state = _MEMBERS_WRONG.format(meter=meter.id)
    return f"""
WITH e AS MATERIALIZED (
    SELECT e.seq, e.source, e.id, e.type, e.time, e.received_at, e.data, abaque_slot(e.time) AS slot,
           e.time > %(far)s AND EXISTS (SELECT FROM fate f WHERE f.seq = e.seq AND f.reason = 'future') AS future,
           {CUSTOMER} AS customer_id
    FROM {events} e JOIN intake i ON i.id = e.seq >> {PLACE_BITS} AND i.metered_at IS NOT NULL
    WHERE e.time >= %(start)s AND e.time < %(end)s AND e.type IN ({meter.types})
      AND NOT EXISTS (SELECT FROM struck x WHERE x.seq = e.seq)
      AND NOT EXISTS (SELECT FROM dismissal d JOIN fate f USING (seq)
                      WHERE d.seq = e.seq AND f.meter_id = {meter.id} AND f.fate = 'quarantined')
),
share AS MATERIALIZED (
    SELECT x.*, abaque_slot(x.time) AS slot FROM erased_share x
    WHERE x.meter_id = {meter.id} AND x.time >= %(start)s AND x.time < %(end)s AND x.customer_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM struck k WHERE k.seq = x.seq)
),
veiled AS MATERIALIZED (SELECT DISTINCT customer_id, slot, true AS veiled FROM share),
judged AS MATERIALIZED ({judged([meter], origin=True)}),
alive AS MATERIALIZED (
    SELECT * FROM judged j
    WHERE j.word IS NULL AND (j.operation IS NULL OR NOT EXISTS (
        SELECT FROM operation o WHERE o.customer_id = j.customer_id AND o.meter_id = j.meter_id
        AND o.operation = j.operation AND (o.time, o.source, o.id) < (j.time, j.source, j.id)
    )) AND (j.operation IS NULL OR NOT EXISTS (
        SELECT FROM fate f WHERE f.customer_id = j.customer_id AND f.meter_id = j.meter_id
        AND f.operation = j.operation AND f.time < j.time
    ))
),
counted AS MATERIALIZED (
    SELECT seq, time, customer_id, slot, {_veiled("grp")}, {_veiled("value")}, quantity, meter_id
    FROM alive LEFT JOIN veiled USING (customer_id, slot)
    UNION ALL
    SELECT seq, time, customer_id, slot, grp, value, quantity, meter_id FROM share WHERE fate = 'counted'
),
recomputed AS (
    SELECT customer_id, slot, grp, count(*) AS events, {aggregated([meter])} AS quantity FROM counted
    GROUP BY customer_id, slot, grp, meter_id
),
failed AS (
    SELECT customer_id, slot, grp, count(*) AS not_billable FROM (
        SELECT customer_id, slot, {_veiled("grp")} FROM judged LEFT JOIN veiled USING (customer_id, slot)
        WHERE word = 'failure'
        UNION ALL
        SELECT customer_id, slot, grp FROM share WHERE reason = 'failure'
    ) failing GROUP BY 1, 2, 3
),
kept AS (
    SELECT customer_id, slot, {_veiled("grp")}, events, quantity, not_billable
    FROM usage LEFT JOIN veiled USING (customer_id, slot)
    WHERE meter_id = {meter.id} AND slot >= %(start)s AND slot < %(end)s
),
wrong AS ({_WRONG}
{state}
)
SELECT DISTINCT abaque_hour(slot) FROM wrong
"""


_LOST_OPERATIONS = """\
SELECT j.slot FROM alive j WHERE j.operation IS NOT NULL AND NOT EXISTS (
        SELECT FROM operation o WHERE o.customer_id = j.customer_id AND o.meter_id = j.meter_id
        AND o.operation = j.operation)"""
_WRONG = f"""
    SELECT slot FROM recomputed FULL JOIN failed USING (customer_id, slot, grp)
         FULL JOIN kept USING (customer_id, slot, grp)
    WHERE coalesce(recomputed.events, 0) <> coalesce(kept.events, 0)
       OR coalesce(failed.not_billable, 0) <> coalesce(kept.not_billable, 0)
       OR (coalesce(kept.events, 0) > 0 AND recomputed.quantity IS DISTINCT FROM kept.quantity)
    UNION ALL
    {_LOST_OPERATIONS}"""


def _veiled(column: str) -> str:
    return f"CASE WHEN veiled THEN abaque_kept({column}, %(key)s) ELSE {column} END AS {column}"


_MEMBERS_WRONG = f"""\
    UNION ALL
    SELECT slot FROM (SELECT DISTINCT customer_id, slot, grp, value, true AS found FROM counted) members
    FULL JOIN (SELECT customer_id, slot, {_veiled("grp")}, {_veiled("value")}, true AS kept
               FROM unique_value LEFT JOIN veiled USING (customer_id, slot)
               WHERE meter_id = {{meter}} AND slot >= %(start)s AND slot < %(end)s) there
    USING (customer_id, slot, grp, value)
    WHERE found IS NULL OR kept IS NULL"""
_MARKS_WRONG = f"""\
    UNION ALL
    SELECT abaque_slot(time) FROM (SELECT seq, time, quantity, value, true AS found FROM counted) marks
    FULL JOIN (SELECT seq, time, quantity, {_veiled("value")}, true AS kept
               FROM mark LEFT JOIN veiled v ON v.customer_id = mark.customer_id AND v.slot = abaque_slot(mark.time)
               WHERE meter_id = {{meter}} AND time >= %(start)s AND time < %(end)s) there USING (seq, time)
    WHERE found IS NULL OR kept IS NULL OR marks.quantity <> there.quantity
       OR coalesce(marks.value, '') <> coalesce(there.value, '')"""
