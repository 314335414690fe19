"""A month is the customer's own: what falls due at its end in London belongs to it in Paris too."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from abaque.storage.models import Comparison, Customer, Invoice, Run
from abaque.storage.read import front, review

JUNE_ENDS_IN_PARIS = datetime(2026, 6, 30, 22, tzinfo=UTC)
JUNE_ENDS_IN_LONDON = datetime(2026, 6, 30, 23, tzinfo=UTC)


def test_every_invoice_of_june_is_in_junes_verdict(shop: Any) -> None:
    shop.close()
    Customer.objects.filter(public_id=shop.dupont).update(zone="Europe/Paris")
    Customer.objects.filter(public_id=shop.martin).update(zone="Europe/London")
    for customer, due_at in ((shop.dupont, JUNE_ENDS_IN_PARIS), (shop.martin, JUNE_ENDS_IN_LONDON)):
        one = Invoice.objects.filter(customer__public_id=customer).latest("due_at")
        Invoice.objects.filter(customer__public_id=customer).exclude(pk=one.pk).delete()
        Invoice.objects.filter(pk=one.pk).update(due_at=due_at)
    verdict = front.verdict()
    assert verdict is not None
    assert (verdict.month, verdict.uncompared.count) == (date(2026, 6, 1), 2)
    assert review.months() == [date(2026, 6, 1)]
    june, july = front.lived_month(date(2026, 6, 1)), front.lived_month(date(2026, 7, 1))
    today = date(2026, 7, 2)
    assert len(review.invoices("", june, today, offset=0, limit=9)) == 2
    assert review.invoices("", july, today, offset=0, limit=9) == []
    assert sum(count for count, _net in review.states(june, today).values()) == 2


@pytest.mark.usefixtures("folder")
def test_runs_that_found_nothing_due_do_not_push_the_others_out_of_sight() -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=UTC)

    def run(changed: int) -> str:
        facts = {"drafts": changed, "changed": changed, "refused": [], "subscriptions": 2}
        made = Run.objects.create(until=noon, started_at=noon, finished_at=noon, facts=facts)
        return str(made.public_id)

    useful = run(2)
    idle = [run(0) for _ in range(20)]
    Comparison.objects.create(started_at=noon, finished_at=noon, facts={})
    assert {one.id for one in front.passes() if one.kind == "close"} == {useful, idle[-1]}
