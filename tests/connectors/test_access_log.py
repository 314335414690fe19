"""Lines as real servers write them, one oddity at a time."""

import gzip
import hmac
import io
import json

import pytest

from abaque.connectors.files import LINE_MAX, Broken, Skipped, Unreadable, combined, encode, lines, sentence

GOOD = (
    '83.149.9.216 - - [17/May/2015:10:05:03 +0200] "GET /a/b.png?token=x HTTP/1.1" 200 203023 '
    '"http://from.example/page?q=1" "Mozilla/5.0 (X11)"'
)


def keyed(text: str) -> str:
    return hmac.new(b"secret", text.encode(), "sha256").hexdigest()[:24]


def read(*log: str | bytes, clear: bool = True, skip_agents: tuple[str, ...] = ()) -> list:
    raw = [(line if isinstance(line, bytes) else line.encode()) + b"\n" for line in log]
    return list(combined(raw, source="web-1", clear=clear, pseudonym=keyed, skip_agents=skip_agents))


def line(
    request: str = "GET / HTTP/1.1", *, client: str = "10.0.0.1", rest: str = "200 5", user: str = "-"
) -> str:
    return f'{client} - {user} [17/May/2015:10:05:03 +0000] "{request}" {rest}'


def test_a_line_becomes_an_event_without_query_and_referrer() -> None:
    [event] = read(GOOD)
    assert event | {"id": ""} == {
        "specversion": "1.0",
        "id": "",
        "source": "web-1",
        "type": "http.request",
        "subject": "83.149.9.216",
        "time": "2015-05-17T10:05:03+02:00",
        "data": {
            "method": "GET",
            "path": "/a/b.png",
            "status": 200,
            "bytes": 203023,
            "client": "83.149.9.216",
            "outcome": "success",
            "agent": "Mozilla/5.0 (X11)",
        },
    }
    assert "from.example" not in json.dumps(event)
    assert "token" not in json.dumps(event)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("200", "success"), ("304", "success"), ("399", "success"), ("400", "failure"), ("503", "failure")],
)
def test_the_outcome_comes_from_the_status(status: str, outcome: str) -> None:
    [event] = read(line(rest=f"{status} -"))
    assert event["data"]["outcome"] == outcome
    assert event["data"]["bytes"] == 0


@pytest.mark.parametrize(
    ("request_line", "method", "path"),
    [
        ("-", "-", "-"),
        ("", "-", "-"),
        (r"\x16\x03\x01\x02", "-", "-"),
        (r"{\"id\":1,\"method\":\"mining\"}", "-", "-"),
        ("quit", "-", "-"),
        ("GET /old", "GET", "/old"),
        ("GET /a b c HTTP/1.1", "GET", "/a b c"),
        (r"GET /say\"hi\" HTTP/1.1", "GET", r"/say\"hi\""),
        (r"GET /\" 200 9 HTTP/1.1", "GET", r"/\" 200 9"),
        ("GET http://host.example/p?q#f HTTP/1.1", "GET", "/p"),
        ("GET /r?to=http://x/ HTTP/1.1", "GET", "/r"),
        ("CONNECT host.example:443 HTTP/1.1", "CONNECT", "host.example:443"),
        ("OPTIONS * HTTP/1.0", "OPTIONS", "*"),
        ("PROPFIND /dav HTTP/1.1", "PROPFIND", "/dav"),
        ('GET /"bare" HTTP/1.1', "GET", '/"bare"'),
        ("GET /back\\", "GET", "/back\\"),
    ],
)
def test_whatever_stands_between_the_quotes_is_a_request(request_line: str, method: str, path: str) -> None:
    [event] = read(line(request_line, rest='408 12 "-" "agent"'))
    data = event["data"]
    assert (data["method"], data["path"], data["status"], data["bytes"]) == (method, path, 408, 12)
    assert data["agent"] == "agent"


@pytest.mark.parametrize(
    ("rest", "agent"),
    [
        ("200 5", None),
        ('200 5 "-" "-"', None),
        ('200 5 "-"', None),
        ('200 5 "-" "cut of', "cut of"),
        ('200 5 "cut of', None),
        ('200 5 "-" ""', None),
        ('200 5 "-" "a" "for 1.2.3.4" 0.005', "a"),
        (r'200 5 "said \"x\"" "b \"c\""', r"b \"c\""),
    ],
)
def test_referrer_and_agent_may_be_missing_or_cut_off(rest: str, agent: str | None) -> None:
    [event] = read(line(rest=rest))
    assert event["data"].get("agent") == agent


@pytest.mark.parametrize(
    "client", ["2001:db8::1", "[::1]", "crawler-66.bot.example", "localhost", "fe80::1%eth0"]
)
def test_an_address_is_ipv4_ipv6_or_a_host_name(client: str) -> None:
    [event] = read(line(client=client))
    assert event["subject"] == client


@pytest.mark.parametrize(
    ("user", "kept"), [("-", None), ('""', None), ("ann", "ann"), ("ann lee", "ann lee")]
)
def test_users_with_spaces_and_without_names(user: str, kept: str | None) -> None:
    [event] = read(line(user=user))
    assert event["data"].get("user") == kept


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nonsense", "address"),
        (line(client="-"), "address"),
        (line(client="999.1.1.1"), "address"),
        (line(client="1:2:3"), "address"),
        (line(client="a/b"), "address"),
        (line().replace("[17/May", "[yesterday"), "time"),
        (line().replace("17/May", "31/Feb"), "time"),
        (line().replace("May", "Mai"), "time"),
        (line().replace("10:05:03", "25:05:03"), "time"),
        (line().replace("+0000", "+2500"), "time"),
        (line().replace(" +0000", ""), "time"),
        ('1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET /cut', "request"),
        ("1.2.3.4 - - [17/May/2015:10:05:03 +0000]", "request"),
        (line(rest="abc 5"), "status"),
        (line(rest="- 5"), "status"),
        (line(rest="000 0"), "status"),
        (line(rest=""), "status"),
        (line(rest="200 many"), "bytes"),
        (line(rest="200 -5"), "bytes"),
        (line(rest="200 12kB"), "bytes"),
        (line(rest="200"), "bytes"),
        (line(rest="200 " + "9" * 19), "bytes"),
        ("\u0661.2.3.4" + line()[8:], "address"),
        (line(rest="20\u0660 5"), "status"),
    ],
)
def test_a_broken_line_is_named_with_its_first_unreadable_part(text: str, reason: str) -> None:
    before, broken, after = read(GOOD, text, GOOD)
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert (broken.line_number, broken.reason) == (2, reason)
    assert broken.excerpt
    assert text.strip().startswith(broken.excerpt.rstrip("…"))
    assert sentence(broken, "en") != sentence(broken, "fr")


def test_bytes_that_are_no_text_are_written_out() -> None:
    [event] = read(
        b'1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET /\xff\x00\xe9t\xc3\xa9 HTTP/1.1" 200 5 "-" "\x1b[2J"'
    )
    assert event["data"]["path"] == r"/\xff\x00\xe9té"
    assert event["data"]["agent"] == r"\x1b[2J"


def test_identical_lines_all_count_and_importing_again_finds_the_same_identities() -> None:
    first = read(GOOD, GOOD, line(), GOOD)
    ids = [event["id"] for event in first]
    assert len(set(ids)) == 4
    assert ids == [event["id"] for event in read(GOOD, GOOD, line(), GOOD)]
    assert ids[0] == read(GOOD)[0]["id"]


def test_identity_does_not_depend_on_clear_on_skipped_agents_or_on_the_line_end() -> None:
    log = [line(rest='200 5 "-" "bot"'), GOOD, line(), GOOD]
    ids = [event["id"] for event in read(*log)]
    assert [event["id"] for event in read(*log, clear=False)] == ids
    assert [event["id"] for event in read(*log, skip_agents=("bot",)) if isinstance(event, dict)] == ids[1:]
    raw = b"\xef\xbb\xbf" + "\r\n".join(log).encode()
    windows = combined(lines(io.BytesIO(raw)), source="", clear=True, pseudonym=keyed, skip_agents=())
    assert [event["id"] for event in windows] == ids


def test_client_user_and_agent_are_pseudonyms_unless_clear() -> None:
    [event] = read(line(user="ann", rest='200 5 "-" "agent"'), clear=False)
    assert event["subject"] == event["data"]["client"] == keyed("10.0.0.1")
    assert event["data"]["user"] == keyed("ann")
    assert event["data"]["agent"] == keyed("agent")


def test_the_identity_is_keyed_so_that_it_does_not_give_the_address_away() -> None:
    def other(text: str) -> str:
        return hmac.new(b"other", text.encode(), "sha256").hexdigest()

    [event] = combined([GOOD.encode()], source="", clear=False, pseudonym=other, skip_agents=())
    assert event["id"] != read(GOOD, clear=False)[0]["id"]


def test_unwanted_agents_are_skipped_by_any_part_of_their_name() -> None:
    bot = line(rest='200 5 "-" "Googlebot/2.1 (+http://example.com'), line()
    assert [type(found) for found in read(*bot, skip_agents=("googleBOT",), clear=False)] == [Skipped, dict]


def test_blank_lines_are_skipped_and_counted() -> None:
    assert read("", "   ", GOOD)[:2] == [Skipped(1, "blank"), Skipped(2, "blank")]


def test_a_line_without_end_is_broken_and_the_next_one_read() -> None:
    log = b"x" * (3 * LINE_MAX) + b"\n" + GOOD.encode() + b"\n"
    found = list(combined(lines(io.BytesIO(log)), source="", clear=True, pseudonym=keyed, skip_agents=()))
    assert isinstance(found[0], Broken)
    assert (found[0].line_number, found[0].reason) == (1, "too_long")
    assert found[1]["id"] == read(GOOD)[0]["id"]
    assert len(found) == 2


def test_a_hostile_line_costs_linear_time() -> None:
    times = ' [17/May/2015:10:05:03 +0000] "' * 20_000
    [broken] = read("1.2.3.4 - " + times)
    assert broken.reason in {"request", "status"}


def test_a_compressed_log_is_the_same_log_and_a_damaged_one_is_said() -> None:
    log = f"{GOOD}\n{line()}".encode()
    packed = gzip.compress(log)
    assert list(lines(io.BytesIO(packed))) == list(lines(io.BytesIO(log)))
    with pytest.raises(Unreadable) as caught:
        list(lines(io.BytesIO(packed[:-12])))
    assert "Copy it again" in sentence(caught.value)
    assert "Copiez" in sentence(caught.value, "fr")


def test_events_are_json() -> None:
    [event] = read(GOOD)
    assert json.loads(encode(event)) == event
