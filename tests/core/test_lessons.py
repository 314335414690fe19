"""What went wrong elsewhere, and must not here: a test for each fault other billing systems' users reported."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from abaque.core.invoicing import Credit, Discount, Line, draft, number, totals
from abaque.core.metering import Aggregate, Event, Meter, fold, fold_values, merge
from abaque.core.money import Money, currency, total
from abaque.core.period import Alignment, Cycle, Interval, Timeline, Unit, change, days_in, local_midnight
from abaque.core.pricing import Bill, Charge, Flat, Graduated, PerUnit, Plan, Tier, further, rate
from abaque.core.simulating import Life, play
from abaque.core.subscription import (
    AddAddOn,
    AddOn,
    Advance,
    Cancel,
    ChangePlan,
    ChangeQuantity,
    Kind,
    Start,
    Subscription,
    Terms,
    bill,
    due,
    noted,
    rate_due,
    step,
)
from abaque.core.tax import Rate

EUR = currency("EUR")
MONTH = Interval(Unit.MONTH)
STANDARD = Rate("S", Decimal(20))
CALLS = Meter("calls", ("call",), Aggregate.COUNT)


def call(name, time, source="app"):
    return Event(source=source, id=name, type="call", subject="acme", customer="acme", time=time, data={})


def line(net, rate=STANDARD, charge="base"):
    return Line(charge, Decimal(1), None, Money(net, EUR), rate)


class TestMonthEndsAndZones:
    @pytest.mark.parametrize("day", [28, 29, 30, 31])
    def test_an_anchor_at_the_end_of_a_month_never_drifts(self, day):
        # Each boundary is counted from the anchor: after a short February the anchor's own day comes back.
        cycle = Cycle(date(2026, 1, day), MONTH, "Europe/Paris")
        assert [cycle.day(n).day for n in (1, 2, 3)] == [min(day, 28), day, min(day, 30)]
        assert cycle.day(12 * 50).day == day

    def test_a_shifted_anchor_leaves_no_sliver_of_a_day(self):
        first = Cycle(date(2026, 1, 15), MONTH, "Europe/Paris")
        then = Cycle(date(2026, 1, 16), MONTH, "Europe/Paris")
        timeline = change(Timeline(first), then, datetime(2026, 3, 20, tzinfo=UTC))
        lengths = [days_in(timeline.period(n), "Europe/Paris") for n in range(8)]
        assert min(lengths) >= 28

    def test_a_zone_east_of_greenwich_gets_each_period_once(self):
        # Auckland's March begins on 28 February in UTC; it is billed as one March all the same.
        cycle = Cycle(date(2026, 1, 1), MONTH, "Pacific/Auckland")
        terms = Terms(datetime(2026, 1, 1, 2, tzinfo=UTC), None, cycle)
        plan = Plan("p", 1, EUR, MONTH, cycle.alignment, (Charge("base", Flat(Decimal(10))),))
        owed = due(plan, terms, until=datetime(2026, 12, 31, 12, tzinfo=UTC))
        assert [item.index for item in owed] == list(range(12))
        assert len({item.span for item in owed}) == 12

    def test_the_last_day_of_a_subscription_is_the_customers_own(self):
        # 31 March, 20:00 in Honolulu, is 1 April in UTC: the subscription ends with its 31 March.
        zone = "Pacific/Honolulu"
        terms = Terms(
            local_midnight(date(2026, 3, 1), zone),
            datetime(2026, 4, 1, 6, tzinfo=UTC),
            Cycle(date(2026, 3, 1), MONTH, zone),
        )
        assert terms.last == local_midnight(date(2026, 4, 1), zone)

    def test_a_zone_that_skipped_a_day_is_not_billed_for_it(self):
        december = Cycle(date(2011, 12, 1), MONTH, "Pacific/Apia").period(0)
        assert days_in(december, "Pacific/Apia") == 30


class TestChanges:
    ZONE = "Europe/Paris"

    def plan(self, code, amount, *more):
        base = Charge("base", Flat(Decimal(amount)), bill=Bill.ADVANCE)
        return Plan(code, 1, EUR, MONTH, Alignment.ANNIVERSARY, (base, *more))

    def started(self, plan, **more):
        return step(Subscription(self.ZONE), Start("start", plan, **more), self.at(1))

    def at(self, day, month=1):
        return local_midnight(date(2026, month, day), self.ZONE) + timedelta(hours=12)

    def test_a_credit_follows_what_was_invoiced_not_the_price_list(self):
        # 31.00 at half price: 15.50 invoiced. From the 15th on 17 of 31 days go back: 8.50, not 17.00.
        begun = self.started(self.plan("small", 31)).subscription
        (invoiced,) = begun.invoiced
        begun = noted(begun, invoiced, Money(1550, EUR))
        credit, charge = step(begun, ChangePlan("up", self.plan("big", 62)), self.at(15)).owed
        assert (credit.kind, credit.amount) == (Kind.CREDIT, Money(850, EUR))
        assert (charge.kind, charge.amount) == (Kind.CHARGE, Money(3400, EUR))

    def test_a_change_sent_twice_is_charged_once(self):
        begun = self.started(self.plan("small", 31)).subscription
        change = ChangePlan("up", self.plan("big", 62))
        once = step(begun, change, self.at(15))
        again = step(once.subscription, change, self.at(15))
        assert len(once.owed) == 2
        assert (again.subscription, again.owed) == (once.subscription, ())

    def test_a_quantity_holds_from_its_day_and_not_before(self):
        # 2 seats at 31.00 from the 1st; 5 from the 16th: 16 of 31 days of 2 go back (32.00), of 5 are due (80.00).
        seats = Charge("seats", PerUnit(Decimal(31)), bill=Bill.ADVANCE, quantity="seats")
        begun = self.started(self.plan("team", 0, seats), quantities=(("seats", Decimal(2)),)).subscription
        owed = step(begun, ChangeQuantity("more", "seats", Decimal(5)), self.at(16)).owed
        assert [(item.kind, item.amount.minor) for item in owed] == [(Kind.CREDIT, 3200), (Kind.CHARGE, 8000)]

    def test_an_add_on_and_its_fee_come_in_one_step(self):
        addon = AddOn("support", (Charge("support", Flat(Decimal(31)), bill=Bill.ADVANCE),))
        begun = self.started(self.plan("small", 31)).subscription
        (fee,) = step(begun, AddAddOn("add", addon), self.at(16)).owed
        assert fee.amount == Money(1600, EUR)

    def test_a_price_change_reaches_nobody_who_has_not_moved_to_it(self):
        # The plan a subscription holds is the version it agreed to; the next month costs what it did.
        begun = self.started(self.plan("small", 31)).subscription
        (fee,) = step(begun, Advance("february"), self.at(1, month=2)).owed
        assert fee.amount == Money(3100, EUR)


class TestCountedOnce:
    def test_an_event_sent_again_counts_once_in_any_order_and_any_split(self):
        at = datetime(2026, 3, 1, tzinfo=UTC)
        events = [call(str(n), at + timedelta(minutes=n)) for n in range(10)]
        assert fold(CALLS, [*events, *reversed(events)]) == fold(CALLS, events)
        assert merge(CALLS, fold(CALLS, events[5:]), fold(CALLS, events[:5])) == fold(CALLS, events)

    def test_an_operation_whose_every_attempt_has_a_new_id_counts_once(self):
        # A sender that makes a fresh id for each attempt was billed four times elsewhere: the operation is the key.
        meter = Meter("docs", ("call",), Aggregate.COUNT, operation="document")
        at = datetime(2026, 3, 1, tzinfo=UTC)
        events = [
            replace(call(f"uuid-{n}", at + timedelta(minutes=n)), data={"document": "d1"}) for n in range(4)
        ]
        assert fold_values(meter, events) == {("acme", ()): Decimal(1)}

    def test_an_attempt_repeated_minutes_later_is_known_by_what_it_is_not_by_when(self):
        at = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)
        assert sum(state.count for state in fold(CALLS, [call("1", at), call("1", at)]).values()) == 1

    def test_two_senders_may_use_the_same_id(self):
        at = datetime(2026, 3, 1, tzinfo=UTC)
        events = [call("1", at), call("1", at, source="other")]
        assert sum(state.count for state in fold(CALLS, events).values()) == 2

    def test_each_charge_of_each_period_falls_due_once_however_often_it_is_asked(self):
        cycle = Cycle(date(2026, 1, 31), MONTH, "Europe/Paris")
        terms = Terms(local_midnight(date(2026, 1, 31), "Europe/Paris"), None, cycle)
        plan = Plan("p", 1, EUR, MONTH, cycle.alignment, (Charge("base", Flat(Decimal(10))),))
        early = due(plan, terms, until=datetime(2026, 6, 15, tzinfo=UTC))
        later = due(plan, terms, until=datetime(2026, 9, 15, tzinfo=UTC))
        assert later[: len(early)] == early
        assert len({(item.charge.code, item.index) for item in later}) == len(later)


class TestLateUsage:
    def test_usage_at_the_boundary_belongs_to_the_period_that_begins(self):
        cycle = Cycle(date(2026, 1, 1), MONTH, "Europe/Paris")
        edge = cycle.boundary(1)
        assert (cycle.index_of(edge), cycle.index_of(edge - timedelta(microseconds=1))) == (1, 0)

    def test_what_came_late_is_rated_with_what_was_billed_before_taken_off(self):
        # 900 units were billed at 0.10 = 90.00; 200 came late. 1,000 × 0.10 + 100 × 0.05 = 105.00: 15.00 more.
        price = Graduated((Tier(Decimal(1000), Decimal("0.10")), Tier(None, Decimal("0.05"))))
        billed = rate(price, Decimal(900)).money(EUR)
        assert further(rate(price, Decimal(1100)), billed).money(EUR) == Money(1500, EUR)

    def test_usage_is_never_priced_at_nothing_because_its_plan_is_part_of_a_period(self):
        cycle = Cycle(date(2026, 1, 1), MONTH, "UTC")
        charge = Charge("calls", PerUnit(Decimal("0.01")), "calls")
        plan = Plan("p", 1, EUR, MONTH, cycle.alignment, (charge,))
        terms = Terms(datetime(2026, 1, 31, 15, tzinfo=UTC), None, cycle)
        (stub,) = due(plan, terms, until=datetime(2026, 2, 1, tzinfo=UTC))
        assert rate_due(stub, Decimal(500), EUR, "UTC")[1] == Money(500, EUR)


class TestRounding:
    def test_vat_is_counted_on_the_sum_of_the_lines_not_line_by_line(self):
        # Three lines of 0.33 at 20 %: 0.99 × 20 % = 0.198 → 0.20; by line it would be 3 × 0.07 = 0.21.
        assert totals([line(33)] * 3).tax == Money(20, EUR)

    def test_prepaid_credit_never_makes_a_total_negative(self):
        at = datetime(2026, 3, 1, tzinfo=UTC)
        held = [
            Credit("pack", Money(10_000, EUR), at, paid=True),
            Credit("gift", Money(500, EUR), at),
        ]
        invoice = draft(
            [line(333), line(333), line(334)],
            at=at,
            discounts=[Discount("d", percent=Decimal("33.3"))],
            held=held,
        )
        assert invoice.due == Money(0, EUR)
        assert invoice.totals.gross.minor >= 0

    def test_a_price_far_below_a_cent_keeps_all_its_digits(self):
        # 123,456,789,012 units at 0.000000000123: 15.185185048476 → 15.19.
        rating = rate(PerUnit(Decimal("0.000000000123")), Decimal(123456789012))
        assert rating.exact == Decimal("15.185185048476")
        assert rating.money(EUR) == Money(1519, EUR)

    def test_more_than_fifteen_digits_are_not_lost(self):
        assert rate(PerUnit(Decimal("0.01")), Decimal(10**17 + 1)).money(EUR).minor == 10**17 + 1

    def test_a_total_is_the_sum_of_its_lines_as_printed(self):
        nets = [rate(PerUnit(Decimal("0.005")), Decimal(1)).money(EUR)] * 3
        assert total(nets, EUR) == Money(3, EUR) == totals([line(net.minor) for net in nets]).net


class TestNumbers:
    def test_a_number_is_made_of_its_series_and_counter_and_nothing_of_the_clock(self):
        assert (
            number("F{year}/{counter:05}", 2026, 7)
            == "F2026/00007"
            == number("F{year}/{counter:05}", 2026, 7)
        )


class TestUsageThatComesLater:
    """Usage that comes after its invoice is neither lost, nor billed at another period's price."""

    PLAN = Plan(
        "pro", 1, EUR, MONTH, Alignment.CALENDAR,
        (Charge("calls", Graduated((Tier(Decimal(100), Decimal("0.10")), Tier(None, Decimal("0.05")))), "calls"),),
    )  # fmt: skip

    def months(self, known, *, end=None, until=datetime(2026, 6, 1, tzinfo=UTC)):
        start = datetime(2026, 1, 1, tzinfo=UTC)
        ends = () if end is None else ((start, Cancel("c", end)),)
        late = tuple(at for at, _, _ in known if at > start)

        def usage(due, now):
            return sum((Decimal(n) for at, on, n in known if at <= now and due.span.contains(on)), Decimal(0))

        life = Life("UTC", ((start, Start("s", self.PLAN)), *ends), usage, STANDARD, late)
        return play(life, until=until)

    def test_usage_beyond_the_cycle_is_billed_on_the_next_invoice_at_its_own_months_price(self):
        january = datetime(2026, 1, 20, tzinfo=UTC)
        known = [
            (datetime(2026, 1, 1, tzinfo=UTC), january, 90),
            (datetime(2026, 2, 10, tzinfo=UTC), january, 30),
        ]
        _, march = self.months(known, until=datetime(2026, 3, 1, tzinfo=UTC))
        late = next(line for line in march.invoice.lines if line.net.minor)
        # January's 120 cost 11.00, of which 9.00 were billed: not 30 × 0.10.
        assert (late.net.minor, late.line.span.start) == (200, datetime(2026, 1, 1, tzinfo=UTC))
        assert late.line.steps[-1].kind == "billed_before"

    def test_usage_that_comes_after_the_end_gets_a_closing_invoice(self):
        day = datetime(2026, 1, 20, tzinfo=UTC)
        known = [(datetime(2026, 2, 10, tzinfo=UTC), day, 30)]
        *_, closing = self.months(known, end=datetime(2026, 2, 1, tzinfo=UTC))
        assert (closing.at, closing.invoice.totals.net.minor) == (datetime(2026, 3, 12, tzinfo=UTC), 300)

    def test_less_usage_than_was_billed_becomes_a_credit_note_of_its_invoice(self):
        day = datetime(2026, 1, 20, tzinfo=UTC)
        known = [(datetime(2026, 1, 1, tzinfo=UTC), day, 90), (datetime(2026, 2, 10, tzinfo=UTC), day, -40)]
        _, march = self.months(known, until=datetime(2026, 3, 1, tzinfo=UTC))
        assert [(of, note.totals.net.minor) for of, note in march.credit_notes] == [(0, 400)]


class TestChangesAreChargedOnce:
    def test_a_change_and_what_it_costs_come_together_or_not_at_all(self):
        # An add-on that was kept while its invoice failed stayed unbilled elsewhere: here one value holds both.
        at = datetime(2026, 1, 16, tzinfo=UTC)
        fee = Charge("base", Flat(Decimal(31)), bill=Bill.ADVANCE)
        begun = step(
            Subscription("UTC"), Start("s", Plan("p", 1, EUR, MONTH, Alignment.CALENDAR, (fee,))), at
        )
        addon = AddOn("extra", (Charge("extra", Flat(Decimal(31)), bill=Bill.ADVANCE),))
        done = step(begun.subscription, AddAddOn("a", addon), at)
        assert [owed.charge.code for owed in done.owed] == ["extra"]
        assert {item.owner for item in done.subscription.invoiced} == {"p:1", "extra"}

    def test_usage_goes_on_over_a_plan_change_without_a_gap_or_an_overlap(self):
        at = datetime(2026, 1, 16, 15, 12, tzinfo=UTC)
        calls = Charge("calls", PerUnit(Decimal(1)), "calls")
        one, two = (Plan(code, 1, EUR, MONTH, Alignment.CALENDAR, (calls,)) for code in ("one", "two"))
        state = step(Subscription("UTC"), Start("s", one), datetime(2026, 1, 1, tzinfo=UTC)).subscription
        state = step(state, ChangePlan("c", two), at).subscription
        spans = [item.due.span for item in bill(state, until=datetime(2026, 2, 1, tzinfo=UTC))]
        assert [(span.start.day, span.end.day) for span in spans] == [(1, 16), (16, 1)]
