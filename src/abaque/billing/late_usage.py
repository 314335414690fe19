"""Late usage: what a billed span comes to with everything known, less what was billed of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import F

from abaque.billing.offers import plan_of, terms_of
from abaque.core.money import Money
from abaque.core.period import Span
from abaque.core.pricing import Rating
from abaque.core.subscription import Billed, Due, Invoiced, Kind, Owed, Rated, rate_due, settle_one
from abaque.storage import hot
from abaque.storage.models import Invoice, InvoiceLine, Meter, Subscription
from abaque.storage.read.spans import Asked, measure
from abaque.storage.sql.judging import keeps_marks

_REASON = "late_usage"


@dataclass(frozen=True, slots=True)
class Claim:
    """One charge's span as it was billed: all lines about it of issued or closed documents.

    First those that bill it, by revision, then those that give back.
    """

    lines: tuple[InvoiceLine, ...]

    @property
    def first(self) -> InvoiceLine:
        """The line that billed it first."""
        return self.lines[0]

    @property
    def subscription(self) -> Subscription:
        return self.first.subscription

    @property
    def quantity(self) -> Decimal:
        """The usage as the newest of them knew it."""
        return Decimal(max(self.lines, key=lambda line: line.pk).quantity or 0)

    @property
    def revision(self) -> int:
        """The one that would bill more of it."""
        return 1 + max(line.revision for line in self.lines)

    @property
    def billed(self) -> Money:
        """What was billed of it in all revisions, less what was credited."""
        minor = sum(-line.net if line.credits_id else line.net for line in self.lines)
        return Money(minor, plan_of(self.subscription).currency)

    def left(self) -> list[tuple[InvoiceLine, int]]:
        """Return its lines that can be credited, the newest first, with what is left of each in minor units."""
        left = {line.pk: line.net for line in self.lines if not line.credits_id}
        for line in self.lines:
            if line.credits_id:
                left[line.credits_id] -= line.net
        return [(line, left[line.pk]) for line in reversed(self.lines) if left.get(line.pk)]


@dataclass(frozen=True, slots=True)
class Settled:
    """A claim rated again: what its usage costs. `owed` is None where just that was billed."""

    claim: Claim
    due: Due
    quantity: Decimal
    should: Money
    rating: Rating
    owed: Owed | None

    @property
    def more(self) -> bool:
        """Whether more is to be billed; what is owed otherwise is to be given back."""
        return self.owed is not None and self.owed.kind is Kind.CHARGE


def claims(subscriptions: Sequence[int] | None = None) -> list[Claim]:
    """Return what was billed of metered charges: all of it, or of these subscriptions what may have changed since."""
    lines = InvoiceLine.objects.exclude(meter="").exclude(invoice__state=Invoice.State.DRAFT)
    if subscriptions is not None:
        touched = hot.rows(_TOUCHED, {"subscriptions": list(subscriptions), "levels": _levels()})
        lines = lines.filter(pk__in=[pk for (pks,) in touched for pk in pks]) if touched else lines.none()
    ordered = lines.select_related(
        "invoice", "subscription__customer__issuer", "subscription__plan_version__plan"
    ).order_by("subscription_id", "charge", "span_start", F("credits").asc(nulls_first=True), "revision")
    return [Claim(tuple(same)) for _, same in groupby(ordered, key=_claimed)]


def settle(claimed: Sequence[Claim]) -> list[Settled]:
    """Rate claims again with everything known and their own plan version, measured in one go."""
    meters = dict(Meter.objects.values_list("code", "pk")) if claimed else {}
    usage = measure(
        [
            Asked(
                meters[one.first.meter],
                one.subscription.customer_id,
                one.first.span_start,
                one.first.span_end,
            )
            for one in claimed
        ]
    )
    return [_settled(one, found.quantity) for one, found in zip(claimed, usage, strict=True)]


def _settled(claim: Claim, quantity: Decimal) -> Settled:
    line, subscription, billed = claim.first, claim.subscription, claim.billed
    plan = plan_of(subscription)
    span = Span(line.span_start, line.span_end)
    due = Due(plan.charge(line.charge), 0, Span(line.whole_start, line.whole_end), span, span.end)
    # A sum may sink below zero by corrections: then nothing is due of the span.
    used = max(quantity, Decimal(0))
    rating, net = rate_due(due, used, plan.currency, subscription.customer.zone)
    owner = subscription.public_id
    item = Billed(owner, due, None, plan, terms_of(subscription), Decimal(0))
    before = Invoiced(owner, due, None, billed, billed)
    _, owed = settle_one(Rated(item, rating, net), before, _REASON)
    assert len(owed) <= 1, "what is known costs more than what was billed, or less"
    return Settled(claim, due, used, net, rating, owed[0] if owed else None)


def _claimed(line: InvoiceLine) -> tuple[object, ...]:
    return line.subscription_id, line.charge, line.span_start


def _levels() -> list[int]:
    """Return the meters whose usage of a span depends on events before it."""
    return [meter.pk for meter in Meter.objects.all() if keeps_marks(meter.definition)]


# The lines of spans some hour of which was sealed anew, with something of the customer's in it, since they were
# billed last: by the chain, since clocks may be set back. And those counted by a version that stands no more. A credit
# note settles nothing for good: others may still have to give back of the same span.
_TOUCHED = """
WITH billed AS MATERIALIZED (
    SELECT l.subscription_id, l.charge, l.span_start, l.span_end, m.id AS meter_id, i.customer_id,
           m.id = ANY (%(levels)s) AS level, array_agg(l.id) AS lines,
           max(i.sealed_to) FILTER (WHERE l.credits_id IS NULL) AS sealed_to,
           m.version = max(l.meter_version) FILTER (WHERE l.credits_id IS NULL) AS same
    FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id JOIN meter m ON m.code = l.meter
    WHERE l.subscription_id = ANY (%(subscriptions)s) AND i.state <> 'draft'
    GROUP BY l.subscription_id, l.charge, l.span_start, l.span_end, m.id, m.version, i.customer_id
),
span AS (
    SELECT meter_id, span_start, span_end, level, min(sealed_to) AS sealed_to FROM billed WHERE same
    GROUP BY 1, 2, 3, 4
),
sealed AS MATERIALIZED (
    SELECT s.*, h.id, h.hour, h.revision FROM span s
    JOIN hour h ON h.meter_id = s.meter_id AND h.hour < s.span_end AND h.id > s.sealed_to
    WHERE s.level OR h.hour > s.span_start - interval '1 hour'
)
SELECT b.lines FROM billed b WHERE NOT b.same OR EXISTS (
    SELECT FROM sealed s
    JOIN node n ON n.meter_id = s.meter_id AND n.hour = s.hour AND n.revision = s.revision
    WHERE s.meter_id = b.meter_id AND s.span_start = b.span_start AND s.span_end = b.span_end
      AND s.id > b.sealed_to AND n.customer_id = b.customer_id AND n.slot < b.span_end
      AND (b.level OR n.slot >= b.span_start)
)
"""
