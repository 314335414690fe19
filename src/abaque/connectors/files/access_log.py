r"""A web server's access log, in the common or combined format of Apache and nginx, becomes events.

    1.2.3.4 - alice [17/May/2015:10:05:03 +0000] "GET /a?q=1 HTTP/1.1" 200 512 "http://from/" "Mozilla/5.0"

What real logs contain decides the rules:

- A line is broken only if its address, time, request, status or bytes cannot be read. A missing or cut-off
  referrer or agent (the common format, a full disk) leaves the request readable.
- The request is whatever stands between the quotes. If that is no HTTP request line (`-` after a timeout,
  nothing at all, the bytes of a TLS greeting) the request still happened: method and path are both `-`.
- An address is an IPv4 or IPv6 address or a host name; `-` is none. The status is 100 to 999. The bytes are
  digits, or `-`, which Apache writes for none.
- Servers escape a quote inside a quoted field as `\"` or `\x22`. For those that do not, a request line that
  holds bare quotes is read up to the first quote followed by a status and bytes.
- Text is kept as the server wrote it. Bytes that are not UTF-8 are written `\xhh`.
- The path is kept without its query, and without scheme and host if a proxy was asked; queries and
  referrers carry what people typed, so neither is kept.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from abaque.connectors.files.reading import Broken, Event, Read, Skipped, excerpt, is_cut, readable, whole

EVENT_TYPE = "http.request"

#: From this status on the server says that the client did not get what it asked for (RFC 9110, section 15).
_FIRST_FAILURE = 400

_ADDRESS = r"(?P<client>\S+)"
_TIME = r"\[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\]"
# Atomic: the first thing that looks like a time is the time, so that a hostile line costs linear time.
_TO_TIME = _ADDRESS + rf" \S+ (?>(?P<user>.*?) {_TIME})"
_QUOTED = r'[^"\\]*(?:\\.[^"\\]*)*'
_STATUS = r"(?P<status>[1-9]\d\d)"
_BYTES = r"(?P<bytes>\d{1,18}|-)(?=\s|$)"
_AGENT = rf'(?: "{_QUOTED}" "(?P<agent>{_QUOTED})(?:"|$))?'

_LINE = re.compile(rf'{_TO_TIME} "(?P<request>{_QUOTED})" {_STATUS} {_BYTES}{_AGENT}', re.ASCII)
_BARE_QUOTES = re.compile(rf'{_TO_TIME} "(?P<request>.*?)" {_STATUS} {_BYTES}{_AGENT}', re.ASCII)

#: What must match for a line to be readable up to and including the named part.
_PARTS = (
    ("address", re.compile(rf"{_ADDRESS} ", re.ASCII)),
    ("time", re.compile(_TO_TIME, re.ASCII)),
    ("request", re.compile(rf'{_TO_TIME} ".*?"(?= |$)', re.ASCII)),
    ("status", re.compile(rf'{_TO_TIME} ".*?" {_STATUS}(?= |$)', re.ASCII)),
)

_HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253})")
_METHOD = re.compile(r"[A-Za-z][A-Za-z0-9_.!#$%&'*+^`|~-]{0,31}")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def combined(
    lines: Iterable[bytes],
    *,
    source: str,
    clear: bool,
    pseudonym: Callable[[str], str],
    skip_agents: Sequence[str],
) -> Iterator[Read]:
    """Yield one `http.request` event per line of an access log.

    Its subject is the client. Its data: method, path, status, bytes (`-` is 0), client, user and agent (both
    absent where the log says `-`), and outcome: success below status 400, else failure. Its time is the
    log's, with the log's offset.

    `pseudonym` maps a text to its keyed pseudonym. Client, user and agent go through it unless `clear`; it
    must be the same function whether `clear` or not, since it also keys the identities.
    `skip_agents` are parts of agents, in any case of letters, whose requests are left out.

    The identity under `source` is the line and how many identical lines came before it in this file. So
    importing a file again gives duplicates, and identical lines within one file all count. It is a keyed
    hash: a plain one would let anyone who holds the events try addresses against it. The counts take about
    100 bytes of memory per line.
    """
    show = _unchanged if clear else lru_cache(maxsize=65_536)(pseudonym)
    unwanted = tuple(part.lower() for part in skip_agents)
    identity = _Identities(pseudonym)
    for number, line in enumerate(whole(lines), start=1):
        raw = line.rstrip(b"\r\n")
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if not raw.strip():
            yield Skipped(number, "blank")
            continue
        unique = identity(raw)
        if is_cut(line):
            yield Broken(number, "too_long", excerpt(raw))
            continue
        text = readable(raw)
        found = _LINE.match(text) or _BARE_QUOTES.match(text)
        time = found and _instant(found["time"])
        if found is None or time is None or not _is_address(found["client"]):
            yield Broken(number, _unreadable_part(text), excerpt(text))
            continue
        if unwanted and _is_unwanted(found["agent"], unwanted):
            yield Skipped(number, "agent")
            continue
        yield _event(found, source=source, unique=unique, time=time, show=show)


def _event(found: re.Match[str], *, source: str, unique: str, time: str, show: Callable[[str], str]) -> Event:
    _, user, _, request, status, size, agent = found.groups()
    method, path = _method_and_path(request)
    client = show(found["client"])
    data: dict[str, Any] = {
        "method": method,
        "path": path,
        "status": int(status),
        "bytes": 0 if size == "-" else int(size),
        "client": client,
        "outcome": "success" if int(status) < _FIRST_FAILURE else "failure",
    }
    if user not in {"-", "", '""'}:
        data["user"] = show(user)
    if agent and agent != "-":
        data["agent"] = show(agent)
    return {
        "specversion": "1.0",
        "id": unique,
        "source": source,
        "type": EVENT_TYPE,
        "subject": client,
        "time": time,
        "data": data,
    }


class _Identities:
    """Gives each line of one file its identity: a keyed hash of the line, and its occurrence number."""

    def __init__(self, pseudonym: Callable[[str], str]) -> None:
        # The key comes out of the keyed function itself, so a reader needs no secret of its own.
        self._key = blake2b(pseudonym("identity of a line in an access log").encode()).digest()
        # Half of the hash is enough here: if two lines ever shared it, they would still differ in the id.
        self._seen: dict[bytes, int] = {}

    def __call__(self, line: bytes) -> str:
        digest = blake2b(line, key=self._key, digest_size=16).digest()
        occurrence = self._seen.get(digest[:8], 0)
        self._seen[digest[:8]] = occurrence + 1
        return f"{digest.hex()}.{occurrence}"


def _method_and_path(request: str) -> tuple[str, str]:
    """Split a request line; both are `-` if it is none. Bad clients send bare spaces inside the target."""
    method, _, target = request.partition(" ")
    before, _, last = target.rpartition(" ")
    if last.startswith("HTTP/"):
        target = before
    path = target.strip(" ").partition("?")[0].partition("#")[0]
    if not target or not _METHOD.fullmatch(method):
        return "-", "-"
    if "://" in path and not path.startswith("/"):
        path = "/" + path.partition("://")[2].partition("/")[2]
    return method, path or "/"


@lru_cache(maxsize=4096)
def _instant(text: str) -> str | None:
    """Turn `17/May/2015:10:05:03 +0200` into RFC 3339 with that offset; None if there is no such time."""
    if text[3:6] not in _MONTHS:
        return None
    month = _MONTHS.index(text[3:6]) + 1
    try:
        return datetime.fromisoformat(
            f"{text[7:11]}-{month:02}-{text[:2]}T{text[12:20]}{text[21:24]}:{text[24:26]}"
        ).isoformat()
    except ValueError:
        return None


@lru_cache(maxsize=65_536)
def _is_address(text: str) -> bool:
    text = text.removeprefix("[").removesuffix("]")
    if ":" in text or text.replace(".", "").isdigit():
        try:
            ipaddress.ip_address(text)
        except ValueError:
            return False
        return True
    return _HOST_NAME.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _is_unwanted(agent: str | None, unwanted: tuple[str, ...]) -> bool:
    lower = (agent or "").lower()
    return any(part in lower for part in unwanted)


def _unchanged(text: str) -> str:
    return text


def _unreadable_part(text: str) -> str:
    """Name the first part that cannot be read."""
    for part, pattern in _PARTS:
        found = pattern.match(text)
        if found is None or (part == "address" and not _is_address(found["client"])):
            return part
        if part == "time" and _instant(found["time"]) is None:
            return part
    return "bytes"
