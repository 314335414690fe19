"""Quarantine: mended, set aside or judged again, each event is counted once, and what people did is known."""

from datetime import timedelta
from typing import Any

import pytest

DAY = ("2026-03-01", "2026-03-02")
TEN = "2026-03-01T10:00:00Z"


def which(*ids: str) -> Any:
    from abaque.storage.read.quarantine import Which

    return Which(events=tuple(("/test", one) for one in ids))


def of(reason: str, **parts: str) -> Any:
    from abaque.storage.read.quarantine import Cause, Which

    return Which(cause=Cause(reason, **parts))


def dismiss(house: Any, events: Any, reason: str = "a test of ours") -> dict[str, Any]:
    from abaque.billing.dismiss import DismissEvents, dismiss_events

    return dict(house.perform(dismiss_events, DismissEvents(events, reason)))


def replay(house: Any, events: Any) -> dict[str, Any]:
    from abaque.billing.replay import ReplayEvents, replay_events

    return dict(house.perform(replay_events, ReplayEvents(events)))


def correct(house: Any, kind: str, events: Any, reason: str = "sent in error", **more: Any) -> dict[str, Any]:
    from abaque.billing.correct_event import CorrectEvents, correct_events

    return dict(house.perform(correct_events, CorrectEvents(kind, events, reason, **more)))


def causes() -> set[tuple[str, str, str, str, int]]:
    from abaque.storage.read.quarantine import quarantine

    return {
        (one.cause.reason, one.cause.meter, one.cause.type, one.cause.subject, one.events)
        for one in quarantine().causes
    }


def open_count() -> int:
    from abaque.storage.read.quarantine import open_count

    return open_count()


def test_quarantine_is_told_by_reason_and_cause(house):
    house.shop()
    house.capture(
        house.event("a", TEN, subject="nobody", pages=1),
        house.event("b", TEN, subject="nobody", pages=1),
        house.event("c", TEN),
        house.event("d", TEN, pages="many"),
        house.event("e", "2026-03-20T10:00:00Z", pages=1),
    )
    house.meter()
    assert causes() == {
        ("unknown_customer", "", "", "nobody", 2),
        ("missing_value", "pages", "document.processed", "", 1),
        ("bad_value", "pages", "document.processed", "", 1),
        ("future", "", "document.processed", "", 1),
    }
    assert open_count() == 5


def test_a_refused_correction_is_quarantined_too(house):
    house.shop()
    house.capture(house.event("a", TEN, pages=1))
    house.meter()
    void = correct(house, "void", which("a"))["corrections"][0]
    house.meter()
    source = house.rows("SELECT source FROM identity WHERE id = %s", [void])[0][0]
    again = house.event("again", "2026-03-05T10:00:00Z", type="abaque.void")
    again["data"] = {"source": source, "id": void, "reason": "the void was wrong"}
    house.capture(again)
    house.meter()
    assert causes() == {("target_is_void", "", "", "", 1)}
    assert dismiss(house, of("target_is_void"))["count"] == 1
    assert causes() == set()
    house.check()


def test_what_is_dismissed_is_not_counted_when_its_cause_is_mended(house):
    house.shop()
    house.capture(
        house.event("a", TEN, subject="new", pages=1), house.event("b", TEN, subject="new", pages=2)
    )
    house.meter()
    done = dismiss(house, which("a"))
    assert (done["count"], done["more"]) == (1, False)
    assert open_count() == 1
    house.customer("new")
    house.meter()
    assert house.fates("pages") == {"a": ("quarantined", "unknown_customer"), "b": ("counted", None)}
    assert house.usage("pages", *DAY, customer="new") == 2
    house.check()


def test_what_was_dismissed_can_be_taken_back_and_counts(house):
    from abaque.billing.dismiss import TakeBack, take_back
    from abaque.storage.read.quarantine import history

    house.shop()
    house.capture(house.event("a", TEN, subject="new", pages=3))
    house.meter()
    dismiss(house, which("a"))
    house.customer("new")
    house.meter()
    assert house.usage("pages", *DAY, customer="new") == 0
    house.perform(take_back, TakeBack((("/test", "a"),), "it was real"))
    house.meter()
    assert house.usage("pages", *DAY, customer="new") == 3
    assert [(one.verb, one.reason) for one in history("/test", "a")] == [
        ("dismiss_events", "a test of ours"),
        ("take_back", "it was real"),
    ]
    house.check()


def test_a_dismissed_event_of_the_future_stays_aside_when_its_time_comes(house):
    house.shop()
    house.capture(
        house.event("a", "2026-03-10T14:00:00Z", pages=1), house.event("b", "2026-03-10T14:00:00Z", pages=1)
    )
    house.meter()
    dismiss(house, which("a"))
    house.now += timedelta(hours=3)
    house.meter()
    assert house.fates("pages") == {"a": ("quarantined", "future"), "b": ("counted", None)}
    house.check()


def test_replay_twice_counts_nothing_twice(house):
    from abaque.storage.models import Alias, Customer

    house.shop()
    house.capture(house.event("a", TEN, subject="new", pages=3), house.event("b", TEN, pages="?"))
    house.meter()
    # Somebody mended the cause behind the meter's back.
    Alias.objects.create(subject="new", customer=Customer.objects.get())
    assert replay(house, of("unknown_customer"))["count"] == 1
    assert replay(house, of("unknown_customer"))["count"] == 1
    replay(house, of("bad_value"))
    house.meter()
    assert house.usage("pages", *DAY) == 3
    assert house.usage("documents", *DAY) == 2
    assert replay(house, of("unknown_customer"))["count"] == 0
    assert house.fates("pages")["b"] == ("quarantined", "bad_value")
    house.check()


def test_many_events_are_amended_at_once_and_keep_what_they_had(house):
    house.shop()
    house.capture(
        house.event("a", TEN, document_id="d1", n=1.50),
        house.event("b", TEN, document_id="d2", deep={"x": 1}),
        house.event("c", TEN, document_id="d3", pages=4),
    )
    house.meter()
    cause = of("missing_value", meter="pages", type="document.processed")
    done = correct(house, "amend", cause, "the pages were lost", attributes={"pages": "2"})
    assert done["count"] == 2
    house.meter()
    assert house.usage("pages", *DAY) == 8
    assert house.usage("documents", *DAY) == 3
    data = house.rows("SELECT data::text FROM event WHERE amends IS NOT NULL ORDER BY id, data::text")
    assert sorted(row[0] for row in data) == [
        '{"deep": {"x": 1}, "pages": 2, "document_id": "d2"}',
        '{"n": 1.5, "pages": 2, "document_id": "d1"}',
    ]
    assert open_count() == 0
    house.check()


def test_an_amendment_that_is_quarantined_is_amended_in_turn(house):
    house.shop()
    house.capture(house.event("a", TEN, pages="?"))
    house.meter()
    correct(house, "amend", of("bad_value"), attributes={"pages": '"still wrong"'})
    house.meter()
    assert causes() == {("bad_value", "pages", "document.processed", "", 1)}
    correct(house, "amend", of("bad_value"), attributes={"pages": "7"})
    house.meter()
    assert house.usage("pages", *DAY) == 7
    assert causes() == set()
    house.check()


def test_an_amended_value_may_lie_deep(house):
    from abaque.storage.read.quarantine import Picked, amended_data

    house.shop()
    house.capture(house.event("a", TEN, llm={"tokens": {"in": 1}}, flat=3))
    [(seq, time)] = house.rows("SELECT seq, time FROM event")
    one = [Picked(seq, time, "/test", "a")]
    assert (
        amended_data(one, {"llm.tokens.out": "2"})[seq]
        == '{"llm": {"tokens": {"in": 1, "out": 2}}, "flat": 3}'
    )
    assert amended_data(one, {"flat.x": "1"})[seq] == '{"llm": {"tokens": {"in": 1}}, "flat": {"x": 1}}'
    assert amended_data(one, {"it's 100%": "null"})[seq].startswith('{"llm"')


def test_the_time_of_an_event_from_the_future_is_amended(house):
    house.shop()
    house.capture(house.event("a", "2027-03-01T10:00:00Z", pages=5))
    house.meter()
    correct(house, "amend", which("a"), replacement={"time": TEN})
    house.meter()
    assert house.usage("pages", *DAY) == 5
    assert open_count() == 0
    house.check()


def test_a_correction_by_hand_names_the_person_and_is_an_event_like_any(house):
    from abaque.billing.correct_event import CorrectEvents, correct_events
    from abaque.billing.permissions import Actor, Kind

    house.shop()
    house.capture(house.event("a", TEN, pages=5))
    house.meter()
    lea = Actor(Kind.STAFF, "lea@papier.example", frozenset({"finance"}))
    command = CorrectEvents("void", which("a"), "never happened")
    done = house.perform(correct_events, command, by=lea, key="k")
    assert house.perform(correct_events, command, by=lea, key="k") == done
    house.meter()
    assert house.rows("SELECT source, data ->> 'reason' FROM event WHERE type = 'abaque.void'") == [
        ("/abaque/staff:lea@papier.example", "never happened")
    ]
    assert house.usage("pages", *DAY) == 0
    house.check()


@pytest.mark.parametrize(
    ("kind", "reason", "more", "code"),
    [
        ("void", " ", {}, "reason_needed"),
        ("amend", "because", {}, "nothing_to_amend"),
        ("amend", "because", {"attributes": {"a..b": "1"}}, "bad_attribute"),
        ("amend", "because", {"replacement": {"time": "yesterday"}}, "correction_refused"),
        ("erase", "because", {}, "unknown_value"),
    ],
)
def test_what_cannot_be_corrected_is_refused_and_nothing_is_stored(house, kind, reason, more, code):
    from abaque.core.fault import Fault

    house.shop()
    house.capture(house.event("a", TEN, pages=5))
    house.meter()
    with pytest.raises(Fault) as refused:
        correct(house, kind, which("a"), reason, **more)
    assert refused.value.code == code
    assert house.rows("SELECT count(*) FROM event") == [(1,)]


def test_a_void_and_an_unknown_event_cannot_be_corrected(house):
    from abaque.core.fault import Fault
    from abaque.storage.read.quarantine import Which

    house.shop()
    house.capture(house.event("a", TEN, pages=5))
    house.meter()
    void = correct(house, "void", which("a"))["corrections"][0]
    source = house.rows("SELECT source FROM identity WHERE id = %s", [void])[0][0]
    for events in (Which(events=((source, void),)), which("nothing"), Which()):
        with pytest.raises(Fault) as refused:
            correct(house, "void", events)
        assert refused.value.code == "unknown_event"


def test_a_dated_alias_gives_events_of_its_span_only(house):
    from abaque.billing.give_alias import GiveAlias, give_alias
    from abaque.core.fault import Fault

    house.shop("dupont", "martin")
    house.capture(
        house.event("a", "2026-03-01T10:00:00Z", subject="shared", pages=1),
        house.event("b", "2026-03-05T10:00:00Z", subject="shared", pages=2),
    )
    house.meter()
    fifth = house.instant("2026-03-05")
    house.perform(give_alias, GiveAlias("shared", "dupont", None, fifth))
    house.meter()
    assert house.fates("pages") == {"a": ("counted", None), "b": ("quarantined", "unknown_customer")}
    for start, end in (
        (None, None),
        (house.instant("2026-03-04"), None),
        (None, house.instant("2026-01-01")),
    ):
        with pytest.raises(Fault) as refused:
            house.perform(give_alias, GiveAlias("shared", "martin", start, end))
        assert refused.value.code == "alias_taken"
    house.perform(give_alias, GiveAlias("shared", "martin", fifth, None))
    house.meter()
    assert house.usage("pages", "2026-03-01", "2026-03-08") == 1
    assert house.usage("pages", "2026-03-01", "2026-03-08", customer="martin") == 2
    house.check()


def test_a_recount_goes_on_past_events_that_stay_quarantined(house):
    from abaque.billing.give_alias import GiveAlias, give_alias
    from abaque.billing.meter import recount_chunk

    house.shop()
    house.capture(
        *(house.event(f"e{n}", f"2026-03-0{n}T10:00:00Z", subject="s", pages=1) for n in range(1, 7))
    )
    house.meter()
    house.perform(give_alias, GiveAlias("s", "dupont", house.instant("2026-03-06"), None))
    while recount_chunk(now=house.now, events=2):
        pass
    assert house.usage("pages", "2026-03-01", "2026-03-08") == 1
    house.check()


def test_a_product_may_not_settle_the_quarantine():
    from abaque.billing.permissions import Actor, Kind, allow

    product = Actor(Kind.KEY, "key_1", frozenset({"events:write"}))
    verbs = ("dismiss_events", "take_back", "replay_events", "correct_events", "give_alias")
    assert not any(allow(product, verb) for verb in verbs)
