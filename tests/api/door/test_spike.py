"""A spike of ten times the meter's pace waits, is seen, and drains; the counts agree to the event."""

import re

import pytest
from tests.api.door.speaking import batch, event, rows

PACE = 200  # events a chunk of the meter takes here
SPIKE = 10
ROUNDS = 5


def measured(django_client) -> dict[str, float]:
    answer = django_client.get("/metrics")
    assert answer.status_code == 200
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.fixture
def metrics(monkeypatch, client):
    from django.test import Client

    from abaque.storage.read import load

    monkeypatch.setattr(load, "_sums", load._Sums())  # other tests had other events
    assert client is not None
    return lambda: measured(Client())


def test_a_spike_waits_is_seen_and_drains(client, metrics):
    from abaque.billing.meter import meter_chunk
    from abaque.storage import clock

    sent = 0
    before = metrics()
    assert before["abaque_backlog_events"] == before["abaque_lag_seconds"] == 0
    seen = []
    for _ in range(ROUNDS):
        for _ in range(SPIKE):
            body = batch(*(event(f"e{sent + n}", data={"pages": 2}) for n in range(PACE)))
            assert client.post(body).counts == (PACE, 0, 0, 0)
            sent += PACE
        meter_chunk(now=clock.now(), events=PACE)
        seen.append(metrics()["abaque_backlog_events"])
    assert seen == [(SPIKE - 1) * PACE * n for n in range(1, ROUNDS + 1)]
    assert client.post(body).counts == (0, PACE, 0, 0)
    while meter_chunk(now=clock.now(), events=PACE):
        now = metrics()
        assert now["abaque_backlog_events"] < seen[-1] or now["abaque_backlog_events"] == 0
        assert (now["abaque_lag_seconds"] > 0) == (now["abaque_backlog_events"] > 0)
        seen.append(now["abaque_backlog_events"])
    after = metrics()
    assert after["abaque_backlog_events"] == after["abaque_lag_seconds"] == 0
    assert after['abaque_events_total{verdict="accepted"}'] == sent == 10_000
    assert after['abaque_events_total{verdict="duplicate"}'] == PACE
    assert after["abaque_events_last_minute"] <= sent
    assert 0 < after["abaque_metered_last_minute"] <= sent
    assert after["abaque_unsealed_seconds"] >= 3600 * 4  # the events are of 8 o'clock, and it is noon
    assert rows("SELECT sum(events)::int, sum(quantity)::int FROM usage") == [(sent, 2 * sent)]
    assert rows("SELECT count(*)::int FROM intake WHERE metered_at IS NULL") == [(0,)]


def test_old_events_are_summed_once_and_stay_in_the_sum(client, metrics):
    from django.db import connection

    from abaque.storage.read import load

    client.post(batch(event("1"), event("2"), event("2"), event("3", source=None)))
    connection.cursor().execute("UPDATE intake SET received_at = received_at - interval '5 hours'")
    assert metrics()['abaque_events_total{verdict="accepted"}'] == 2
    assert load._sums.verdicts == (2, 1, 0, 1)
    client.post(batch(event("4")))
    said = metrics()
    assert [said[f'abaque_events_total{{verdict="{name}"}}'] for name in load.VERDICTS] == [3, 1, 0, 1]


def test_every_metric_says_what_it_is(metrics):
    from django.test import Client

    text = Client().get("/metrics").content.decode()
    names = {re.match(r"\w+", line).group() for line in text.splitlines() if not line.startswith("#")}
    for name in names:
        assert len(re.findall(rf"^# HELP {name} [A-Z].*\.$", text, re.MULTILINE)) == 1
        assert len(re.findall(rf"^# TYPE {name} (counter|gauge)$", text, re.MULTILINE)) == 1
    assert metrics()["abaque_holds_open"] == 0
