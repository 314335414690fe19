"""ASGI applications behind the server's own protocol: what they are told, and what comes out, over real connections."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = int(probe.getsockname()[1])
    with subprocess.Popen([sys.executable, "bridged.py", str(free)], cwd=HERE) as process:
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", free), 1).close()
                break
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.05)
        yield free
        process.terminate()


def asked(port: int, *parts: bytes, leave: bool = False) -> bytes:
    """Send the parts of a request, and return all that comes back until the server closes; `leave`: at once."""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(0.05)
        if leave:
            return b""
        received = bytearray()
        while part := connection.recv(65536):
            received += part
        return bytes(received)


def request(first: str, *headers: str, body: bytes = b"") -> bytes:
    return (
        "\r\n".join([f"{first} HTTP/1.1", "host: h", "connection: close", *headers, "", ""]).encode() + body
    )


def told(answer: bytes) -> Any:
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def heard(port: int, what: str) -> bool:
    """Whether the application heard something, after a while at most."""
    end = time.monotonic() + 10
    while what not in told(asked(port, request("GET /heard"))):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_an_application_is_told_the_request(port):
    sent = request("GET /a%20b/%C3%A9?q=%20x&y", "X-One: 1", "X-One: 2", "cookie: a=1")
    found = told(asked(port, sent))
    assert (found["type"], found["method"], found["scheme"], found["http_version"]) == (
        "http",
        "GET",
        "http",
        "1.1",
    )
    assert (found["path"], found["query"], found["client"][0]) == ("/a b/é", "q=%20x&y", "127.0.0.1")
    assert [pair for pair in found["headers"] if pair[0] in {"x-one", "cookie"}] == [
        ["x-one", "1"],
        ["x-one", "2"],
        ["cookie", "a=1"],
    ]
    assert found["body"] == ""


@pytest.mark.parametrize("written", ["é", "中"])
def test_what_is_written_without_escapes_is_told_as_it_is(port, written):
    found = told(asked(port, request(f"GET /{written}?q={written}")))
    assert (found["path"], found["query"]) == (f"/{written}", f"q={written}")


def test_cookies_that_cannot_be_read_are_refused_and_other_headers_left_out(port):
    answer = asked(port, request("GET /", "cookie: name=é; sessionid=1"))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert "Supprimez les cookies" in answer.decode()
    found = told(asked(port, request("GET /", "user-agent: été", "cookie: sessionid=1")))
    assert [pair for pair in found["headers"] if pair[0] != "host"] == [
        ["connection", "close"],
        ["cookie", "sessionid=1"],
    ]


def test_status_and_every_header_come_out(port):
    answer = asked(port, request("GET /"))
    head = answer.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert head[0].startswith(b"HTTP/1.1 418 ")
    assert [line for line in head if line.startswith(b"set-cookie")] == [
        b"set-cookie: a=1",
        b"set-cookie: b=2",
    ]


def test_the_answer_to_head_says_the_length_and_nothing_more(port):
    whole = asked(port, request("GET /heard"))
    answer = asked(port, request("HEAD /heard"))
    assert answer.partition(b"\r\n\r\n")[2] == b""
    length = next(line for line in whole.split(b"\r\n") if line.startswith(b"content-length"))
    assert length in answer


@pytest.mark.parametrize("size", [0, 5, 300_000])
def test_a_body_arrives_whole(port, size):
    body = b"x" * size
    assert told(asked(port, request("POST /", f"content-length: {size}"), body))["body"] == body.decode()


def test_a_body_in_chunks_arrives_whole(port):
    parts = (
        request("POST /", "transfer-encoding: chunked"),
        b"5\r\nhello\r\n",
        b"3\r\nabc\r\n",
        b"0\r\n\r\n",
    )
    assert told(asked(port, *parts))["body"] == "helloabc"


def test_a_body_cut_short_is_a_disconnection(port):
    asked(port, request("POST /", "content-length: 50"), b"hello", leave=True)
    assert heard(port, "cut short")


def test_an_answer_in_parts_comes_in_parts_and_ends(port):
    answer = asked(port, request("GET /stream"))
    assert b"transfer-encoding: chunked" in answer
    assert b"0;" in answer
    assert b"2;" in answer
    assert answer.endswith(b"0\r\n\r\n")


def test_who_leaves_a_stream_is_noticed(port):
    asked(port, request("GET /stream?long"), leave=True)
    assert heard(port, "http.disconnect") or heard(port, "OSError")
