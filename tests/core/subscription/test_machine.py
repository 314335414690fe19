import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abaque.core import subscription as sub
from abaque.core.fault import Fault
from abaque.core.money import Money, currency
from abaque.core.period import Alignment, Interval, Unit, local_midnight
from abaque.core.pricing import Bill, Charge, Flat, PerUnit, Plan, Prorate, Term, Trial

EUR, JPY = currency("EUR"), currency("JPY")
MONTH, YEAR = Interval(Unit.MONTH), Interval(Unit.YEAR)
ZONE = "Europe/Paris"
DOCS = Charge("docs", PerUnit(Decimal("0.10")), "docs")
SEATS = Charge("seats", PerUnit(Decimal(10)), quantity="seats", bill=Bill.ADVANCE)


def fee(amount, prorate=Prorate.DAY):
    return Charge("base", Flat(Decimal(amount)), bill=Bill.ADVANCE, prorate=prorate)


def plan(code, *charges, money=EUR, interval=MONTH, **terms):
    return Plan(code, 1, money, interval, Alignment.ANNIVERSARY, charges, **terms)


SMALL, BIG = plan("small", fee(31), DOCS), plan("big", fee(62), DOCS)
SUPPORT = sub.AddOn("support", (Charge("support", Flat(Decimal(31)), bill=Bill.ADVANCE),))


def at(month, day, hour=12, year=2026):
    return local_midnight(date(year, month, day), ZONE) + timedelta(hours=hour)


def lived(*happened):
    """Return the subscription after (event, instant) pairs, and what each owed, credits below zero."""
    state, owed = sub.Subscription(ZONE), []
    for event, now in happened:
        done = sub.step(state, event, now)
        state, found = done.subscription, done.owed
        owed.append([item.amount.minor * (-1 if item.kind is sub.Kind.CREDIT else 1) for item in found])
    return state, owed


def started(what=SMALL, when=None, **more):
    return sub.Start("start", what, **more), when or at(1, 1)


@pytest.mark.parametrize(
    ("day", "owed"),
    [
        (1, [-3100, 6200]),  # the first day is the new plan's: all of it goes back
        (15, [-1700, 3400]),  # 17 of 31 days are left: 31.00 and 62.00 × 17/31
        (31, [-100, 200]),  # one of 31 days
    ],
)
def test_an_upgrade_takes_effect_now_and_the_new_plan_owns_its_day(day, owed):
    assert lived(started(), (sub.ChangePlan("up", BIG), at(1, day, 15)))[1] == [[3100], owed]


def test_a_downgrade_waits_for_the_period_to_end():
    _, owed = lived(started(BIG), (sub.ChangePlan("down", SMALL), at(1, 15)), (sub.Advance("t"), at(2, 1)))
    assert owed == [[6200], [], [3100]]


def test_two_upgrades_and_back_on_one_day_cost_what_the_last_one_does():
    huge = plan("huge", fee(93), DOCS)
    now = sub.When.NOW
    _, owed = lived(
        started(),
        (sub.ChangePlan("a", BIG), at(1, 15, 9)),
        (sub.ChangePlan("b", huge), at(1, 15, 10)),
        (sub.ChangePlan("c", SMALL, now), at(1, 15, 11)),
    )
    # 17 days of 31: 17.00, 34.00, 51.00; back on the small plan the month costs 31.00 as if nothing was.
    assert owed == [[3100], [-1700, 3400], [-3400, 5100], [-5100, 1700]]


def test_seats_go_up_and_down():
    seats = plan("seats", SEATS)
    _, owed = lived(
        started(seats, quantities=(("seats", Decimal(5)),)),
        (sub.ChangeQuantity("up", "seats", Decimal(8)), at(1, 17)),
        (sub.ChangeQuantity("down", "seats", Decimal(5)), at(1, 27)),
    )
    # 50.00 × 16/31 = 25.81 kept of 50.00, 80.00 − 80.00 × 16/31 (41.29) = 38.71;
    # of 80.00, 26/31 is 67.10: 25.81 kept, 12.90 back; 50.00 − 50.00 × 26/31 (41.94) = 8.06.
    assert owed == [[5000], [-2419, 3871], [-1290, 806]]


def test_a_credit_follows_what_was_invoiced_not_the_price_list():
    state, _ = lived(started())
    state = sub.noted(state, state.invoiced[0], Money(1550, EUR))
    owed = sub.step(state, sub.Cancel("c", sub.When.NOW), at(1, 15)).owed
    # The 15th is used: 16 of 31 days of 15.50, half the list price, go back.
    assert [(item.kind, item.amount.minor) for item in owed] == [(sub.Kind.CREDIT, 800)]
    assert owed[0].refers_to == state.invoiced[0]


def test_yen_are_whole():
    yen = plan("yen", fee(1000), money=JPY)
    # 1000 × 15/31 = 483.87: 484 kept.
    assert lived(started(yen), (sub.Cancel("c", sub.When.NOW), at(1, 15)))[1] == [[1000], [-516]]


def test_cancelled_on_its_first_day_one_day_is_paid():
    assert lived(started(), (sub.Cancel("c", sub.When.NOW), at(1, 1, 15)))[1] == [[3100], [-3000]]


def test_a_cancellation_taken_back_owes_nothing_and_after_the_end_all_begins_anew():
    state, owed = lived(started(), (sub.Cancel("c"), at(1, 10)), (sub.Reactivate("r"), at(1, 20)))
    assert owed == [[3100], [], []]
    assert state.state(at(1, 20)) is sub.State.ACTIVE
    state, owed = lived(started(), (sub.Cancel("c"), at(1, 10)), (sub.Reactivate("r"), at(2, 10)))
    assert owed == [[3100], [], [3100]]
    assert state.anchor == date(2026, 2, 10)


def test_a_trial_is_free_and_its_end_is_the_anchor():
    tried = plan("tried", fee(28), DOCS, trial=Trial(14))
    state, owed = lived(started(tried), (sub.Advance("t"), at(1, 15)))
    assert owed == [[], [2800]]
    assert state.anchor == date(2026, 1, 15)
    assert {item.due.span.start for item in sub.bill(state, until=at(3, 1))} >= {at(1, 15, 0)}
    assert min(item.due.span.start for item in sub.bill(state, until=at(3, 1))) == at(1, 15, 0)


def test_a_trial_counts_from_the_first_subscription_and_can_be_lengthened_converted_cancelled():
    tried = plan("tried", fee(31), trial=Trial(14))
    assert lived(started(tried, trial_from=date(2025, 6, 1)))[1] == [[3100]]
    longer, _ = lived(started(tried), (sub.ExtendTrial("x", 7), at(1, 5)))
    assert longer.anchor == date(2026, 1, 22)
    assert lived(started(tried), (sub.Convert("x"), at(1, 5)))[1] == [[], [3100]]
    assert lived(started(tried), (sub.Cancel("x"), at(1, 5)), (sub.Advance("t"), at(6, 1)))[1] == [[], [], []]


def test_whole_days_of_a_pause_cost_nothing_and_usage_goes_on():
    state, owed = lived(started(), (sub.Pause("p"), at(1, 10)), (sub.Resume("r"), at(1, 21)))
    # The 10th was used and the 21st is: ten days rest. 21 days go back, 11 are charged.
    assert owed == [[3100], [-2100], [1100]]
    usage = [item.due.span for item in sub.bill(state, until=at(2, 1)) if item.due.charge == DOCS]
    assert [(span.start, span.end) for span in usage] == [(at(1, 1, 0), at(2, 1, 0))]


def test_paused_and_resumed_on_one_day_nothing_changes_in_sum():
    _, owed = lived(started(), (sub.Pause("p"), at(1, 10, 9)), (sub.Resume("r"), at(1, 10, 15)))
    assert sum(sum(each) for each in owed) == 3100


def test_an_add_on_comes_and_goes():
    _, owed = lived(
        started(), (sub.AddAddOn("a", SUPPORT), at(1, 15)), (sub.RemoveAddOn("b", "support"), at(1, 25))
    )
    assert owed == [[3100], [1700], [-700]]  # 17 days; from the 25th, 7 days are left


def test_february_of_a_leap_year_has_29_days():
    leap = plan("leap", fee(29))
    start = local_midnight(date(2028, 2, 1), ZONE)
    # 15 February is used: 14 days go back.
    assert lived(started(leap, start), (sub.Cancel("c", sub.When.NOW), at(2, 15, year=2028)))[1][1] == [-1400]


def test_the_night_of_summer_time_is_a_day_like_others():
    # 29 March 2026 has 23 hours in Paris; the 30th is the new plan's: 2 of 31 days.
    upgraded = (sub.ChangePlan("up", BIG), at(3, 30))
    assert lived(started(SMALL, at(3, 1)), upgraded)[1] == [[3100], [-200, 400]]


def test_by_second_it_is_cut_at_the_instant():
    exact, other = plan("exact", fee(310, Prorate.SECOND)), plan("other", fee(620, Prorate.SECOND))
    # At noon of 15 January 16.5 of 31 days are left: 165.00 and 330.00.
    assert lived(started(exact, at(1, 1, 0)), (sub.ChangePlan("up", other), at(1, 15)))[1][1] == [
        -16500,
        33000,
    ]


def test_to_a_yearly_plan_the_anchor_stays():
    yearly = plan("yearly", fee(730), interval=YEAR)
    state, owed = lived(started(), (sub.ChangePlan("y", yearly, sub.When.NOW), at(1, 15)))
    # 351 of 365 days of 730.00.
    assert owed == [[3100], [-1700, 70200]]
    assert state.anchor == date(2026, 1, 1)


def test_a_fixed_term_ends_or_is_renewed():
    fixed = plan("fixed", fee(31), term=Term(YEAR, renews=False))
    state, _ = lived(started(fixed))
    assert state.state(at(12, 31, 23)) is sub.State.ACTIVE
    assert state.state(at(1, 1, year=2027)) is sub.State.ENDED
    renewed = sub.step(state, sub.Renew("r"), at(12, 1)).subscription
    assert renewed.state(at(1, 1, year=2027)) is sub.State.ACTIVE
    assert renewed.state(at(1, 1, year=2028)) is sub.State.ENDED


def test_a_start_can_lie_ahead_or_behind():
    later, owed = lived(started(SMALL, at(1, 1), at=at(2, 1)))
    assert (later.state(at(1, 1)), owed) == (sub.State.PENDING, [[]])
    assert [item.amount.minor for item in sub.step(later, sub.Activate("a"), at(1, 5)).owed] == [3100]
    assert lived(started(SMALL, at(3, 5), at=at(1, 1)))[1] == [[3100, 3100, 3100]]


@pytest.mark.parametrize(
    "event", [sub.Resume("e"), sub.Reactivate("e"), sub.Convert("e"), sub.Start("e", BIG)]
)
def test_an_event_that_makes_no_sense_is_refused(event):
    state, _ = lived(started())
    with pytest.raises(Fault) as refused:
        sub.step(state, event, at(1, 2))
    assert (refused.value.code, refused.value.params["state"]) == ("not_in_state", sub.State.ACTIVE)


TRIED = plan("tried", fee(40), SEATS, DOCS, trial=Trial(9))
SEATED = plan("seated", fee("99.99"), SEATS)
SECOND = plan("second", fee(70, Prorate.SECOND), SEATS, DOCS, interval=Interval(Unit.WEEK, 2))
FIXED = plan("fixed", fee(50), DOCS, term=Term(MONTH, renews=False))
plans = st.sampled_from([SMALL, BIG, TRIED, SEATED, SECOND, FIXED])
whens = st.sampled_from(sub.When)
key = st.integers(0, 10**6).map(str)
ZONES = ["UTC", "Europe/Paris", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"]
happenings = st.one_of(
    st.builds(sub.ChangePlan, key, plans, st.none() | whens),
    st.builds(sub.ChangeQuantity, key, st.just("seats"), st.integers(0, 9).map(Decimal), whens),
    st.builds(sub.AddAddOn, key, st.just(SUPPORT), whens),
    st.builds(sub.RemoveAddOn, key, st.just("support"), whens),
    st.builds(sub.Pause, key, st.booleans()),
    st.builds(sub.Cancel, key, whens),
    st.builds(sub.ExtendTrial, key, st.integers(1, 20)),
    st.builds(sub.Migrate, key, plans),
    st.builds(sub.Move, key, st.sampled_from(ZONES)),
    *(
        st.builds(kind, key)
        for kind in (sub.Resume, sub.Reactivate, sub.Convert, sub.Renew, sub.Advance, sub.Activate)
    ),
)
steps = st.lists(st.tuples(happenings, st.integers(0, 20 * 86400)), max_size=9)


@settings(max_examples=120, deadline=None)
@given(plans, st.sampled_from(ZONES), steps)
def test_whatever_happens_time_is_tiled_and_money_adds_up(first, zone, happened):
    now = datetime(2011, 12, 20, 9, 30, tzinfo=UTC)
    start = sub.Start("s", first, quantities=(("seats", Decimal(3)),))
    state, net = sub.Subscription(zone), 0
    for event, seconds in [(start, 0), *happened]:
        now += timedelta(seconds=seconds)
        try:
            done = sub.step(state, event, now)
        except Fault as refusal:
            assert refusal.code in {"not_in_state", "no_term", "missing_quantity", "other_plan"}  # noqa: PT017 -- some are refused
            continue
        before, state = state, done.subscription
        assert sub.step(state, event, now) == sub.Transition(state)
        assert all(
            one.end is not None and one.end <= two.start for one, two in itertools.pairwise(state.history)
        )
        assert all(one.end is None or one.start < one.end for one in state.history)
        for item in done.owed:
            assert item.amount.minor > 0 or item.kind is sub.Kind.CHARGE
            if item.kind is sub.Kind.CREDIT:
                assert item.refers_to in before.invoiced
                assert item.amount.minor <= item.refers_to.net.minor
            net += item.amount.minor * (-1 if item.kind is sub.Kind.CREDIT else 1)
        assert net == sum(item.net.minor for item in state.invoiced)
        dues = {}
        for item in sub.bill(state, until=now + timedelta(days=40)):
            dues.setdefault((item.due.charge.code, item.due.charge.prorate), []).append(item.due.span)
        for spans in dues.values():
            spans.sort(key=lambda span: span.start)
            assert all(one.end <= two.start for one, two in itertools.pairwise(spans))


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Auckland", "Asia/Kolkata", "Europe/Paris"])
@pytest.mark.parametrize("day", [1, 15, 31])
def test_a_move_leaves_no_gap_no_overlap_and_no_sliver(zone, day):
    state, owed = lived(started(), (sub.Move("m", zone), at(3, day)), (sub.Advance("t"), at(5, 2)))
    # 31.00 for each month, whatever hours March gained or lost.
    assert sum(sum(each) for each in owed) == 5 * 3100
    for code in ("base", "docs"):
        dues = [item.due for item in sub.bill(state, until=at(7, 1)) if item.due.charge.code == code]
        assert all(one.span.end == two.span.start for one, two in itertools.pairwise(dues))
        assert not any(due.stub for due in dues)
        assert min(due.span.end - due.span.start for due in dues) > timedelta(days=27)
    assert state.zone == zone


def test_who_moves_and_leaves_pays_the_days_of_where_he_lived():
    moved = (sub.Move("m", "Pacific/Honolulu"), at(3, 10))
    # March goes on for hours of Paris' 1 April, so it has 32 days: 31.00 × 20/32 (19.38) is kept, 11.62 goes back.
    # Left in April: 10 of 30 days are used; 31.00 × 10/30 (10.33) is kept.
    assert lived(started(), moved, (sub.Cancel("c", sub.When.NOW), at(3, 20)))[1][-1][0] == -1162
    april = local_midnight(date(2026, 4, 10), "Pacific/Honolulu") + timedelta(hours=12)
    assert lived(started(), moved, (sub.Advance("t"), at(4, 2)), (sub.Cancel("c", sub.When.NOW), april))[1][
        -1
    ] == [-2067]


def test_what_was_planned_for_after_a_fixed_term_that_is_agreed_to_is_forgotten():
    season = plan("season", fee(31), DOCS, term=Term(MONTH, renews=False))
    planned = (sub.ChangeQuantity("q", "seats", Decimal(3), sub.When.PERIOD_END), at(1, 1))
    state, _ = lived(started(), planned, (sub.ChangePlan("c", season, sub.When.NOW), at(1, 1, 13)))
    assert state.history[-1].end == at(2, 1, 0)
    assert len(state.history) == 2


def test_what_is_planned_for_the_periods_end_moves_with_it():
    planned = (sub.ChangePlan("down", SMALL), at(1, 15))
    for zone in ("Pacific/Honolulu", "Pacific/Auckland"):
        moves = (sub.Move("m", zone), at(1, 16)), (sub.Move("n", "Asia/Tokyo"), at(1, 17))
        _, owed = lived(started(BIG), planned, *moves, (sub.Advance("t"), at(2, 2)))
        assert owed == [[6200], [], [], [], [3100]]
