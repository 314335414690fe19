"""A meter's new version counts beside the one that stands, tells what it would change, and takes its place at once."""

import random
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from abaque.billing.runner import Refused

from .conftest import CATALOGUE, House

LARGE = CATALOGUE.replace(
    "    aggregate: sum\n    value: pages\n",
    "    aggregate: sum\n    value: pages\n    where: {kind: large}\n",
)


@pytest.fixture
def shop(house: House) -> House:
    house.shop("dupont", "marie", plan="usage")
    for day, pages, kind in (("03", 10, "large"), ("04", 4, "small"), ("12", 1, "large")):
        house.capture(
            house.event(f"d{day}", f"2026-02-{day}T10:00:00Z", document_id=f"d{day}", pages=pages, kind=kind)
        )
    house.capture(
        house.event("m", "2026-03-02T10:00:00Z", subject="marie", document_id="m", pages=7, kind="small")
    )
    house.meter()
    return house


def propose(house: House, text: str = LARGE) -> str:
    from abaque.billing.versions import ProposeMeters, propose_meters

    return str(house.perform(propose_meters, ProposeMeters(text))["candidates"][0]["id"])


def adopt(house: House, version: str) -> dict[str, Any]:
    from abaque.billing.versions import AdoptMeter, adopt_meter

    return house.perform(adopt_meter, AdoptMeter(version))


def discard(house: House, version: str) -> dict[str, Any]:
    from abaque.billing.versions import DiscardMeter, discard_meter

    return house.perform(discard_meter, DiscardMeter(version))


def preview(house: House, version: str) -> dict[tuple[str, str], tuple[Any, ...]]:
    from abaque.billing.preview import preview_meter

    told = preview_meter(version, now=house.now).effects
    names = dict(house.rows("SELECT public_id, external_id FROM customer"))
    return {
        (names[one.customer_id], one.meter): (one.before, one.after, one.open.minor, one.issued.minor)
        for one in told
    }


def rows_of(house: House, version: str) -> dict[str, int]:
    tables = ("usage", "unique_value", "operation", "mark", "fate")
    return {
        table: house.rows(
            f"SELECT count(*) FROM {table} t JOIN meter_version m ON m.id = t.meter_id WHERE m.public_id = %s",
            [version],
        )[0][0]
        for table in tables
    }


def february(house: House, customer: str = "dupont") -> Decimal:
    return house.usage("pages", "2026-02-01", "2026-03-01", customer)


def test_a_changed_meter_is_still_refused_in_a_file_and_becomes_a_candidate_by_proposal(shop: House) -> None:
    with pytest.raises(Refused) as refused:
        shop.catalogue(LARGE)
    assert refused.value.code == "published_differs"
    version = propose(shop)
    assert shop.rows("SELECT code, version, standing FROM meter_version ORDER BY id") == [
        ("documents", 1, "standing"),
        ("pages", 1, "standing"),
        ("pages", 2, "candidate"),
    ]
    with pytest.raises(Refused) as refused:
        propose(shop)
    assert refused.value.code == "candidate_exists"
    with pytest.raises(Refused) as refused:
        propose(shop, CATALOGUE)
    assert refused.value.code == "nothing_to_propose"
    assert version.startswith("mtr_")


def test_nobody_sees_a_candidate(shop: House) -> None:
    before = shop.all_fates()
    propose(shop)
    shop.meter()
    assert february(shop) == 15
    assert shop.all_fates() == before
    assert set(shop.seal()) == {"documents", "pages"}
    assert shop.rows(
        "SELECT count(*) FROM hour h JOIN meter_version m ON m.id = h.meter_id WHERE m.version = 2"
    ) == [(0,)]
    shop.check()


def test_a_candidate_that_is_still_filling_is_not_adopted(shop: House) -> None:
    version = propose(shop)
    with pytest.raises(Refused) as refused:
        adopt(shop, version)
    assert refused.value.code == "still_filling"
    assert shop.seal(), "what stands is sealed meanwhile"
    shop.meter()
    assert adopt(shop, version)["replaced"] == 1
    with pytest.raises(Refused) as refused:
        adopt(shop, version)
    assert refused.value.code == "unknown_candidate"


def test_the_preview_says_what_adoption_then_gives(shop: House) -> None:
    """February: 15 pages of dupont at 0.50, then 11; marie's 7 of March, then none."""
    version = propose(shop)
    shop.meter()
    assert preview(shop, version) == {
        ("dupont", "pages"): (15, 11, -200, 0),
        ("marie", "pages"): (7, 0, -350, 0),
    }
    adopt(shop, version)
    assert february(shop) == 11
    assert shop.usage("pages", "2026-03-01", "2026-04-01", "marie") == 0
    shop.now = shop.instant("2026-03-12T12:00:00+00:00")
    shop.seal()
    shop.close("2026-03-02")
    assert shop.rows("SELECT meter, meter_version, quantity, net FROM invoice_line") == [
        ("pages", 2, Decimal(11), 550)
    ]
    shop.check()


def test_issued_invoices_keep_the_version_they_were_counted_by(shop: House) -> None:
    from abaque.storage.read.explain import explain

    shop.seal()
    shop.close("2026-03-02")
    shop.approve_all()
    shop.issue_approved()
    number = shop.rows("SELECT number FROM invoice WHERE number IS NOT NULL ORDER BY net DESC")[0][0]
    version = propose(shop)
    shop.meter()
    assert preview(shop, version)["dupont", "pages"] == (15, 11, 0, -200)
    adopt(shop, version)
    explained = explain(number, line=1, events=True)
    assert explained is not None
    line = explained.lines[0]
    assert (line.quantity, line.hours_quantity, line.arrived_since) == ("15", "15", "0")
    assert line.events is not None
    assert [one.quantity for one in line.events] == ["10", "4", "1"]
    assert all(hour.state == "consistent" for hour in line.hours)
    shop.check()


def test_hours_of_the_new_version_seal_anew_on_the_same_chain(shop: House) -> None:
    shop.seal()
    version = propose(shop)
    shop.meter()
    adopt(shop, version)
    assert shop.seal()["pages"] == 4, "those of large documents, and those it filters out"
    hours = shop.rows(
        "SELECT m.version, h.previous, h.hash FROM hour h JOIN meter_version m ON m.id = h.meter_id"
        " WHERE m.code = 'pages' ORDER BY h.id"
    )
    assert [version for version, _, _ in hours] == sorted(version for version, _, _ in hours)
    assert all(after[1] == before[2] for before, after in pairwise(hours))
    shop.check()


def test_a_candidate_keeps_step_with_what_comes_and_with_corrections(shop: House) -> None:
    version = propose(shop)
    shop.meter()
    shop.capture(
        shop.event("late", "2026-02-05T10:00:00Z", document_id="late", pages=100, kind="large"),
        shop.event("v", "2026-03-10T10:00:00Z", type="abaque.void", id="d03", reason="never was")
        | {"data": {"source": "/test", "id": "d03", "reason": "never was"}},
    )
    shop.meter()
    assert february(shop) == 105
    assert preview(shop, version)["dupont", "pages"][:2] == (105, 101)
    shop.check()
    adopt(shop, version)
    assert february(shop) == 101
    shop.check()


def test_a_discarded_candidate_leaves_nothing(shop: House) -> None:
    version = propose(
        shop,
        CATALOGUE.replace(
            "event: document.processed\n    aggregate: sum",
            "event: [document.processed, page.read]\n    aggregate: sum",
        ),
    )
    shop.capture(shop.event("r", "2026-02-06T10:00:00Z", type="page.read", pages="many"))
    shop.meter()
    assert rows_of(shop, version)["usage"]
    assert rows_of(shop, version)["fate"]
    assert shop.rows("SELECT type FROM recorded_type") == []
    discard(shop, version)
    shop.meter()
    assert set(rows_of(shop, version).values()) == {0}
    assert shop.rows("SELECT type, events FROM recorded_type") == [("page.read", 1)]
    assert february(shop) == 15
    with pytest.raises(Refused):
        adopt(shop, version)
    shop.check()
    assert propose(shop) != version
    assert shop.rows("SELECT max(version) FROM meter_version WHERE code = 'pages'") == [(3,)]


def test_what_the_product_stated_of_a_meter_is_compared_with_the_new_version(shop: House) -> None:
    from abaque.billing.state_control_total import StateControlTotals, Total, state_control_total

    span = shop.instant("2026-02-01"), shop.instant("2026-03-01")
    shop.perform(state_control_total, StateControlTotals((Total("pages", "dupont", *span, Decimal(11)),)))
    version = propose(shop)
    shop.meter()
    adopt(shop, version)
    shop.seal()
    verified = shop.rows(
        "SELECT count(*) FROM hour h JOIN meter m ON m.id = h.meter_id WHERE verified_at IS NOT NULL"
    )
    assert verified == [(3,)]  # an hour whose only event the new version filters out is sealed too


def test_quarantined_events_of_a_version_that_was_replaced_keep_nobody_busy(shop: House) -> None:
    shop.capture(
        shop.event("x", "2026-02-07T10:00:00Z", subject="nobody", document_id="x", pages=3, kind="large")
    )
    shop.meter()
    version = propose(shop)
    shop.meter()
    adopt(shop, version)
    shop.customer("nobody")
    shop.meter()
    assert shop.usage("pages", "2026-02-01", "2026-03-01", "nobody") == 3
    shop.check()


def test_meters_run_while_a_version_is_adopted(shop: House, in_threads: Callable[..., list[Any]]) -> None:
    from abaque.billing.meter import meter_chunk, recount_chunk

    chance = random.Random(7)
    events = [
        shop.event(
            f"e{n}",
            f"2026-02-{chance.randint(1, 28):02}T{chance.randint(0, 23):02}:00:00Z",
            subject=chance.choice(("dupont", "marie")),
            document_id=f"k{n % 300}",
            pages=n % 9,
            kind=chance.choice(("large", "small")),
        )
        for n in range(600)
    ]
    for start in range(0, 600, 20):
        shop.capture(*events[start : start + 20])
    version = propose(shop)

    def meters() -> None:
        while meter_chunk(now=shop.now, events=40) + recount_chunk(now=shop.now, events=100):
            pass

    def adopts() -> int:
        tries = 0
        while True:
            tries += 1
            try:
                adopt(shop, version)
            except Refused as refused:
                if refused.code != "still_filling":
                    raise
                meters()
            else:
                return tries

    assert [one for one in in_threads(meters, meters, adopts) if isinstance(one, Exception)] == []
    shop.meter()
    expected = sum(e["data"]["pages"] for e in events if e["data"]["kind"] == "large")
    assert february(shop) + february(shop, "marie") == expected + 11
    assert shop.rows("SELECT version FROM meter WHERE code = 'pages'") == [(2,)]
    shop.check()


def test_a_crash_amid_filling_loses_and_doubles_nothing(shop: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from abaque.billing import meter

    version = propose(shop)
    meter.recount_chunk(now=shop.now, events=1)

    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(meter.Recount, "save", dies)
        with pytest.raises(KeyboardInterrupt):
            meter.recount_chunk(now=shop.now, events=1)
    shop.meter()
    assert preview(shop, version)["dupont", "pages"][:2] == (15, 11)
    shop.check()
