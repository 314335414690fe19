"""The quarantine over the API: what keeps events aside, and what is done about it."""

from typing import Any

import pytest


def kept(product: Any) -> None:
    """Two events whose subject nobody has, one whose value two meters cannot use; metered."""
    product.send(
        product("a", "2026-02-03T10:00:00Z", pages=1) | {"subject": "nobody"},
        product("b", "2026-02-04T10:00:00Z", pages=1) | {"subject": "nobody"},
        product("c", "2026-02-03T10:00:00Z", pages="many"),
    )


def test_what_keeps_events_aside_is_listed(shop: Any, product: Any) -> None:
    kept(product)
    found = shop.made("GET", "/quarantine")
    assert (found["events"], found["bounded"]) == (3, False)
    first = found["causes"][0]
    assert (first["reason"], first["subject"], first["events"], first["example"]["id"]) == (
        "unknown_customer", "nobody", 2, "b",
    )  # fmt: skip
    assert {one["meter"] for one in found["causes"][1:]} == {"pages", "largest"}


def test_events_are_dismissed_with_a_reason_found_and_taken_back(shop: Any, product: Any) -> None:
    kept(product)
    cause = {"reason": "unknown_customer", "subject": "nobody"}
    assert shop("POST", "/quarantine/dismiss", {"cause": cause}).status == 422
    done = shop.made("POST", "/quarantine/dismiss", {"cause": cause, "reason": "load test"})
    assert done == {"events": 2, "more": False}
    assert shop.made("GET", "/quarantine")["events"] == 1
    aside = shop.made("GET", "/events?fate=dismissed")["items"]
    assert {(one["id"], one["fate"], one["reason"]) for one in aside} == {
        ("a", "dismissed", "unknown_customer"), ("b", "dismissed", "unknown_customer"),
    }  # fmt: skip
    one = {"source": aside[0]["source"], "id": aside[0]["id"]}
    back = shop.made("POST", "/quarantine/take-back", {"events": [one], "reason": "was real"})
    assert back["events"] == 1
    assert shop.made("GET", "/quarantine")["events"] == 2


def test_replay_is_safe_to_ask_twice(shop: Any, product: Any) -> None:
    kept(product)
    for _ in range(2):
        done = shop.made("POST", "/quarantine/replay", {"cause": {"reason": "bad_value"}})
        assert done == {"events": 1, "more": False}
    assert shop.made("GET", "/quarantine")["events"] == 3


def test_either_events_or_a_cause_is_given(shop: Any) -> None:
    for body in ({}, {"events": [{"source": "/s", "id": "1"}], "cause": {"reason": "future"}}):
        assert shop("POST", "/quarantine/replay", body).status == 422


@pytest.mark.usefixtures("shop")
def test_settling_needs_its_scope(caller_with: Any) -> None:
    body = {"cause": {"reason": "future"}, "reason": "old"}
    assert caller_with("events:write")("POST", "/quarantine/dismiss", body).status == 403
    assert caller_with("usage:write")("POST", "/quarantine/dismiss", body).status == 200
