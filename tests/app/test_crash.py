"""`kill -9` of one part or all, PostgreSQL included, amid sending: what was acknowledged is there, once."""

import json
import os
import random
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from abaque.storage.server import dsn_of

from .crashing import PATIENCE, START, Platform, Sender, Victim, event

KILLS = int(os.environ.get("KILLS", "20"))
SENDERS = 2
# Starting everything anew takes longest; the single parts are to be hit more often.
WEIGHTS = {
    Victim.DOOR: 5,
    Victim.METER: 5,
    Victim.POSTGRESQL: 5,
    Victim.BACKEND: 5,
    Victim.SUPERVISOR: 3,
    Victim.EVERYTHING: 2,
}
CATALOGUE = """
meters:
  events:
    name: {en: Events, fr: Événements}
    unit: {en: event, fr: événement}
    event: step.taken
    aggregate: count
  steps:
    name: {en: Steps, fr: Pas}
    unit: {en: step, fr: pas}
    event: step.taken
    aggregate: count
    operation: step
  length:
    name: {en: Length, fr: Longueur}
    unit: {en: metre, fr: mètre}
    event: step.taken
    aggregate: sum
    value: length
"""


@dataclass(frozen=True)
class Stored:
    """What the database holds: the events by identity, and how many rows there are of them."""

    ids: frozenset[str]
    rows: int
    identities: int
    accepted: int  # as the requests noted it
    unmetered: int

    @staticmethod
    def of(platform: Platform) -> "Stored":
        with psycopg.connect(dsn_of(platform.data)) as connection:
            ids = [row[0] for row in connection.execute("SELECT id FROM event")]
            (identities,) = connection.execute("SELECT count(*) FROM identity").fetchone() or (0,)
            accepted, unmetered = connection.execute(
                "SELECT coalesce(sum(accepted), 0), count(*) FILTER (WHERE metered_at IS NULL) FROM intake"
            ).fetchone() or (0, 0)
        return Stored(frozenset(ids), len(ids), identities, accepted, unmetered)


@pytest.fixture
def platform(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Platform]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = Platform(tmp_path / "data", port)
    made.start()
    made.wait_until_it_serves()
    yield made
    made.stop()
    request.node.add_report_section("teardown", "up.log", made.said())  # shown beside a failure


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
def test_every_acknowledged_event_survives_any_kill_exactly_once(platform: Platform) -> None:
    began = time.monotonic()
    key = key_of_a_walker(platform)
    senders = [Sender(platform, key, f"s{number}") for number in range(SENDERS)]
    threads = [threading.Thread(target=sender.run, daemon=True) for sender in senders]
    for thread in threads:
        thread.start()
    kills = kill_again_and_again(platform, senders)
    for sender in senders:
        sender.stop.set()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "a sender does not end"

    acknowledged = {identity for sender in senders for identity in sender.acknowledged}
    assert len(acknowledged) > KILLS, "hardly anything was acknowledged: this showed nothing"
    lost = acknowledged - Stored.of(platform).ids
    assert lost == set(), "acknowledged, and not stored"
    resend_everything(senders)
    assert [failure for sender in senders for failure in sender.failures] == []

    made = {f"{sender.name}-{n}" for sender in senders for n in range(sender.made)}
    metered, expected = metered_once(platform, made)
    stored = Stored.of(platform)
    print(table(kills, senders, len(acknowledged), stored, metered))  # noqa: T201  # what `make crash` shows
    assert metered == expected
    assert stored == Stored(frozenset(made), len(made), len(made), len(made), 0)
    platform.cli("self-check")
    took = time.monotonic() - began
    print(f"All agree, and the self-check finds nothing. It took {took:.0f} s.")  # noqa: T201  # the same


def key_of_a_walker(platform: Platform) -> str:
    """Declare the meters and the customer; return a key to send with."""
    catalogue = platform.data.parent / "walk.yaml"
    catalogue.write_text(CATALOGUE, encoding="utf-8")
    platform.cli("catalog apply", str(catalogue), "--yes")
    key = platform.cli("keys create", "walk", "--scopes", "all").strip()
    bearer = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    status, body = platform.request("PUT", "/v1/customers/walker", '{"legal_name": "Walker"}', **bearer)
    assert status in {200, 201}, body
    return key


def kill_again_and_again(platform: Platform, senders: list[Sender]) -> Counter[Victim]:
    """Kill at random moments: mostly while events pour in, sometimes while starting or recovering."""
    rng = random.Random(20)
    victims = rng.sample(list(Victim), len(Victim))  # each kind once, then as it comes
    victims += rng.choices(list(WEIGHTS), list(WEIGHTS.values()), k=max(0, KILLS - len(victims)))
    may_give_up = False
    for victim in victims[:KILLS]:
        early = rng.random() < 0.2
        if early:
            time.sleep(rng.uniform(0, 1.5))
        else:
            platform.wait_until_it_serves(may_give_up=may_give_up)
            wait_for_news(senders)
            time.sleep(rng.uniform(0, 0.8))
        platform.kill(victim, rng)
        may_give_up = early  # what serves comes back by itself; a start or a recovery that is hit may fail
    platform.wait_until_it_serves(may_give_up=may_give_up)
    wait_for_news(senders)
    return Counter(victims[:KILLS])


def wait_for_news(senders: list[Sender]) -> None:
    """Wait until something more was acknowledged: the kill is to come in the middle of it."""
    before = sum(len(sender.acknowledged) for sender in senders)
    end = time.monotonic() + PATIENCE
    while sum(len(sender.acknowledged) for sender in senders) == before:
        assert time.monotonic() < end, "nothing is acknowledged any more"
        time.sleep(0.01)


def resend_everything(senders: list[Sender]) -> None:
    """Send every event again: what was acknowledged must be a duplicate, what was not must now be stored."""
    for sender in senders:
        everything = [f"{sender.name}-{n}" for n in range(sender.made)]
        for start in range(0, len(everything), 500):
            sender.post_until_answered(everything[start : start + 500])


def metered_once(platform: Platform, made: set[str]) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Return each meter's figure, once all is metered, and what it must be: each event counted once."""
    data = [event(identity)["data"] for identity in made]
    expected = {
        "events": Decimal(len(data)),
        "steps": Decimal(len({one["step"] for one in data})),
        "length": Decimal(sum(one["length"] for one in data)),
    }
    first, last = (START - timedelta(days=2)).date(), (START + timedelta(days=2)).date()
    end = time.monotonic() + PATIENCE
    while Stored.of(platform).unmetered and time.monotonic() < end:
        time.sleep(0.2)
    rows = json.loads(platform.cli("usage", "--from", f"{first}", "--to", f"{last}", "--json"))
    return {row["meter"]: Decimal(row["quantity"]) for row in rows}, expected


def table(
    kills: Counter[Victim],
    senders: list[Sender],
    acknowledged: int,
    stored: Stored,
    metered: dict[str, Decimal],
) -> str:
    """Return what was done and what came of it, one figure a line."""
    made, posted = sum(sender.made for sender in senders), sum(sender.posted for sender in senders)
    duplicates = sum(sender.duplicates for sender in senders)
    lines: list[tuple[int | Decimal, str]] = [
        (kills.total(), "kills (kill -9), of them"),
        *((number, f"   {victim}") for victim, number in sorted(kills.items())),
        (made, "events sent"),
        (posted, "   with all that was sent again, because no answer came or on purpose"),
        (duplicates, "   answered as duplicates"),
        (acknowledged, "events acknowledged amid the kills, the others when sent again afterwards"),
        (len(stored.ids), "events stored"),
        (stored.rows - len(stored.ids), "   stored twice"),
        (metered["events"], "events metered by count"),
        (metered["steps"], "   operations among them, of up to three events each"),
        (metered["length"], "   sum of their lengths"),
    ]
    return "\n" + "\n".join(f"{figure:>15,}  {words}" for figure, words in lines)
