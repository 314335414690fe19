"""The story's figures, every one of them read from the running system."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from abaque.app.story.play import Play, Played
from abaque.storage import hot
from abaque.storage.read.front import NET


@dataclass(frozen=True, slots=True)
class Month:
    """A month's usage of documents in money: what the platform alone would have billed, and what is right."""

    month: date
    documents: int
    old_way: int
    right: int
    lost: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What the closing table shows. Amounts in minor units of `currency`, net."""

    currency: str
    sent: int
    received: int
    accepted: int
    duplicates: int
    failures: int
    attempts: int
    counted: int
    late: int
    quarantined: int
    still_quarantined: int
    months: tuple[Month, ...]
    issued: int
    net: int
    holds: tuple[dict[str, Any], ...]
    platform: tuple[dict[str, Any], ...]
    platform_open: int | None
    others_open: int
    silences_open: int
    seconds: float

    @property
    def lost(self) -> int:
        """What the old way never billed."""
        return sum(month.lost for month in self.months)

    @property
    def wrong(self) -> int:
        """What the old way billed without right."""
        return sum(month.wrong for month in self.months)


def gather(play: Play, played: Played) -> Figures:
    """Read the figures."""
    received, accepted, duplicates = hot.rows(
        "SELECT sum(accepted + duplicate + conflict + rejected), sum(accepted), sum(duplicate) FROM intake"
    )[0]
    fates: dict[str, int] = dict(
        hot.rows(
            "SELECT f.reason, count(*) FROM fate f JOIN meter m ON m.id = f.meter_id"
            " WHERE m.code = 'documents' GROUP BY 1"
        )
    )
    counted = hot.rows(
        "SELECT coalesce(sum(u.events), 0) FROM usage u JOIN meter m ON m.id = u.meter_id WHERE m.code = 'documents'"
    )[0][0]
    late = hot.rows("SELECT count(*) FROM event WHERE received_at > time + interval '24 hours'")[0][0]
    once_quarantined = hot.rows(
        "SELECT count(*) FROM event WHERE subject = ANY (%s)", [list(play.story.typos)]
    )[0][0]
    quarantined = hot.rows("SELECT count(DISTINCT seq) FROM fate WHERE fate = 'quarantined'")[0][0]
    issued, net = hot.rows(f"SELECT count(*), coalesce(sum({NET}), 0) FROM invoice i WHERE state = 'issued'")[
        0
    ]
    silences, others = hot.rows(
        "SELECT count(*) FILTER (WHERE kind = 'stale'), count(*) FILTER (WHERE kind <> 'stale')"
        " FROM finding WHERE closed_at IS NULL"
    )[0]
    return Figures(
        currency="EUR",
        sent=played.sent,
        received=int(received),
        accepted=int(accepted),
        duplicates=int(duplicates),
        failures=fates.get("failure", 0),
        attempts=fates.get("attempt", 0),
        counted=int(counted),
        late=int(late),
        quarantined=int(quarantined) + int(once_quarantined),
        still_quarantined=int(quarantined),
        months=tuple(_month(play, month) for month in play.story.months),
        issued=int(issued),
        net=int(net),
        holds=tuple(hot.dicts(_HOLDS)),
        platform=tuple(played.found_on_platform),
        platform_open=played.open_after_remedies,
        others_open=others,
        silences_open=silences,
        seconds=played.seconds,
    )


_HOLDS = """
SELECT f.check_name AS check, f.kind, count(*) AS raised, count(*) FILTER (WHERE h.released_at IS NOT NULL) AS released,
       string_agg(DISTINCT c.legal_name, ', ' ORDER BY c.legal_name) AS customers, sum(f.impact)::bigint AS impact
FROM hold h JOIN finding f ON f.id = h.finding_id LEFT JOIN customer c ON c.id = h.customer_id
GROUP BY 1, 2 ORDER BY 1, 2
"""

_RIGHT = """
SELECT external_id, sum(net)::bigint, sum(quantity)::bigint FROM (
    SELECT c.external_id, sum(CASE WHEN l.credits_id IS NULL THEN l.net ELSE -l.net END) AS net,
           (array_agg(l.quantity ORDER BY i.issued_at DESC, l.id DESC))[1] AS quantity
    FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id JOIN customer c ON c.id = i.customer_id
    WHERE l.meter = 'documents' AND i.state = 'issued' AND l.span_start >= %(start)s - interval '1 day'
      AND l.span_start < %(start)s + interval '20 days'
    GROUP BY c.external_id, l.subscription_id, l.charge, l.span_start
) billed GROUP BY 1
"""


def _month(play: Play, month: date) -> Month:
    right = {customer: (net, count) for customer, net, count in hot.rows(_RIGHT, {"start": month})}
    bills = {bill.customer: bill.amount for bill in play.old_way.bills(f"{month:%Y-%m}")}
    customers = sorted(right.keys() | bills.keys())
    gaps = [(right.get(customer, (0, 0))[0], bills.get(customer, 0)) for customer in customers]
    return Month(
        month=month,
        documents=sum(count for _, count in right.values()),
        old_way=sum(old for _, old in gaps),
        right=sum(due for due, _ in gaps),
        lost=sum(max(0, due - old) for due, old in gaps),
        wrong=sum(max(0, old - due) for due, old in gaps),
    )
