"""Totals a published meter's product promises may change at any time."""

import pytest

from abaque.catalogue import diff, dump, load

METER = "meters: {docs: {event: doc, aggregate: count}}"


def published(text: str) -> list[dict[str, object]]:
    return list(dump(load(text, name="x"))["meters"].values())


@pytest.mark.parametrize(
    ("after", "paths"),
    [
        ("level: verified", ["level"]),
        ("totals: {grain: day}", ["level", "totals"]),
    ],
)
def test_how_usage_is_verified_changes_no_amount(after: str, paths: list[str]) -> None:
    text = METER.replace("count", f"count, {after}")
    [change] = diff(published(METER), load(text, name="x"))
    assert sorted({one.path.split(".")[0] for one in change.details}) == paths
    assert change.touches_no_amount
    [change] = diff(published(text), load(text.replace("event: doc", "event: page"), name="x"))
    assert not change.touches_no_amount
