"""The auditor itself, on cases small enough to be worked out by hand; corrections above all."""

import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.year import traffic
from tests.year.auditor import Auditor, Prediction, rolled

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
METERS = {
    "pages": {"event": "done", "aggregate": "sum", "value": "pages"},
    "jobs": {"event": "done", "aggregate": "count", "operation": "job"},
    "peak": {"event": ["done", "measured"], "aggregate": "max", "value": "pages"},
    "readers": {"event": "read", "aggregate": "unique", "value": "reader", "group_by": ["room"]},
    "paid": {"event": "read", "aggregate": "count", "where": {"paid": [True]}},
}


@dataclass
class Told:
    """An auditor that knows ann and bob, and short words for what it is told and asked."""

    auditor: Auditor = field(default_factory=lambda: Auditor(["/s", "/t"]))
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.auditor.publish(METERS)
        for customer in ("ann", "bob"):
            self.auditor.know(customer, customer)

    def verdicts(self, *events: dict[str, Any]) -> list[tuple[str, str | None]]:
        told = self.auditor.receive(json.dumps(events), "batch", self.now)
        return [(one.word, one.reason) for one in told or ()]

    def say(self, *events: dict[str, Any]) -> "Told":
        assert {word for word, _ in self.verdicts(*events)} <= {"accepted"}
        return self

    @property
    def predicted(self) -> Prediction:
        return self.auditor.predict(self.now)

    def shown(self) -> dict[str, str]:
        predicted = self.predicted
        return {identity[1]: predicted.shown(identity) for identity in self.auditor.events}

    def fates(self, id_: str, source: str = "/s") -> dict[str, tuple[str, str | None]]:
        return {code: (one.word, one.reason) for code, one in self.predicted.fates[source, id_].items()}

    def usage(self, meter: str, customer: str = "ann") -> Decimal:
        aggregates = {code: str(one["aggregate"]) for code, one in METERS.items()}
        together = rolled(self.predicted.slots, aggregates, lambda _: "", groups=False)
        return together.get((customer, meter, "", None), (Decimal(0), 0, 0))[0]


def event(id_: str, hour: int = 8, subject: str = "ann", type_: str = "done", **data: Any) -> dict[str, Any]:
    time = f"2026-03-01T{hour:02}:00:00Z"
    return {"source": "/s", "id": id_, "type": type_, "subject": subject, "time": time, "data": data}


def void(id_: str, of: str, hour: int = 9, source: str = "/s") -> dict[str, Any]:
    return {**event(id_, hour, type_="abaque.void", source="/s", id=of, reason="twice"), "source": source}


def amend(
    id_: str, of: str, hour: int = 9, source: str = "/s", of_source: str = "/s", **by: Any
) -> dict[str, Any]:
    data = {"source": of_source, "id": of, "reason": "a mistake", "replacement": by}
    return {**event(id_, hour, type_="abaque.amend", **data), "source": source}


APPLIED = ("applied", None)
COUNTED = ("counted", None)
REPLACED = ("replaced", None)
VOIDED = ("voided", None)


# What counts.


def test_a_day_worked_out_by_hand():
    told = Told().say(
        event("1", 8, pages=3, job="a", outcome="failure"),
        event("2", 10, pages=4, job="a"),
        event("3", 9, pages=5, job="a"),
        event("4", 9, pages="2.5", job="b"),
        event("5", 9, pages="many"),
        event("6", 9, "bob", pages=100),
        event("7", 9, "carl", pages=100),
        event("8", 9, type_="unheard of"),
    )
    assert told.fates("1")["pages"] == ("not_billable", "failure")
    assert told.fates("2") == {"pages": COUNTED, "jobs": ("not_billable", "attempt"), "peak": COUNTED}
    assert told.fates("3")["jobs"] == COUNTED
    assert told.fates("5") == {
        "pages": ("quarantined", "bad_value"),
        "jobs": COUNTED,
        "peak": ("quarantined", "bad_value"),
    }
    assert told.fates("7")["jobs"] == ("quarantined", "unknown_customer")
    assert told.fates("8") == {"": ("recorded", None)}
    assert (told.usage("pages"), told.usage("jobs"), told.usage("peak")) == (Decimal("11.5"), 3, 5)
    assert told.usage("pages", "bob") == 100


def test_a_reader_counts_once_in_all_and_once_in_each_group():
    told = Told().say(
        *(
            event(f"{n}", 8 + n, type_="read", reader=who, room=room)
            for n, (who, room) in enumerate(("aA", "aB", "bA"))
        )
    )
    assert told.usage("readers") == 2
    by_room = rolled(told.predicted.slots, {"readers": "unique"}, lambda _: "", groups=True)
    assert {key[3]: figures[0] for key, figures in by_room.items()} == {("A",): 2, ("B",): 1}
    assert told.fates("1")["paid"] == ("not_billable", "filtered")


def test_a_subject_is_somebody_s_for_as_long_as_it_is_lent():
    told = Told()
    told.auditor.know("box", "ann", None, datetime(2026, 3, 1, 9, tzinfo=UTC))
    told.auditor.know("box", "bob", datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC))
    told.say(*(event(str(hour), hour, "box", pages=hour) for hour in (8, 9, 10, 11)))
    assert (told.usage("pages"), told.usage("pages", "bob")) == (8, 19)
    assert told.fates("11")["pages"] == ("quarantined", "unknown_customer")


def test_what_is_an_hour_ahead_counts_and_what_is_farther_waits_for_its_time():
    told = Told(now=datetime(2026, 3, 1, 7, tzinfo=UTC)).say(event("1", 8, pages=1), event("2", 9, pages=2))
    assert (told.shown(), told.usage("pages")) == ({"1": "counted", "2": "quarantined"}, 1)
    told.now += timedelta(hours=1)
    assert told.usage("pages") == 3


def test_verdicts_worked_out_by_hand():
    told = Told()
    one, untimed = event("1", pages=1), {key: value for key, value in event("2").items() if key != "time"}
    assert told.verdicts(one, one, untimed, {**one, "subject": "bob"}) == [
        ("accepted", None),
        ("duplicate", None),
        ("accepted", None),
        ("conflict", None),
    ]
    told.now += timedelta(hours=1)
    assert told.verdicts(untimed, {**untimed, "time": NOW.isoformat()}) == [
        ("duplicate", None),
        ("conflict", None),
    ]
    assert told.auditor.events["/s", "2"].time == NOW
    assert told.auditor.receive("[1, ", "batch", NOW) is None
    lines = '{"id": "x", \n\n{"id": "x", "id": "y"}\n{"n": 1e99}\n'
    assert [one.reason for one in told.auditor.receive(lines, "lines", NOW) or ()] == [
        "malformed_json",
        "duplicate_key",
        "number_too_long",
    ]


# Corrections.


def test_a_void_takes_an_event_away_from_every_meter():
    told = Told().say(event("1", pages=3), event("2", pages=9), void("v", "2"))
    assert told.fates("2") == {"pages": VOIDED, "jobs": VOIDED, "peak": VOIDED}
    assert told.fates("v") == {"": APPLIED}
    assert (told.usage("pages"), told.usage("jobs"), told.usage("peak")) == (3, 1, 3)


def test_a_void_of_what_no_meter_counts_shows():
    told = Told().say(event("1", type_="unheard of"), void("v", "1"))
    assert told.fates("1") == {"": VOIDED}


def test_a_correction_waits_for_what_it_corrects():
    told = Told().say(void("v", "1"), amend("a", "2", data={"pages": 7}))
    assert told.fates("v") == told.fates("a") == {"": ("waiting", "target_unknown")}
    told.say(event("1", pages=3), event("2", pages=9))
    assert told.shown() == {"v": "applied", "a": "counted", "1": "voided", "2": "replaced"}
    assert told.usage("pages") == 7


def test_an_amend_counts_in_the_place_of_its_target_under_its_own_identity():
    told = Told().say(event("1", 8, pages=3, job="a"), amend("x", "1", data={"pages": 5}))
    assert told.fates("1") == {"pages": REPLACED, "jobs": REPLACED, "peak": REPLACED}
    assert told.fates("x") == {"": APPLIED, "pages": COUNTED, "jobs": COUNTED, "peak": COUNTED}
    assert [(key[0], key[3].hour) for key in told.predicted.slots] == [("ann", 8)] * 3
    assert told.usage("pages") == 5


def test_an_amend_takes_over_what_it_does_not_give_and_what_it_gives_is_whole():
    told = Told().say(
        event("1", 8, pages=3, job="a"),
        amend("x", "1", time="2026-03-01T11:20:00+01:00"),
        event("2", 8, pages=3, job="b"),
        amend("y", "2", subject="bob", data={"job": "c"}),
    )
    assert told.fates("x")["pages"] == COUNTED
    assert told.fates("y")["pages"] == ("quarantined", "missing_value")
    assert (told.usage("pages"), told.usage("jobs", "bob")) == (3, 1)
    assert {key[3] for key in told.predicted.slots if key[0] == "ann"} == {
        datetime(2026, 3, 1, 10, 15, tzinfo=UTC)
    }


def test_an_amend_can_make_it_another_type():
    told = Told().say(
        event("1", pages=3),
        amend("x", "1", type="measured"),
        event("2", pages=3),
        amend("y", "2", type="unheard of"),
    )
    assert told.fates("x") == {"": APPLIED, "peak": COUNTED}
    assert told.fates("y") == {"": ("recorded", None)}
    assert told.fates("1") == {"pages": REPLACED, "jobs": REPLACED, "peak": REPLACED}


def test_an_amend_for_a_customer_nobody_knows_counts_once_it_is_known():
    told = Told().say(event("1", pages=3), amend("x", "1", subject="carl"))
    assert told.shown() == {"1": "replaced", "x": "quarantined"}
    told.auditor.know("carl", "carl")
    assert (told.usage("pages", "carl"), told.usage("pages")) == (3, 0)


def test_an_amend_of_an_amend_begins_from_the_first_one():
    told = Told().say(
        event("1", 8, pages=3),
        amend("x", "1", data={"pages": 5}),
        amend("y", "x", subject="bob"),
    )
    assert told.shown() == {"1": "replaced", "x": "replaced", "y": "counted"}
    assert told.usage("pages", "bob") == 5


def test_voiding_an_amend_puts_back_what_stood_before():
    told = Told().say(
        event("1", pages=3), amend("x", "1", data={"pages": 5}), amend("y", "x", data={"pages": 7})
    )
    assert told.usage("pages") == 7
    told.say(void("v", "y"))
    assert (told.shown(), told.usage("pages")) == (
        {"1": "replaced", "x": "counted", "y": "voided", "v": "applied"},
        5,
    )
    told.say(void("w", "x"))
    assert (told.shown()["1"], told.shown()["x"], told.usage("pages")) == ("counted", "voided", 3)


def test_an_amend_of_a_voided_amend_is_voided_with_it():
    told = Told().say(
        event("1", pages=3),
        amend("x", "1", data={"pages": 5}),
        amend("y", "x", data={"pages": 7}),
        void("v", "x"),
    )
    assert told.shown() == {"1": "counted", "x": "voided", "y": "voided", "v": "applied"}


def test_voiding_an_event_voids_everything_that_amended_it():
    told = Told().say(
        event("1", pages=3),
        amend("x", "1", data={"pages": 5}),
        amend("y", "x", data={"pages": 7}),
        void("v", "1"),
    )
    assert told.shown() == {"1": "voided", "x": "voided", "y": "voided", "v": "applied"}
    assert told.fates("y")["pages"] == VOIDED
    assert told.predicted.slots == {}


def test_of_several_amends_the_latest_by_its_own_time_stands():
    told = Told().say(
        event("1", pages=1),
        amend("late", "1", 11, data={"pages": 2}),
        amend("early", "1", 9, data={"pages": 3}, time="2026-03-02T08:00:00Z"),
    )
    assert told.shown() == {"1": "replaced", "late": "counted", "early": "replaced"}
    told.say(void("v", "late"))
    assert told.shown() == {"1": "replaced", "late": "voided", "early": "counted", "v": "applied"}


def test_of_amends_of_one_time_the_greatest_source_then_id_stands():
    told = Told().say(
        event("1", pages=1),
        amend("z", "1", data={"pages": 2}),
        amend("a", "1", data={"pages": 3}, source="/t"),
        amend("b", "1", data={"pages": 4}, source="/t"),
    )
    assert told.usage("pages") == 4


def test_what_amends_a_losing_amend_is_replaced_with_it():
    told = Told().say(
        event("1", pages=1),
        amend("loses", "1", 9, data={"pages": 2}),
        amend("wins", "1", 10, data={"pages": 3}),
        amend("below", "loses", 11, data={"pages": 4}),
    )
    assert told.shown() == {"1": "replaced", "loses": "replaced", "wins": "counted", "below": "replaced"}


def test_a_void_cannot_be_corrected():
    told = Told().say(event("1", pages=1), void("v", "1"), void("w", "v"), amend("x", "v", data={}))
    assert told.fates("w") == told.fates("x") == {"": ("quarantined", "target_is_void")}
    assert told.shown()["1"] == "voided"


def test_a_voided_first_success_gives_its_operation_to_the_next_attempt():
    told = Told().say(event("1", 8, job="a", pages=1), event("2", 10, job="a", pages=1))
    assert told.fates("2")["jobs"] == ("not_billable", "attempt")
    told.say(void("v", "1", 11))
    assert told.fates("2")["jobs"] == COUNTED
    assert told.usage("jobs") == 1


def test_an_amended_time_decides_which_attempt_is_first():
    told = Told().say(
        event("1", 8, job="a", pages=1),
        event("2", 10, job="a", pages=1),
        amend("x", "1", time="2026-03-01T11:00:00Z"),
    )
    assert (told.fates("2")["jobs"], told.fates("x")["jobs"]) == (COUNTED, ("not_billable", "attempt"))


def test_the_order_of_arrival_never_matters():
    events = (
        event("1", 8, job="a", pages=1),
        amend("x", "1", 9, data={"pages": 5, "job": "a"}),
        amend("y", "x", 10, time="2026-03-01T12:00:00Z"),
        amend("z", "1", 9, data={"pages": 7, "job": "a"}),
        event("2", 11, job="a", pages=2),
        void("v", "z", 9),
    )
    told = [Told().say(*one) for one in itertools.islice(itertools.permutations(events), 0, None, 7)]
    assert {str(sorted(one.shown().items())) for one in told} == {str(sorted(told[0].shown().items()))}
    assert {one.usage("pages") for one in told} == {Decimal(7)}


def test_an_amend_of_an_amend_that_waits_waits_too():
    told = Told().say(amend("x", "1", data={"pages": 5}), amend("y", "x", subject="bob"))
    assert told.shown() == {"x": "waiting", "y": "waiting"}
    told.say(void("v", "x"))
    assert told.shown()["x"] == "voided"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"source": "/s", "id": "1"},
        {"source": "/s", "id": 1, "reason": "r"},
        {"source": "", "id": "1", "reason": "r"},
        {"source": "/s", "id": "1", "reason": "r"},
        {"source": "/s", "id": "1", "reason": "r", "replacement": [1]},
        {"source": "/s", "id": "1", "reason": "r", "replacement": {"time": "yesterday"}},
        {"source": "/s", "id": "1", "reason": "r", "replacement": {"subject": ""}},
        {"source": "/s", "id": "1", "reason": "r", "replacement": {"data": "text"}},
        {"source": "/s", "id": "1", "reason": "r", "replacement": {"type": "abaque.void"}},
    ],
)
def test_a_malformed_correction_is_rejected(data):
    assert Told().verdicts(event("x", type_="abaque.amend", **data)) == [("rejected", "bad_correction")]


def test_a_correction_needs_no_subject_and_can_be_sent_twice():
    told, one = Told(), {key: value for key, value in void("v", "1").items() if key != "subject"}
    assert told.verdicts(one, one) == [("accepted", None), ("duplicate", None)]


# The years themselves.


def heard(seed: int) -> tuple[set[tuple[str, str | None]], set[tuple[str, str | None]]]:
    """Return the verdicts and fates of a year, as the auditor predicts them."""
    auditor, now = Auditor(), traffic.BEGINS
    verdicts: set[tuple[str, str | None]] = set()
    fates: set[tuple[str, str | None]] = set()
    for step in traffic.year(seed):
        now = step.now if isinstance(step, traffic.Move) else now
        if isinstance(step, traffic.Send):
            told = auditor.hear(step, now)
            verdicts |= {("refused", None)} if told is None else {(one.word, one.reason) for one in told}
        else:
            auditor.hear(step, now)
        if isinstance(step, traffic.Compare):
            found = auditor.predict(now).fates.values()
            fates |= {(one.word, one.reason) for of_meters in found for one in of_meters.values()}
    return verdicts, fates


def test_the_same_seed_is_the_same_year():
    assert list(traffic.year(5, 2)) == list(traffic.year(5, 2))
    assert list(traffic.year(5, 2)) != list(traffic.year(6, 2))


@pytest.mark.parametrize("corrections", [False, True])
def test_a_year_holds_what_can_go_wrong(monkeypatch, corrections):
    monkeypatch.setattr(traffic, "CORRECTIONS", corrections)
    verdicts, fates = heard(1)
    words = {"refused", "accepted", "duplicate", "conflict", "rejected"}
    assert {word for word, _ in verdicts} == words
    assert len(verdicts) >= 15
    assert ("rejected", "bad_correction") in verdicts or not corrections
    ordinary = {
        COUNTED,
        ("recorded", None),
        *(("not_billable", reason) for reason in ("failure", "filtered", "attempt")),
        *(("quarantined", reason) for reason in ("unknown_customer", "future", "missing_value", "bad_value")),
    }
    corrected = {APPLIED, VOIDED, REPLACED, ("waiting", "target_unknown"), ("quarantined", "target_is_void")}
    assert fates == ordinary | (corrected if corrections else set())
