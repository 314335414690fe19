"""Corrections: what is voided or amended leaves usage, whatever came first."""

import random
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

DAY = ("2026-03-01", "2026-03-02")


def correction(
    house: Any, identity: str, kind: str, target: str, time: str = "2026-03-05T09:00:00Z", **more: Any
):
    event = house.event(
        identity, time, type=f"abaque.{kind}", source="/test", id=target, reason="sent in error"
    )
    event["source"], event["id"] = "/fix", identity
    event["data"] = {"source": more.pop("source", "/test"), "id": target, "reason": "sent in error", **more}
    del event["subject"]
    return event


def shown(house: Any) -> dict[str, str]:
    """The fate each event shows, by its id."""
    from abaque.storage.read.events import shown_fate

    return {identity: shown_fate(fates).fate for (_, identity), fates in house.all_fates().items()}


def test_a_void_takes_an_event_out_of_usage(house):
    house.shop()
    house.capture(
        house.event("a", "2026-03-01T10:00:00Z", pages=3), house.event("b", "2026-03-01T10:00:00Z", pages=4)
    )
    house.meter()
    house.capture(correction(house, "v", "void", "a"))
    house.meter()
    assert shown(house) == {"a": "voided", "b": "counted", "v": "applied"}
    assert house.usage("pages", *DAY) == 4
    assert house.usage("documents", *DAY) == 1
    house.check()


def test_an_amendment_counts_in_the_place_of_its_target(house):
    house.shop()
    house.capture(house.event("a", "2026-03-01T10:00:00Z", pages=3))
    house.capture(correction(house, "m", "amend", "a", replacement={"data": {"pages": 5}}))
    house.meter()
    assert shown(house) == {"a": "replaced", "m": "counted"}
    assert house.usage("pages", *DAY) == 5
    house.capture(
        correction(house, "n", "amend", "m", source="/fix", replacement={"time": "2026-03-02T01:00:00Z"})
    )
    house.meter()
    assert shown(house) == {"a": "replaced", "m": "replaced", "n": "counted"}
    assert house.usage("pages", *DAY) == 0
    assert house.usage("pages", "2026-03-02", "2026-03-03") == 5
    house.check()


def test_voiding_an_amendment_lets_stand_what_stood_before(house):
    house.shop()
    house.capture(house.event("a", "2026-03-01T10:00:00Z", pages=3))
    house.capture(correction(house, "m", "amend", "a", replacement={"data": {"pages": 5}}))
    house.meter()
    house.capture(correction(house, "v", "void", "m", source="/fix"))
    house.meter()
    assert shown(house) == {"a": "counted", "m": "voided", "v": "applied"}
    assert house.usage("pages", *DAY) == 3
    house.check()


def test_a_correction_waits_for_what_it_corrects(house):
    house.shop()
    house.capture(correction(house, "v", "void", "a"))
    house.meter()
    assert shown(house) == {"v": "waiting"}
    assert house.fates("documents") == {}
    house.capture(house.event("a", "2026-03-01T10:00:00Z", pages=3))
    house.meter()
    assert shown(house) == {"v": "applied", "a": "voided"}
    assert house.usage("pages", *DAY) == 0
    house.check()


def test_a_void_is_not_taken_back_by_a_void(house):
    house.shop()
    house.capture(house.event("a", "2026-03-01T10:00:00Z", pages=3))
    house.capture(correction(house, "v", "void", "a"))
    house.capture(correction(house, "w", "void", "v", source="/fix"))
    house.meter()
    assert shown(house) == {"a": "voided", "v": "applied", "w": "quarantined"}
    house.check()


def test_the_next_attempt_takes_the_place_of_a_voided_success(house):
    house.shop()
    house.capture(
        house.event("first", "2026-03-01T08:00:00Z", document_id="x", pages=1),
        house.event("second", "2026-03-01T10:00:00Z", document_id="x", pages=2),
        house.event("third", "2026-03-01T12:00:00Z", document_id="x", pages=4),
    )
    house.meter()
    house.capture(correction(house, "v", "void", "first"))
    house.meter()
    assert house.fates("documents") == {
        "first": ("voided", None),
        "second": ("counted", None),
        "third": ("not_billable", "attempt"),
    }
    assert house.usage("documents", "2026-03-01T08:00Z", "2026-03-01T08:15Z") == 0
    assert house.usage("documents", "2026-03-01T10:00Z", "2026-03-01T10:15Z") == 1
    house.check()


@pytest.mark.parametrize("order", permutations(("a", "m", "n", "v")))
def test_the_order_of_arrival_changes_nothing(house, order):
    """Two amendments, the greater of which is voided: the lesser stands."""
    house.shop()
    sent = {
        "a": house.event("a", "2026-03-01T10:00:00Z", pages=3),
        "m": correction(house, "m", "amend", "a", replacement={"data": {"pages": 5}}),
        "n": correction(house, "n", "amend", "a", "2026-03-06T09:00:00Z", replacement={"data": {"pages": 7}}),
        "v": correction(house, "v", "void", "n", source="/fix"),
    }
    for name in order:
        house.capture(sent[name])
        house.meter()
    assert shown(house) == {"a": "replaced", "m": "counted", "n": "voided", "v": "applied"}
    assert house.usage("pages", *DAY) == 5
    house.check()


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"type": "abaque.other", "subject": "dupont"}, "reserved_type"),
        ({"type": "abaque.void", "data": {"id": "a", "reason": "x"}}, "bad_target"),
        ({"type": "abaque.void", "data": {"source": "/s", "id": "", "reason": "x"}}, "bad_target"),
        ({"type": "abaque.void", "data": {"source": "/s", "id": "a", "reason": " "}}, "missing_reason"),
        ({"type": "abaque.void"}, "bad_target"),
        ({"type": "abaque.amend", "data": {"source": "/s", "id": "a", "reason": "x"}}, "bad_replacement"),
        *(
            (
                {
                    "type": "abaque.amend",
                    "data": {"source": "/s", "id": "a", "reason": "x", "replacement": r},
                },
                "bad_replacement",
            )
            for r in (
                None,
                {},
                [],
                {"id": "b"},
                {"time": "yesterday"},
                {"data": []},
                {"type": "abaque.void"},
                {"subject": 1},
            )
        ),
    ],
)
def test_a_malformed_correction_is_rejected(house, event, reason):
    taken = house.capture({"specversion": "1.0", "source": "/fix", "id": "x", **event})
    assert [(one.verdict, one.reason) for one in taken.verdicts] == [("rejected", reason)]


def test_what_is_voided_and_amended_at_random_is_what_the_rules_leave(house):
    """Usage is the sum over what stands, whatever is corrected in whatever order, with two kinds of meters."""
    from abaque.core.metering import Correction, CorrectionKind, struck

    rng = random.Random(4)
    house.shop()
    pages = {f"e{n}": rng.randint(1, 9) for n in range(30)}
    events: list[Any] = [house.event(name, "2026-03-01T10:00:00Z", pages=p) for name, p in pages.items()]
    corrections, targets = [], [("/test", name) for name in pages]
    for n in range(60):
        source, target = rng.choice(targets)
        kind, time = rng.choice(("void", "amend", "amend")), house.now - timedelta(seconds=rng.randint(0, 40))
        more: dict[str, Any] = {"source": source}
        if kind == "amend":
            pages[f"c{n}"] = rng.randint(1, 9)
            more["replacement"] = {"data": {"pages": pages[f"c{n}"]}}
            targets.append(("/fix", f"c{n}"))
        events.append(correction(house, f"c{n}", kind, target, time.isoformat(), **more))
        corrections.append(Correction(time, "/fix", f"c{n}", CorrectionKind(kind), (source, target)))
    rng.shuffle(events)
    while events:
        house.capture(*events[:7])
        events = events[7:]
        house.meter()
        if rng.random() < 0.3:
            house.check()
    house.check()
    gone = {identity for _, identity in struck(corrections)}
    assert house.usage("pages", *DAY) == sum(p for name, p in pages.items() if name not in gone)
