"""Promised totals: what is overdue is unknown, closes itself once stated, and holds only what is due within a day."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.billing.conftest import CATALOGUE

from abaque.billing.permissions import SYSTEM
from abaque.billing.promised import Part, measured, promises
from abaque.billing.reconcile import reconcile_now
from abaque.billing.runner import Refused
from abaque.billing.state_control_total import StateControlTotals, Total, state_control_total
from abaque.core.reconciling import Grain, Whose
from abaque.storage.models import Customer, Finding, Hold, Meter


def promise(said: str, meter: str = "pages") -> str:
    """The catalogue in which a meter's product promises totals."""
    before = f"  {meter}:\n"
    return CATALOGUE.replace(before, f"{before}    totals: {said}\n", 1)


def state(house, quantity, start, end, *, customer=None, meter="pages", **more):
    span = house.instant(start), house.instant(end)
    total = Total(meter, customer, *span, Decimal(quantity), **more)
    return house.perform(state_control_total, StateControlTotals((total,)))


def compare(house):
    return reconcile_now([], now=house.now, by=SYSTEM)


def open_ones(kind="unknown"):
    found = Finding.objects.filter(closed_at=None, kind=kind).order_by("pk")
    return [one.subject for one in found]


def at(house, text):
    house.now = house.instant(text)


@pytest.fixture
def shop(house):
    """Two customers by use; totals promised for each day from 1 March, six hours after it."""
    at(house, "2026-03-01T00:00")
    house.catalogue(promise("{grain: day}"))
    house.issuer()
    for one in ("dupont", "martin"):
        house.customer(one)
        house.subscribe(one, "usage")
    return house


def test_a_promise_is_published_with_the_meter_and_asks_for_verified_hours(shop):
    [found] = promises(shop.now)
    assert (found.meter.code, found.meter.level, found.since) == ("pages", "verified", shop.now)
    assert (found.totals.grain, found.totals.per, found.totals.deadline) == (
        Grain.DAY,
        Whose.ALL,
        timedelta(hours=6),
    )


def test_totals_promised_later_are_asked_for_from_then_on(house):
    house.catalogue()
    at(house, "2026-03-20T09:00")
    house.catalogue(promise("{grain: day}"))
    at(house, "2026-03-22T09:00")
    house.catalogue(promise('{grain: day, tolerance: "2"}'))
    [found] = promises(house.now)
    assert (found.since, found.totals.tolerance) == (house.instant("2026-03-20T09:00"), Decimal(2))
    assert [span.start.day for span in found.overdue(house.now)] == [20, 21]
    house.catalogue()
    assert (promises(house.now), Meter.objects.get(code="pages").level) == ([], "consistent")


def test_a_total_is_missing_at_its_deadline_and_not_before(shop):
    at(shop, "2026-03-02T05:59:59")
    assert compare(shop)["unknown"] == 0
    at(shop, "2026-03-02T06:00")
    assert compare(shop)["unknown"] == 1
    assert open_ones() == ["pages 2026-03-01T00:00Z… all"]


def test_a_feed_that_fails_for_days_is_one_finding_that_grows(shop):
    at(shop, "2026-03-02T06:00")
    compare(shop)
    shop.documents(1, "2026-03-03", pages=7)
    at(shop, "2026-03-05T12:00")
    assert compare(shop)["opened"] == 0
    [found] = Finding.objects.filter(closed_at=None)
    assert (found.kind, found.theirs, found.ours["quantity"]) == ("unknown", None, "7")
    assert shop.instant(found.ours["as_of"]) == shop.instant("2026-03-05")


def test_it_closes_itself_once_it_is_stated_and_what_is_still_missing_stays(shop):
    at(shop, "2026-03-04T12:00")
    compare(shop)
    state(shop, 0, "2026-03-01", "2026-03-02")
    assert compare(shop)["closed"] == 1
    assert open_ones() == ["pages 2026-03-02T00:00Z… all"]
    state(shop, 0, "2026-03-02", "2026-03-03")
    state(shop, 5, "2026-03-03", "2026-03-04")
    assert compare(shop)["closed"] == 1
    assert open_ones() == []
    # Five were stated, none counted: known, and different.
    assert open_ones("differing") == ["pages 2026-03-03T00:00Z…2026-03-04T00:00Z all"]
    shop.check()


def test_what_is_missing_keeps_no_other_total_from_turning_green(shop):
    at(shop, "2026-03-02T12:00")
    shop.documents(1, "2026-03-01", pages=3)
    state(shop, 9, "2026-03-01T10:00", "2026-03-01T11:00")
    compare(shop)
    assert len(open_ones("differing")) == 1
    state(shop, 3, "2026-03-01T10:00", "2026-03-01T11:00")
    compare(shop)
    assert (open_ones("differing"), len(open_ones())) == ([], 1)


def test_two_totals_of_one_day_are_two_findings(shop):
    at(shop, "2026-03-01T12:00")
    shop.documents(1, "2026-03-01", pages=3)
    state(shop, 9, "2026-03-01T10:00", "2026-03-01T11:00")
    state(shop, 1, "2026-03-01T11:00", "2026-03-01T12:00")
    assert compare(shop)["opened"] == 2


def close_march(house, *, at_end):
    at(house, at_end)
    house.close("2026-04-01")


def test_unknown_holds_only_what_is_due_within_a_day_and_stops_only_issuing(shop):
    at(shop, "2026-03-30T12:00")
    shop.documents(1, "2026-03-01", pages=3)
    compare(shop)
    assert not Hold.objects.exists()
    # Hours wait for late events until 2 April: from then on the drafts of March may be issued.
    close_march(shop, at_end="2026-04-01T01:00")
    compare(shop)
    [hold] = Hold.objects.filter(released_at=None)
    assert (hold.scope, hold.stops) == ("meter:pages", ["issue"])
    for day in range(1, 32):
        end = "2026-04-01" if day == 31 else f"2026-03-{day + 1:02}"
        state(shop, 3 if day == 1 else 0, f"2026-03-{day:02}", end)
    compare(shop)
    assert not Hold.objects.filter(released_at=None).exists()
    shop.check()


def test_drafts_ask_for_totals_of_the_time_before_the_promise(shop):
    shop.documents(1, "2026-02-10", pages=3)
    at(shop, "2026-03-01T12:00")
    shop.close("2026-03-01")
    assert promises(shop.now)[0].since == shop.instant("2026-02-01")
    compare(shop)
    assert open_ones() == ["pages 2026-02-01T00:00Z… all"]


def test_per_customer_a_total_is_promised_of_each_with_usage_or_a_subscription(house):
    at(house, "2026-03-01T00:00")
    house.catalogue(promise("{grain: day, deadline: 0h, per: customer}"))
    house.issuer()
    for one in ("dupont", "martin", "guest", "nobody"):
        house.customer(one)
    house.subscribe("dupont", "usage")
    house.subscribe("martin", "pro")  # which does not price pages
    at(house, "2026-03-02T00:00")
    house.documents(1, "2026-03-01", "guest", pages=2)
    compare(house)
    day = "pages 2026-03-01T00:00Z…"
    assert sorted(open_ones()) == [f"{day} dupont", f"{day} guest"]
    state(house, 0, "2026-03-01", "2026-03-02", customer="dupont")
    state(house, 2, "2026-03-01", "2026-03-02", customer="guest")
    compare(house)
    assert open_ones() == []


def test_a_feed_that_fails_for_very_many_customers_is_one_finding(house):
    at(house, "2026-03-01T00:00")
    house.catalogue(promise("{grain: day, deadline: 0h, per: customer}"))
    house.issuer()
    for n in range(21):
        house.customer(f"c{n}")
        house.subscribe(f"c{n}", "usage")
    at(house, "2026-03-02T00:00")
    assert compare(house)["opened"] == 1
    assert open_ones() == ["pages 2026-03-01T00:00Z… *"]


def test_days_are_those_of_the_promised_zone(house):
    at(house, "2026-03-01T00:00")
    house.catalogue(promise("{grain: day, deadline: 0h, zone: Europe/Paris}"))
    at(house, "2026-03-01T23:00")
    compare(house)
    assert open_ones() == ["pages 2026-02-28T23:00Z… all"]


def test_a_statement_takes_the_promised_tolerance_and_never_a_wider_one(house):
    house.catalogue(promise('{grain: day, tolerance: "0.5"}'))
    house.issuer()
    house.customer()
    house.documents(1, "2026-03-01", pages=995)
    state(house, 1000, "2026-03-01", "2026-03-02")
    assert compare(house)["opened"] == 0
    state(house, 1000, "2026-03-01", "2026-03-02", tolerance=Decimal("0.4"))
    compare(house)
    assert len(open_ones("differing")) == 1
    with pytest.raises(Refused, match="tolerance_too_wide"):
        state(house, 1000, "2026-03-01", "2026-03-02", tolerance=Decimal("0.6"))


def verified(house):
    return [row[0] for row in house.rows("SELECT verified_at IS NOT NULL FROM hour ORDER BY id")]


def test_hours_verified_with_an_earlier_statement_are_verified_anew(shop):
    at(shop, "2026-03-03T12:00")
    shop.documents(1, "2026-03-01", pages=3)
    state(shop, 3, "2026-03-01", "2026-03-02")
    shop.seal()
    assert verified(shop) == [False, True]  # documents promise nothing; pages are verified
    state(shop, 3, "2026-03-01", "2026-03-02")
    assert verified(shop) == [False, True]
    state(shop, 4, "2026-03-01", "2026-03-02")
    assert verified(shop) == [False, False]
    shop.seal()
    assert verified(shop) == [False, False]
    state(shop, 3, "2026-03-01", "2026-03-02")
    shop.seal()
    assert verified(shop) == [False, True]
    shop.check()


READ = """
meters:
  readers: {event: document.processed, aggregate: unique, value: reader}
  largest: {event: document.processed, aggregate: max, value: pages}
  pages: {event: document.processed, aggregate: sum, value: pages}
"""


def test_usage_of_all_together_is_measured_as_each_customer_would_be(house):
    house.catalogue(READ)
    house.issuer()
    for one in ("dupont", "martin"):
        house.customer(one)
    house.documents(2, "2026-03-01", "dupont", pages=3, reader="a")
    house.documents(1, "2026-03-02", "dupont", pages=9, reader="b")
    house.documents(3, "2026-03-01", "martin", pages=5, reader="a")
    dupont = Customer.objects.get(external_id="dupont")
    span = house.instant("2026-03-01"), house.instant("2026-03-02")
    meters = {meter.code: meter for meter in Meter.objects.all()}
    parts = [
        Part(meters[code].pk, meters[code].aggregate, None, *span) for code in ("readers", "largest", "pages")
    ]
    parts += [replace(part, customer_id=dupont.pk) for part in parts]
    parts.append(Part(meters["pages"].pk, "sum", None, span[1], span[1] + timedelta(days=9)))
    parts.append(Part(meters["readers"].pk, "unique", None, span[0] - timedelta(days=9), span[0]))
    assert measured(parts) == [2, 8, 21, 1, 3, 6, 9, 0]


def test_a_missing_total_leaves_only_invoices_of_its_time_not_compared(house):
    from abaque.storage.read import front

    at(house, "2026-03-01T00:00")
    house.catalogue(promise("{grain: day}\n    level: consistent"))
    house.issuer()
    house.customer()
    house.subscribe("dupont", "usage")
    at(house, "2026-03-10T12:00")
    house.documents(1, "2026-02-10", pages=3)
    house.close("2026-03-01")
    house.approve_all()
    house.issue_approved()
    at(house, "2026-03-10T13:00")
    compare(house)
    assert open_ones() == ["pages 2026-03-01T00:00Z… all"]
    verdict = front.verdict()
    assert (verdict.verified.count, verdict.uncompared.count) == (1, 0)
    Meter.objects.filter(code="pages").update(totals_since=house.instant("2026-02-10"))
    compare(house)
    verdict = front.verdict()
    assert (verdict.verified.count, verdict.uncompared.count) == (0, 1)
