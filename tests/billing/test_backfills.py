"""A back-fill waits until it is closed, says what it would change, and can be taken back whole."""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from abaque.billing.runner import Refused

from .conftest import CATALOGUE, House

# Every way of aggregating at once, with operations, so that what is reverted must be right for each.
METERS = CATALOGUE.replace(
    "plans:",
    """\
  largest: {name: {en: L, fr: L}, unit: {en: p, fr: p}, event: document.processed, aggregate: max, value: pages}
  readers: {name: {en: R, fr: R}, unit: {en: r, fr: r}, event: document.processed, aggregate: unique, value: reader}
plans:""",
)


@pytest.fixture
def shop(house: House) -> House:
    house.catalogue(METERS)
    house.issuer()
    for one in ("dupont", "marie"):
        house.customer(one)
        house.subscribe(one, "usage", "2026-02-01")
    house.capture(*documents(house, "own", 12, seed=1))
    house.meter()
    return house


def documents(house: House, name: str, number: int, *, seed: int) -> list[dict[str, Any]]:
    """So many documents of February, some of which are further attempts at the same."""
    chance = random.Random(seed)
    return [
        house.event(
            f"{name}{n}",
            f"2026-02-{chance.randint(1, 28):02}T{chance.randint(0, 23):02}:{chance.randint(0, 59):02}:00Z",
            subject=chance.choice(("dupont", "marie")),
            document_id=f"k{chance.randint(1, 20)}",
            pages=chance.randint(1, 9),
            reader=f"r{chance.randint(1, 5)}",
        )
        for n in range(number)
    ]


def begin(house: House, start: str = "2026-02-01", end: str = "2026-03-01", **more: Any) -> str:
    from abaque.billing.backfills import OpenBackfill, open_backfill

    command = OpenBackfill("lost disk", house.instant(start), house.instant(end), "a disk was lost", **more)
    return str(house.perform(open_backfill, command)["id"])


def fill(house: House, backfill: str, *events: dict[str, Any]) -> Any:
    from abaque.billing.backfills import filling

    with filling(backfill):
        return house.capture(*events)


def close(house: House, backfill: str) -> None:
    from abaque.billing.backfills import CloseBackfill, close_backfill

    house.perform(close_backfill, CloseBackfill(backfill))


def revert(house: House, backfill: str) -> None:
    from abaque.billing.backfills import RevertBackfill, revert_backfill

    house.perform(revert_backfill, RevertBackfill(backfill, "the disk was found"))


def preview(house: House, backfill: str) -> Any:
    from abaque.billing.preview import preview_backfill

    return preview_backfill(backfill, now=house.now)


def usage(house: House) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """All usage; a cell that counts nothing is none."""
    rows = house.rows(
        "SELECT m.code, c.external_id, u.slot, u.grp, u.events, trim_scale(u.quantity), u.not_billable,"
        " ARRAY(SELECT value FROM unique_value v WHERE v.customer_id = u.customer_id AND v.meter_id = u.meter_id"
        "       AND v.slot = u.slot AND v.grp = u.grp ORDER BY value)"
        " FROM usage u JOIN meter m ON m.id = u.meter_id JOIN customer c ON c.id = u.customer_id"
    )
    return {row[:4]: row[4:] for row in rows if row[4] or row[6]}


def total(house: House, meter: str, customer: str) -> Decimal:
    return house.usage(meter, "2000-01-01", "2100-01-01", customer)


def test_what_is_filled_waits_and_is_metered_when_it_is_closed(shop: House) -> None:
    before = usage(shop)
    one = begin(shop)
    assert fill(shop, one, *documents(shop, "b", 20, seed=2)).accepted == 20
    shop.capture(shop.event("other", "2026-02-02T10:00:00Z", document_id="other", pages=1, reader="r1"))
    shop.meter()
    assert {
        key: cell for key, cell in usage(shop).items() if key in before and before[key] == cell
    }.keys() >= (before.keys() - {("pages", "dupont", shop.instant("2026-02-02T10:00:00+00:00"), "[]")})
    assert shop.fates("pages").keys() == {f"own{n}" for n in range(12)} | {"other"}
    assert shop.all_fates()["/test", "b0"][0].fate == "waiting"
    shop.check()
    close(shop, one)
    shop.meter()
    assert shop.fates("pages")["b0"] == ("counted", None)
    expected = sum(
        event["data"]["pages"]
        for event in (*documents(shop, "own", 12, seed=1), *documents(shop, "b", 20, seed=2))
    )
    assert total(shop, "pages", "dupont") + total(shop, "pages", "marie") == expected + 1
    shop.check()


def test_the_preview_says_what_closing_then_gives_in_usage_and_in_money(shop: House) -> None:
    one = begin(shop)
    fill(shop, one, *documents(shop, "b", 30, seed=3))
    before = {(meter, who): total(shop, meter, who) for meter in ALL for who in ("dupont", "marie")}
    cells, stored = usage(shop), shop.rows("SELECT count(*) FROM fate")
    told = preview(shop, one)
    assert (usage(shop), shop.rows("SELECT count(*) FROM fate")) == (cells, stored), "nothing is kept"
    shop.check()
    drafted = drafts(shop)
    close(shop, one)
    shop.meter()
    names = dict(shop.rows("SELECT public_id, external_id FROM customer"))
    said = {(e.meter, names[e.customer_id]): (e.before, e.after) for e in told.effects}
    gives = {place: (was, total(shop, *place)) for place, was in before.items()}
    assert said == {place: pair for place, pair in gives.items() if pair[0] != pair[1]}
    assert len(said) > 5
    after = drafts(shop)
    assert {names[e.customer_id]: e.open.minor for e in told.effects if e.meter == "pages"} == {
        who: after[who] - drafted.get(who, 0) for who in after
    }
    assert all(e.issued.minor == 0 for e in told.effects)
    shop.check()


ALL = ("documents", "pages", "largest", "readers")


def drafts(shop: House) -> dict[str, int]:
    """The net of what is due for February, as a run drafts it."""
    shop.close("2026-03-02")
    return dict(
        shop.rows("SELECT c.external_id, i.net FROM invoice i JOIN customer c ON c.id = i.customer_id")
    )


def test_the_preview_tells_the_difference_to_what_was_issued(shop: House) -> None:
    shop.seal()
    shop.close("2026-03-02")
    shop.approve_all()
    shop.issue_approved()
    one = begin(shop)
    fill(shop, one, shop.event("b", "2026-02-03T10:00:00Z", document_id="b", pages=7, reader="r1"))
    effect = next(e for e in preview(shop, one).effects if e.meter == "pages")
    assert (effect.after - effect.before, effect.open.minor, effect.issued.minor) == (7, 0, 350)


def billed(house: House) -> dict[str, int]:
    """The net that each customer's documents for February say, drafts too, less what credit notes give back."""
    return dict(
        house.rows(
            "SELECT c.external_id, sum(CASE WHEN l.credits_id IS NULL THEN l.net ELSE -l.net END)::int"
            " FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id JOIN customer c ON c.id = i.customer_id"
            " WHERE l.span_end <= %s GROUP BY 1",
            [house.instant("2026-03-02")],
        )
    )


def test_what_a_back_fill_brings_to_issued_periods_is_billed_and_what_is_reverted_is_given_back(
    shop: House,
) -> None:
    shop.seal()
    shop.close("2026-03-02")
    shop.approve_all()
    assert shop.issue_approved()["kept"] == []
    before = billed(shop)
    one = begin(shop)
    fill(shop, one, *documents(shop, "b", 30, seed=3))
    names = dict(shop.rows("SELECT public_id, external_id FROM customer"))
    told = {names[e.customer_id]: e.issued.minor for e in preview(shop, one).effects if e.meter == "pages"}
    assert all(told.values())
    close(shop, one)
    shop.meter()
    shop.now += timedelta(days=40)
    shop.close("2026-04-02")
    assert billed(shop) == {who: before[who] + told[who] for who in before}
    shop.approve_all()
    assert shop.issue_approved()["kept"] == []
    revert(shop, one)
    shop.meter()
    shop.close("2026-04-02")
    assert billed(shop) == before
    shop.check()


def test_the_preview_says_what_would_be_kept_aside(shop: House) -> None:
    one = begin(shop)
    fill(
        shop,
        one,
        shop.event("b1", "2026-02-03T10:00:00Z", document_id="b1", pages="many", reader="r1"),
        shop.event("b2", "2026-02-03T10:00:00Z", subject="nobody", document_id="b2", pages=1, reader="r1"),
    )
    assert preview(shop, one).aside == {"bad_value": 1, "unknown_customer": 1}


@pytest.mark.parametrize("closed", ["open", "closed, not metered", "closed", "closed, half metered"])
def test_reverting_gives_back_exactly_what_was(
    shop: House, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from abaque.billing import backfills
    from abaque.billing.meter import meter_chunk

    monkeypatch.setattr(backfills, "REVERT_EVENTS", 7)
    before = usage(shop)
    one = begin(shop)
    sent = documents(shop, "b", 30, seed=4)
    for start in range(0, 30, 5):
        fill(shop, one, *sent[start : start + 5])
    if closed != "open":
        close(shop, one)
    if closed == "closed, half metered":
        meter_chunk(now=shop.now, events=12)
    elif closed == "closed":
        shop.meter()
        assert usage(shop) != before
    revert(shop, one)
    shop.meter()
    assert usage(shop) == before
    assert shop.rows("SELECT state FROM backfill") == [("reverted",)]
    fates = shop.all_fates()
    assert {each.fate for n in range(30) for each in fates["/test", f"b{n}"]} == {"voided"}
    assert shop.capture(*sent).count("duplicate") == 30, "identities stay"
    reasons = shop.rows("SELECT DISTINCT data ->> 'reason' FROM event WHERE type = 'abaque.void'")
    assert reasons == [(f"{one}: the disk was found",)]
    shop.meter()
    shop.check()
    with pytest.raises(Refused) as refused:
        revert(shop, one)
    assert refused.value.code == "backfill_reverted"


def test_amendments_in_a_back_fill_are_taken_back_with_it(shop: House) -> None:
    before = usage(shop)
    one = begin(shop)
    amend = shop.event("a", "2026-03-01T10:00:00Z", type="abaque.amend") | {
        "data": {"source": "/test", "id": "own3", "reason": "wrong", "replacement": {"data": {"pages": 99}}}
    }
    fill(shop, one, amend)
    told = [e.meter for e in preview(shop, one).effects]
    assert {"pages", "largest"} <= set(told)
    close(shop, one)
    shop.meter()
    assert usage(shop) != before
    shop.check()
    revert(shop, one)
    shop.meter()
    assert usage(shop) == before
    shop.check()


def test_a_correction_of_what_was_reverted_brings_nothing_back(shop: House) -> None:
    before = usage(shop)
    one = begin(shop)
    fill(shop, one, *documents(shop, "b", 5, seed=5))
    shop.capture(
        shop.event("a", "2026-03-01T10:00:00Z", type="abaque.amend")
        | {"data": {"source": "/test", "id": "b1", "reason": "?", "replacement": {"data": {"pages": 99}}}}
    )
    shop.meter()
    revert(shop, one)
    shop.meter()
    assert usage(shop) == before
    shop.check()


def test_two_back_fills_at_once_know_nothing_of_each_other(shop: House) -> None:
    one, two = begin(shop), begin(shop)
    fill(shop, one, *documents(shop, "b", 10, seed=6))
    fill(shop, two, *documents(shop, "c", 10, seed=7))
    alone = {(e.meter, e.customer): e.after - e.before for e in preview(shop, two).effects}
    close(shop, two)
    shop.meter()
    only_two = usage(shop)
    assert ("pages", "Dupont & Fils") in alone
    close(shop, one)
    shop.meter()
    assert usage(shop) != only_two
    revert(shop, one)
    shop.meter()
    assert usage(shop) == only_two
    shop.check()


def test_hours_of_its_span_wait_and_others_are_sealed(shop: House) -> None:
    shop.capture(
        shop.event("x", "2026-03-02T10:00:00Z", document_id="x", pages=1, reader="r"),
        shop.event("y", "2026-03-04T10:00:00Z", document_id="y", pages=1, reader="r"),
    )
    shop.meter()
    one = begin(shop, "2026-02-01", "2026-03-03")
    shop.now += timedelta(days=3)
    assert shop.seal()["pages"] == 1
    assert shop.rows("SELECT DISTINCT hour FROM hour") == [(shop.instant("2026-03-04T10:00:00+00:00"),)]
    fill(shop, one, *documents(shop, "b", 10, seed=8))
    shop.capture(shop.event("z", "2026-03-05T10:00:00Z", document_id="z", pages=1, reader="r"))
    shop.meter()
    assert shop.seal()["pages"] == 1
    close(shop, one)
    assert shop.seal()["pages"] == 0, "what was closed is not metered yet"
    shop.meter()
    assert shop.seal()["pages"] > 5
    assert shop.rows("SELECT max(revision) FROM hour") == [(0,)], "each hour was sealed once"
    shop.check()


def test_it_takes_only_what_it_was_opened_for(shop: House) -> None:
    one = begin(shop, sources=("/test",), types=("document.processed",))
    fill(
        shop,
        one,
        shop.event("in", "2026-02-03T10:00:00Z", document_id="in", pages=1, reader="r"),
        shop.event("late", "2026-03-03T10:00:00Z", document_id="late", pages=1, reader="r"),
        shop.event("type", "2026-02-03T10:00:00Z", type="other"),
        shop.event("source", "2026-02-03T10:00:00Z", source="/other", document_id="s", pages=1, reader="r"),
    )
    with pytest.raises(Refused) as refused:
        close(shop, one)
    assert (refused.value.code, refused.value.params["events"]) == ("backfill_strays", 3)
    revert(shop, one)
    shop.meter()
    shop.check()


def test_voids_do_not_belong_into_one(shop: House) -> None:
    one = begin(shop)
    fill(
        shop,
        one,
        shop.event("v", "2026-02-03T10:00:00Z", type="abaque.void")
        | {"data": {"source": "/test", "id": "own1", "reason": "x"}},
    )
    with pytest.raises(Refused) as refused:
        close(shop, one)
    assert refused.value.code == "backfill_holds_voids"
    before = usage(shop)
    revert(shop, one)
    shop.meter()
    assert usage(shop) == before
    shop.check()


def test_what_is_closed_takes_no_more(shop: House) -> None:
    one = begin(shop)
    close(shop, one)
    for backfill, code in ((one, "backfill_not_open"), ("bf_none", "unknown_backfill")):
        with pytest.raises(Refused) as refused:
            fill(shop, backfill, shop.event("b", "2026-02-03T10:00:00Z"))
        assert refused.value.code == code
    assert shop.rows("SELECT count(*) FROM identity WHERE id = 'b'") == [(0,)]


def test_a_crash_amid_reverting_leaves_it_whole(shop: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from abaque.billing import backfills
    from abaque.billing.meter import recount_chunk

    before = usage(shop)
    one = begin(shop)
    for start in range(0, 20, 5):
        fill(shop, one, *documents(shop, f"b{start}", 5, seed=start))
    close(shop, one)
    shop.meter()
    monkeypatch.setattr(backfills, "REVERT_EVENTS", 5)
    revert(shop, one)
    recount_chunk(now=shop.now)
    shop.check()
    with monkeypatch.context() as patched:

        def dies(*_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

        patched.setattr(backfills.Backfill, "save", dies)
        with pytest.raises(KeyboardInterrupt):
            recount_chunk(now=shop.now)
    shop.check()
    shop.meter()
    assert usage(shop) == before
    shop.check()


def test_meters_run_while_back_fills_are_filled_closed_and_reverted(
    shop: House, in_threads: Callable[..., list[Any]]
) -> None:
    from abaque.billing.meter import meter_chunk, recount_chunk

    first, second = begin(shop), begin(shop)
    for start in range(0, 60, 6):
        shop.capture(*documents(shop, f"o{start}", 6, seed=100 + start))

    def meters() -> None:
        for _ in range(40):
            meter_chunk(now=shop.now, events=20)
            recount_chunk(now=shop.now)

    def fills(one: str) -> None:
        for start in range(0, 60, 6):
            fill(shop, one, *documents(shop, f"{one}{start}", 6, seed=200 + start))
        preview(shop, one)
        close(shop, one)

    def fills_and_reverts() -> None:
        fills(second)
        revert(shop, second)

    done = in_threads(meters, meters, lambda: fills(first), fills_and_reverts)
    assert [one for one in done if isinstance(one, Exception)] == []
    shop.meter()
    shop.check()
    expected = [
        *documents(shop, "own", 12, seed=1),
        *(event for start in range(0, 60, 6) for event in documents(shop, "o", 6, seed=100 + start)),
        *(event for start in range(0, 60, 6) for event in documents(shop, "f", 6, seed=200 + start)),
    ]
    pages = sum(event["data"]["pages"] for event in expected)
    assert total(shop, "pages", "dupont") + total(shop, "pages", "marie") == pages


def test_a_candidate_counts_back_fills_and_their_reverting_too(shop: House) -> None:
    from abaque.billing.preview import preview_meter
    from abaque.billing.versions import AdoptMeter, ProposeMeters, adopt_meter, propose_meters

    changed = METERS.replace("    aggregate: sum\n", "    aggregate: sum\n    where: {reader: r1}\n")
    version = str(shop.perform(propose_meters, ProposeMeters(changed))["candidates"][0]["id"])
    shop.meter()
    was = preview_meter(version, now=shop.now).effects
    one = begin(shop)
    fill(shop, one, *documents(shop, "b", 20, seed=9))
    close(shop, one)
    shop.meter()
    assert preview_meter(version, now=shop.now).effects != was
    revert(shop, one)
    shop.meter()
    assert preview_meter(version, now=shop.now).effects == was
    shop.perform(adopt_meter, AdoptMeter(version))
    shop.check()
