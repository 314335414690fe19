"""What the door takes, and what it says of repeats."""

from datetime import timedelta

import pytest
from tests.api.door.speaking import BATCH, LINES, NOW, ONE, batch, event, rows, stored, text

# What is taken.


def test_a_single_event_is_accepted_and_stored(client):
    answer = client.post(text(), ONE)
    assert (answer.status, answer.counts, answer.body["events"]) == (200, (1, 0, 0, 0), [])
    assert stored() == {"1"}


def test_a_batch_is_accepted_and_stored(client):
    answer = client.post(batch(*(event(str(n)) for n in range(1000))))
    assert answer.counts == (1000, 0, 0, 0)
    assert len(stored()) == 1000


@pytest.mark.parametrize(
    "kind", ["application/x-ndjson", "application/ndjson", "application/jsonl; charset=utf-8"]
)
def test_lines_are_accepted_and_stored_blank_ones_aside(client, kind):
    answer = client.post(f"{text(identity='1')}\r\n\n  \n{text(identity='2')}\n", kind)
    assert answer.counts == (2, 0, 0, 0)
    assert stored() == {"1", "2"}


@pytest.mark.parametrize("content", [text(), batch(event())])
def test_plain_json_may_be_one_event_or_an_array(client, content):
    assert client.post(content, "application/json").counts == (1, 0, 0, 0)


def test_every_verdict_is_listed_when_asked_for(client):
    client.post(batch(event("1")))
    body = batch(event("1"), event("2"), event("3", source=None), event("1", subject="other"))
    answer = client.post(body, query="verdicts=all")
    assert [(e["index"], e["id"], e["verdict"], e["reason"]) for e in answer.body["events"]] == [
        (0, "1", "duplicate", None),
        (1, "2", "accepted", None),
        (2, "3", "rejected", "missing_source"),
        (3, "1", "conflict", "conflict"),
    ]
    assert {e["id"] for e in client.post(body).body["events"]} == {"1", "2", "3"}  # 2 is a duplicate now


def test_an_empty_array_is_an_answer_of_zeros(client):
    assert client.post("[]").counts == (0, 0, 0, 0)


def test_time_may_be_absent_and_is_then_the_folders_clock(client):
    assert client.post(text(time=None), ONE).counts == (1, 0, 0, 0)
    [(time, given)] = rows("SELECT time, time_given FROM event")
    assert abs(time - NOW) < timedelta(minutes=5)
    assert not given


def test_the_sender_is_warned_of_what_is_not_counted_yet(client):
    answer = client.post(
        batch(
            event("1", type="nobody.knows"),
            event("2", subject="stranger"),
            event("3", data={}),
            event("4", data={"pages": "many"}),
            event("5", time="2026-03-10T14:00:00Z"),
            event("6"),
        )
    )
    assert answer.counts == (6, 0, 0, 0)
    assert answer.warnings == {
        0: "recorded",
        1: "unknown_customer",
        2: "missing_value",
        3: "bad_value",
        4: "future",
    }


# Identity.


def test_the_same_event_again_is_a_duplicate_however_it_is_written(client):
    client.post(batch(event("1", data={"pages": 1, "b": [1, 2]})))
    again = (
        '{"data":{"b":[1,2],"pages":1},"time":"2026-03-10T08:00:00Z","subject":"dupont","type":"document.processed",'
        '"id":"1","source":"\\u002ftest","specversion":"1.0"}'
    )
    assert client.post(again, ONE).counts == (0, 1, 0, 0)
    assert client.post(again, LINES).counts == (0, 1, 0, 0)
    assert rows("SELECT count(*) FROM event") == [(1,)]


def test_other_content_under_the_same_identity_is_kept_beside_it_exactly_as_sent(client):
    client.post(text(), ONE)
    other = text(data=None)[:-1] + ', "data": {"pages": 12.34567890123456789012345}}'
    assert client.post(other, ONE).counts == (0, 0, 1, 0)
    assert rows("SELECT data ->> 'pages' FROM event") == [("1",)]
    assert rows("SELECT event #>> '{data,pages}' FROM conflict") == [("12.34567890123456789012345",)]


def test_an_absent_time_is_not_a_given_one(client):
    client.post(text(time=None), ONE)
    assert client.post(text(time=None), ONE).counts == (0, 1, 0, 0)
    assert client.post(text(), ONE).counts == (0, 0, 1, 0)


def test_duplicates_and_conflicts_inside_one_batch(client):
    answer = client.post(batch(event("1"), event("1"), event("1", subject="other"), event("2")))
    assert answer.counts == (2, 1, 1, 0)
    assert rows("SELECT subject FROM event WHERE id = '1'") == [("dupont",)]
    assert rows("SELECT accepted, duplicate, conflict, rejected FROM intake") == [(2, 1, 1, 0)]


def test_the_same_events_at_the_same_moment_are_stored_once(client):
    body = batch(*(event(str(n)) for n in range(200)))
    back = batch(*(event(str(n)) for n in reversed(range(200))))
    answers = client.together(
        (body, BATCH), (back, BATCH), (body, BATCH), (text(identity="7"), ONE), (back, BATCH)
    )
    assert all(answer.status == 200 for answer in answers)
    assert sum(answer.body["accepted"] for answer in answers) == 200
    assert sum(answer.body["duplicate"] for answer in answers) == 601
    assert rows("SELECT count(*) FROM event") == [(200,)]


def test_single_events_sent_together_share_commits_and_each_gets_its_own_verdict(client):
    requests = [(text(identity=str(n % 150), subject=None if n == 5 else "dupont"), ONE) for n in range(200)]
    answers = client.together(*requests)
    assert [answer.counts for answer in answers].count((0, 0, 0, 1)) == 1
    assert answers[5].reasons == {0: "missing_subject"}
    assert sum(answer.body["accepted"] for answer in answers) == len(stored()) == 150
    assert rows("SELECT count(*) < 200 FROM intake") == [(True,)]


def test_one_line_never_mixes_with_the_line_of_another_request(client):
    half, rest = '{"source": "/test", "id": "half", "x": [{}', "{}]}"
    both = f"{text(identity='2')},{text(identity='3')}"
    answers = client.together((text(identity="1"), ONE), (half, LINES), (rest, LINES), (both, LINES))
    assert [answer.counts for answer in answers] == [(1, 0, 0, 0), *[(0, 0, 0, 1)] * 3]
    assert [answer.reasons for answer in answers[1:]] == [{0: "malformed_json"}] * 3
    assert stored() == {"1"}
