from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.metering import (
    Aggregate,
    Change,
    Event,
    Fate,
    LevelAtStart,
    Meter,
    combine,
    fold,
    fold_values,
    judge,
    judge_all,
    merge,
    slot_of,
    value,
)

START = datetime(2026, 3, 1, tzinfo=UTC)
METERS = [
    Meter("count", ("doc",), Aggregate.COUNT, group_by=("model",)),
    Meter("sum", ("doc",), Aggregate.SUM, "pages", group_by=("model",)),
    Meter("max", ("doc",), Aggregate.MAX, "pages"),
    Meter("unique", ("doc",), Aggregate.UNIQUE, "user"),
    Meter("operations", ("doc",), Aggregate.COUNT, group_by=("model",), operation="job"),
    Meter("operated", ("doc",), Aggregate.SUM, "pages", operation="job"),
    Meter("min", ("doc",), Aggregate.MIN, "pages"),
    Meter("average", ("doc",), Aggregate.AVERAGE, "pages", group_by=("model",)),
    Meter("latest", ("doc",), Aggregate.LATEST, "pages", group_by=("model",)),
    Meter("weighted", ("doc",), Aggregate.TIME_WEIGHTED, "pages"),
    Meter("seats", ("doc",), Aggregate.UNIQUE, "user", change=Change("model", ("small",), ("large",))),
    Meter("carried", ("doc",), Aggregate.MAX, "pages", level_at_start=LevelAtStart.CARRY),
]
KEEPS_IDENTITIES = [meter for meter in METERS if meter.keeps_marks or meter.code == "carried"]


def optional(key, values):
    return st.one_of(st.just({}), values.map(lambda found: {key: found}))


data = st.tuples(
    optional("outcome", st.sampled_from(["success", "failure"])),
    optional("model", st.sampled_from(["small", "large"])),
    optional("job", st.sampled_from(["j1", "j2", "j3"])),
    optional("user", st.sampled_from(["ann", "bob", 7])),
    optional("pages", st.integers(-5, 50) | st.sampled_from([Decimal("0.5"), "2.25", "many"])),
).map(lambda parts: {key: found for part in parts for key, found in part.items()})
events = st.lists(
    st.builds(
        Event,
        st.sampled_from(["app", "batch"]),
        st.integers(0, 60).map(str),
        st.sampled_from(["doc", "doc", "doc", "other"]),
        st.just("acme"),
        st.integers(0, 40).map(lambda n: START + timedelta(minutes=n)),
        data,
        st.sampled_from(["one", "one", "two", None]),
    ),
    max_size=25,
    unique_by=lambda event: (event.source, event.id),
)
meters = st.sampled_from(METERS)


@given(meters, events, st.integers(0, 25))
def test_a_merge_of_folds_is_the_fold_of_the_union(meter, stream, cut):
    left, right = stream[:cut], stream[cut:]
    assert merge(meter, fold(meter, left), fold(meter, right)) == fold(meter, stream)


@given(meters, events, st.integers(0, 25), st.integers(0, 25))
def test_merging_is_commutative_and_associative(meter, stream, one, two):
    first, second = sorted((one, two))
    a, b, c = (fold(meter, part) for part in (stream[:first], stream[first:second], stream[second:]))
    assert merge(meter, a, b) == merge(meter, b, a)
    assert merge(meter, merge(meter, a, b), c) == merge(meter, a, merge(meter, b, c))
    assert merge(meter, a, {}) == a == merge(meter, {}, a)


@given(st.sampled_from(KEEPS_IDENTITIES), events, st.integers(0, 25), st.integers(0, 25))
def test_what_keeps_identities_may_overlap(meter, stream, one, two):
    first, second = sorted((one, two))
    assert merge(meter, fold(meter, stream[:second]), fold(meter, stream[first:])) == fold(meter, stream)


@given(st.sampled_from(METERS[4:6]), events, st.integers(0, 25), st.integers(0, 25))
def test_operations_that_both_parts_know_count_once(meter, stream, one, two):
    keyed = [event for event in stream if "job" in event.data]
    first, second = sorted((one, two))
    assert merge(meter, fold(meter, keyed[:second]), fold(meter, keyed[first:])) == fold(meter, keyed)


@given(meters, events, st.randoms())
def test_any_partition_in_any_order_merges_to_the_fold(meter, stream, random):
    parts = [[], [], [], []]
    for event in stream:
        random.choice(parts).append(event)
    random.shuffle(parts)
    merged = {}
    for part in parts:
        merged = merge(meter, merged, fold(meter, part))
    assert merged == fold(meter, stream)


@given(meters, events, st.randoms())
def test_order_and_repetition_change_nothing(meter, stream, random):
    again = stream + stream[: len(stream) // 2]
    random.shuffle(again)
    assert fold(meter, again) == fold(meter, stream)


@given(meters, events)
def test_counted_events_are_the_usage(meter, stream):
    fates = judge_all(meter, stream)
    assert len(fates) == len(stream)
    usage = fold(meter, stream)
    counted = [event for event in stream if fates[event.source, event.id].fate is Fate.COUNTED]
    assert sum(state.count for state in usage.values()) == len(counted)
    assert {(event.customer, slot_of(event.time)) for event in counted} == {(key[0], key[2]) for key in usage}


@given(events)
def test_each_aggregate_is_what_its_name_says(stream):
    for meter in (*METERS[:4], *METERS[6:9]):
        found = fold_values(meter, stream)
        kept: dict = {}
        for event in stream:
            judgement = judge(event, meter)
            if judgement.fate is Fate.COUNTED:
                kept.setdefault((event.customer, judgement.group), []).append((event, judgement))
        assert found.keys() == kept.keys()
        for key, pairs in kept.items():
            pairs.sort(key=lambda pair: (pair[0].time, pair[0].source, pair[0].id))
            assert found[key] == by_hand(meter.code, [judgement for _, judgement in pairs])


def by_hand(code, judgements):
    quantities = [judgement.quantity for judgement in judgements]
    match code:
        case "count":
            return len(judgements)
        case "sum":
            return sum(quantities)
        case "max":
            return max(quantities)
        case "min":
            return min(quantities)
        case "latest":
            return quantities[-1]
        case "average":
            exact = Fraction(sum(quantities)) / len(quantities)
            return Decimal(to_nearest(exact * 10**12)).scaleb(-12)
        case "unique":
            return len({judgement.value for judgement in judgements})


def to_nearest(exact):
    size = (2 * abs(exact) + 1) // 2
    return size if exact >= 0 else -size


@given(st.sampled_from(METERS[4:6]), events)
def test_an_operation_is_one_unit_of_its_earliest_success(meter, stream):
    fates = judge_all(meter, stream)
    wins: dict = {}
    for event in stream:
        alone = judge(event, meter)
        if alone.fate is Fate.COUNTED and alone.operation is not None:
            wins.setdefault((event.customer, alone.operation), []).append(event)
        else:
            assert fates[event.source, event.id] == alone
    for attempts in wins.values():
        first, *others = sorted(attempts, key=lambda event: (event.time, event.source, event.id))
        assert fates[first.source, first.id].fate is Fate.COUNTED
        for other in others:
            judgement = fates[other.source, other.id]
            assert (judgement.fate, judgement.reason) == (Fate.NOT_BILLABLE, "attempt")


def attempt(number, minute, outcome, **more):
    when = START + timedelta(minutes=minute)
    return Event("app", str(number), "doc", "acme", when, {"outcome": outcome, "job": "j1", **more}, "one")


def test_several_attempts_by_hand():
    meter = METERS[4]
    stream = [
        attempt(1, 40, "success", model="large"),
        attempt(2, 5, "failure", model="small"),
        attempt(3, 20, "success", model="small"),
    ]
    assert {key: value(state) for key, state in fold(meter, stream).items()} == {
        ("one", ("small",), START + timedelta(minutes=15)): 1
    }
    assert [judge_all(meter, stream)["app", str(n)].reason for n in (1, 2, 3)] == ["attempt", "failure", None]
    # A success that comes late but happened earlier takes the unit to its own slot.
    late = attempt(4, 2, "success", model="small")
    assert list(merge(meter, fold(meter, stream), fold(meter, [late]))) == [("one", ("small",), START)]


def test_two_successes_in_one_quarter_hour_leave_one():
    meter = METERS[4]
    one, two, later = (attempt(n, minute, "success") for n, minute in ((1, 5), (2, 6), (3, 30)))
    merged = merge(meter, fold(meter, [two]), fold(meter, [one]))
    assert merged == fold(meter, [one])
    assert merge(meter, merged, fold(meter, [later])) == fold(meter, [one])


def test_an_operation_that_never_succeeded_is_never_billed():
    assert fold(METERS[4], [attempt(n, n, "failure") for n in range(5)]) == {}


def test_events_without_a_key_are_operations_of_their_own():
    stream = [Event("app", str(n), "doc", "acme", START, {}, "one") for n in range(3)]
    assert fold_values(METERS[4], stream) == {("one", (None,)): 3}


def test_usage_of_nothing_is_zero():
    for aggregate in Aggregate:
        assert value(combine(aggregate, [])) == 0


def test_an_average_by_hand():
    stream = [
        Event("app", str(n), "doc", "acme", START, {"pages": pages}, "one")
        for n, pages in enumerate([1, "2.5", Decimal(-3), 4, 4, 5])
    ]
    # 13.5 over 6 is 2.25; of the first two 1.75; of the first three 0.5 / 3.
    assert fold_values(METERS[7], stream) == {("one", (None,)): Decimal("2.25")}
    assert fold_values(METERS[7], stream[:2]) == {("one", (None,)): Decimal("1.75")}
    assert fold_values(METERS[7], stream[:3]) == {("one", (None,)): Decimal("0.166666666667")}


def test_the_latest_by_receipt_source_and_id():
    def said(source, id_, received, pages):
        when = None if received is None else START + timedelta(hours=received)
        return Event(source, id_, "doc", "acme", START, {"pages": pages}, "one", when)

    latest = METERS[8]
    assert fold_values(latest, [said("app", "1", 2, 10), said("app", "2", 1, 20)]) == {("one", (None,)): 10}
    assert fold_values(latest, [said("app", "1", None, 10), said("batch", "0", None, 20)]) == {
        ("one", (None,)): 20
    }
    assert fold_values(latest, [said("app", "1", 1, 10), said("app", "2", 1, 20)]) == {("one", (None,)): 20}


def test_a_weighted_level_has_no_value_without_a_span():
    with pytest.raises(Fault, match="span_needed"):
        fold_values(METERS[9], [Event("app", "1", "doc", "acme", START, {"pages": 1}, "one")])
