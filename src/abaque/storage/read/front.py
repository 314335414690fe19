"""The overview: is the last closed month right, what needs a person, what ran."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from abaque.core.invoicing import Party, required_fields
from abaque.core.period import Span, local_day, local_midnight
from abaque.core.tax import Treatment
from abaque.storage import hot
from abaque.storage.models import Clock, Comparison, Issuer, Run
from abaque.storage.read.quarantine import open_count

#: Whether a standing hold touches an invoice `i` of a customer `c`.
HELD = """EXISTS (
    SELECT FROM hold h WHERE h.released_at IS NULL AND h.stops ?| ARRAY['issue', 'push'] AND (
        h.scope IN ('everything', 'customer:' || c.public_id, 'invoice:' || i.public_id)
        OR h.scope IN (SELECT 'meter:' || l.meter FROM invoice_line l WHERE l.invoice_id = i.id AND l.meter <> '')))"""

#: Whether an invoice `i` was compared after it was issued, and the comparison could be made: a missing control
#: total (a finding of its meter from an instant until our side's `as_of`) leaves only usage of that time unknown.
COMPARED = """(
    EXISTS (SELECT FROM comparison k WHERE k.finished_at IS NOT NULL AND k.started_at >= i.issued_at)
    AND NOT EXISTS (
        SELECT FROM finding f WHERE f.closed_at IS NULL AND f.kind = 'unknown'
        AND (f.customer_id = i.customer_id OR f.customer_id IS NULL)
        AND CASE WHEN f.check_name <> 'totals ↔ usage' THEN true ELSE EXISTS (
            SELECT FROM invoice_line l WHERE l.invoice_id = i.id AND l.meter = split_part(f.subject, ' ', 1)
            AND l.span_end > left(split_part(f.subject, ' ', 2), 17)::timestamptz
            AND l.span_start < (f.ours ->> 'as_of')::timestamptz) END))"""

#: What an invoice `i` adds to a sum of nets: what a credit note gives back is taken off.
NET = "CASE i.kind WHEN 'credit_note' THEN -i.net ELSE i.net END"

#: How often a conflict is still news.
_RECENT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Share:
    """Some invoices: how many, and their net by currency in minor units."""

    count: int
    net: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month as customers live it: it begins and ends at the local midnight of each billing zone.

    The end of June is an hour later in London than in Paris: what falls due at either belongs to June.
    """

    first: date
    windows: Mapping[str, Span]

    @property
    def bounds(self) -> dict[str, list[Any]]:
        """Return what `WITHIN` asks for."""
        spans = self.windows.values()
        return {
            "zones": list(self.windows),
            "starts": [each.start for each in spans],
            "ends": [each.end for each in spans],
        }


#: Keeps the invoices `i` of customers `c` that fell due in a `Month`: after its start, at its end included.
WITHIN = """JOIN unnest(%(zones)s::text[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
         AS lived(zone, starts_at, ends_at)
         ON lived.zone = c.zone AND i.due_at > lived.starts_at AND i.due_at <= lived.ends_at"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The invoices that fell due in a month: verified, held, and those nothing was compared with yet."""

    month: date
    verified: Share
    held: Share
    uncompared: Share


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person, for the menu."""

    drafts: int
    findings: int


@dataclass(frozen=True, slots=True)
class Task:
    """Something that needs a person; `amount` by currency in minor units."""

    kind: str
    count: int
    amount: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """The running month of all customers: who used something, and how many events were accepted."""

    customers: int
    received: int


@dataclass(frozen=True, slots=True)
class Pass:
    """One run of the clock: `kind` close or reconcile."""

    id: str
    kind: str
    started_at: datetime
    finished_at: datetime | None
    until: datetime | None
    facts: Mapping[str, Any]


def is_test_folder() -> bool:
    """Whether this is a test folder, whose invoices are specimens."""
    return bool(Clock.objects.filter(test=True).exists())


def house_zone() -> str:
    """Return the zone the organisation's own pages speak in: the first issuer's."""
    return str(Issuer.objects.order_by("id").values_list("zone", flat=True).first() or "UTC")


def issuers() -> list[tuple[str, str]]:
    """Return external ids and names of the issuers, to choose from."""
    return list(Issuer.objects.order_by("id").values_list("external_id", "legal_name"))


def waiting() -> Waiting:
    """Return how many drafts and findings are open."""
    drafts, findings = hot.rows(
        """
        SELECT (SELECT count(*) FROM invoice WHERE state = 'draft'),
               (SELECT count(*) FROM finding WHERE closed_at IS NULL)
        """
    )[0]
    return Waiting(int(drafts), int(findings))


def verdict() -> Verdict | None:
    """Return the verdict on the last month in which invoices fell due; None before the first."""
    last = hot.rows(
        """
        SELECT c.zone, max(i.due_at) FROM invoice i JOIN customer c ON c.id = i.customer_id
        WHERE i.state IN ('draft', 'issued') GROUP BY 1
        """
    )
    if not last:
        return None
    return verdict_on(lived_month(max(month_due(due_at, zone) for zone, due_at in last)))


def month_due(due_at: datetime, zone: str) -> date:
    """Return the first day of the month that ends at, or contains, the moment something fell due."""
    return local_day(due_at - timedelta(microseconds=1), zone).replace(day=1)


def lived_month(first: date) -> Month:
    """Return a month in each zone customers are billed in."""
    zones = [row[0] for row in hot.rows("SELECT DISTINCT zone FROM customer")]
    return Month(first, {zone: month_of(first, zone) for zone in zones})


def verdict_on(month: Month) -> Verdict:
    """Return the verdict on the invoices that fell due in a month."""
    found = hot.rows(
        f"""
        SELECT class, currency, count(*), sum(net) FROM (
            SELECT i.currency, {NET} AS net, CASE WHEN {HELD} THEN 'held'
                                           WHEN i.state = 'issued' AND {COMPARED} THEN 'verified'
                                           ELSE 'uncompared' END AS class
            FROM invoice i JOIN customer c ON c.id = i.customer_id {WITHIN}
            WHERE i.state IN ('draft', 'issued')
        ) classified GROUP BY 1, 2 ORDER BY 1, 2
        """,
        month.bounds,
    )

    def share(kind: str) -> Share:
        rows = [row for row in found if row[0] == kind]
        return Share(sum(row[2] for row in rows), {row[1]: int(row[3]) for row in rows})

    return Verdict(month.first, share("verified"), share("held"), share("uncompared"))


def month_of(day: date, zone: str) -> Span:
    """Return the calendar month a local day lies in."""
    first = day.replace(day=1)
    return Span(
        local_midnight(first, zone), local_midnight((first + timedelta(days=32)).replace(day=1), zone)
    )


def summary(month: Span) -> Summary | None:
    """Return the usage of a month; None while nothing was ever counted."""
    if not hot.rows("SELECT EXISTS (SELECT FROM usage)")[0][0]:
        return None
    # An event may count for several meters, so the sum of what meters counted is not a number of events.
    customers, received = hot.rows(
        """
        SELECT (SELECT count(DISTINCT u.customer_id) FROM meter m
                JOIN usage u ON u.meter_id = m.id AND u.slot >= %(start)s AND u.slot < %(end)s),
               (SELECT coalesce(sum(accepted), 0) FROM intake WHERE received_at >= %(start)s AND received_at < %(end)s)
        """,
        {"start": month.start, "end": month.end},
    )[0]
    return Summary(int(customers), int(received))


def tasks(now: datetime) -> list[Task]:
    """Return what needs a person, money first."""
    found = [
        *_money_tasks(),
        Task(
            "quarantined",
            open_count(),
            {},
        ),
        Task("conflict", _count("SELECT count(*) FROM conflict WHERE received_at > %s", [now - _RECENT]), {}),
        Task("recorded", _count("SELECT count(*) FROM recorded_type"), {}),
        Task("issuer", len(incomplete_issuers()), {}),
    ]
    return [task for task in found if task.count]


def incomplete_issuers() -> list[str]:
    """Return the issuers whose documents would lack what the law asks of the issuer."""
    buyer = Party("x", "x", "x", "x", "FR", "FR00000000000", "000000000")
    incomplete = []
    for one in Issuer.objects.all():
        party = Party(
            one.legal_name,
            one.street,
            one.postcode,
            one.city,
            one.country,
            one.vat_number,
            one.company_number,
        )
        missing = required_fields(party, buyer, Treatment.STANDARD)
        if any(name.startswith("issuer.") for name in missing):
            incomplete.append(one.external_id)
    return incomplete


def passes(limit: int = 6) -> list[Pass]:
    """Return the newest comparisons and runs that changed something, or are under way; and the very last run.

    The clock runs all the time and mostly finds nothing due: such runs would push the others out of sight.
    """
    idle = Q(finished_at__isnull=False, facts__changed=0, facts__refused=[])
    last = Run.objects.order_by("-id")[:1]
    runs = {run.pk: run for run in (*last, *Run.objects.exclude(idle).order_by("-id")[:limit])}
    closes = [
        Pass(run.public_id, "close", run.started_at, run.finished_at, run.until, run.facts)
        for run in runs.values()
    ]
    comparisons = [
        Pass(one.public_id, "reconcile", one.started_at, one.finished_at, None, one.facts)
        for one in Comparison.objects.order_by("-id")[:limit]
    ]
    return sorted(closes + comparisons, key=lambda one: one.started_at, reverse=True)[:limit]


def _money_tasks() -> list[Task]:
    drafts = hot.rows(
        f"""
        SELECT kind, currency, count(*), sum(net) FROM (
            SELECT i.currency, {NET} AS net, CASE WHEN i.missing <> '[]' THEN 'missing_fields' ELSE 'review' END AS kind
            FROM invoice i JOIN customer c ON c.id = i.customer_id WHERE i.state = 'draft' AND NOT {HELD}
        ) open GROUP BY 1, 2
        UNION ALL
        SELECT CASE kind WHEN 'unknown' THEN 'unknown' ELSE 'finding' END, currency, count(*), sum(impact)
        FROM finding WHERE closed_at IS NULL GROUP BY 1, 2
        UNION ALL
        SELECT 'held', '', count(*), 0 FROM hold WHERE released_at IS NULL
        """
    )
    merged: dict[str, Task] = {}
    for kind, code, count, amount in drafts:
        before = merged.get(kind, Task(kind, 0, {}))
        amounts = {**before.amount, code: int(amount)} if code and amount else before.amount
        merged[kind] = Task(kind, before.count + count, amounts)
    order = ("held", "finding", "unknown", "missing_fields", "review")
    return [merged[kind] for kind in order if kind in merged]


def _count(sql: str, parameters: list[Any] | None = None) -> int:
    return int(hot.rows(sql, parameters)[0][0])
