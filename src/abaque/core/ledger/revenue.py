"""Revenue in the period it belongs to: deferred and recognised, or accrued and reversed.

Law: what is recognised of a deferred net by the end of its span is all of it, to the minor unit, however often it
is recognised in between: each part is the rounded share at its end less that at its beginning, by local days.
An accrual and its reversal leave nothing.
"""

from datetime import datetime

from abaque.core.money import Money, cumulative_share
from abaque.core.period import Span, days_in
from abaque.core.tax import Rate

from .account import per_rate
from .entry import Entry, Posting, entry


def revenue_deferred(rate: Rate, net: Money) -> Entry:
    """Return the entry by which the net of a line invoiced in advance waits to be earned."""
    return entry("revenue_deferred", (per_rate("revenue", rate), net), (per_rate("deferred", rate), -net))


def revenue_recognised(
    rate: Rate, net: Money, span: Span, zone: str, *, since: datetime, until: datetime
) -> Entry:
    """Return the entry of what of a deferred net was earned between two instants. A day begun is earned.

    Fault `bad_share` if `until` is before `since`.
    """
    days = [
        days_in(Span(span.start, min(max(instant, span.start), span.end)), zone)
        for instant in (since, until, span.end)
    ]
    earned = cumulative_share(net, *days)
    return entry(
        "revenue_recognised", (per_rate("deferred", rate), earned), (per_rate("revenue", rate), -earned)
    )


def revenue_accrued(customer: str, rate: Rate, net: Money) -> Entry:
    """Return the entry of revenue that was earned and not yet invoiced."""
    return entry("revenue_accrued", (f"accrued:{customer}", net), (per_rate("revenue", rate), -net))


def reversed_entry(fact: Entry) -> Entry:
    """Return the entry that undoes another, such as an accrual once the invoice is issued."""
    undone = (
        Posting(posting.account, -posting.amount, None if posting.book is None else -posting.book)
        for posting in fact.postings
    )
    return Entry(f"{fact.kind}_reversed", tuple(undone))
