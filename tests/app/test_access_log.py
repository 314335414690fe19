"""The README's second thing to try: an access log becomes usage and invoices. All figures are worked out here.

The log is made of records whose fields are known, so nothing below reads it as the importer does.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest

from .conftest import ROOT, Shell, reader, shell_blocks

HEADING = "Your own access log"
BUSY = "203.0.113.9"
CLIENTS = (BUSY, *(f"198.51.100.{number}" for number in range(1, 10)), "2001:db8::17", "crawler.example.net")
ONLY_FAILS = "192.0.2.66"
NO_LINES = (
    "",  # blank: skipped, not broken
    'x - - [99/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    '198.51.100.1 - - [yesterday] "GET / HTTP/1.1" 200 1 "-" "-"',
    '198.51.100.1 - - [03/{month}:10:00:00 +0000] "GET / HTTP/1.1" abc 1 "-" "-"',
    '198.51.100.1 - - [03/{month}:10:00:00 +0000] "GET / HTTP/1.1" 200 many "-" "-"',
    '- - - [03/{month}:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    '198.51.100.1 - - [03/{month}:10:00:00 +0000] "GET / HT',
)
BROKEN = len(NO_LINES) - 1
PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Request:
    client: str
    at: datetime
    status: int
    size: int | None

    @property
    def line(self) -> str:
        size = "-" if self.size is None else self.size
        moment = self.at.strftime("%d/%b/%Y:%H:%M:%S %z")
        return f'{self.client} - - [{moment}] "GET /a?token=secret HTTP/1.1" {self.status} {size} "-" "Agent/1.0"'


@dataclass(frozen=True)
class Month:
    """A month that was over long ago enough for all its hours to be sealed."""

    first: date
    after: date

    @classmethod
    def before_last(cls) -> "Month":
        last = datetime.now(UTC).date().replace(day=1) - timedelta(days=1)
        after = last.replace(day=1)
        return cls((after - timedelta(days=1)).replace(day=1), after)


def requests_of(month: Month) -> list[Request]:
    """Make the requests of a month: a busy client, some others, identical lines, failures, no bytes."""
    seeded = random.Random(20261120)
    start = datetime(month.first.year, month.first.month, month.first.day, tzinfo=PARIS)
    made = [
        # Just after midnight where the billing is local; in UTC this is still the month before.
        Request(CLIENTS[1], start + timedelta(minutes=10), 200, 1_000_000),
        *[Request(CLIENTS[2], start + timedelta(days=9), 200, 4321)] * 3,
        *[Request(ONLY_FAILS, start + timedelta(days=4), status, 9_999) for status in (400, 404, 499, 500)],
    ]
    for _ in range(420):
        client = BUSY if seeded.random() < 0.45 else seeded.choice(CLIENTS)
        at = datetime(month.first.year, month.first.month, 2, tzinfo=UTC)
        at += timedelta(seconds=seeded.randrange(25 * 86_400))
        status = seeded.choice((200, 200, 200, 200, 206, 301, 304, 399, 400, 404, 503))
        size = None if status == 304 else seeded.randrange(3_000_000)
        made.append(Request(client, at, status, size))
    seeded.shuffle(made)
    return made


def log_of(made: list[Request], month: Month) -> str:
    lines = [request.line for request in made]
    for place, broken in enumerate(NO_LINES):
        lines.insert(40 * (place + 1), broken.replace("{month}", f"{month.first:%b/%Y}"))
    return "\n".join(lines) + "\n"


def figures_of(made: list[Request]) -> dict[str, tuple[int, int]]:
    """Return requests and bytes by client, of what succeeded."""
    counted, added = Counter[str](), Counter[str]()
    for request in made:
        if request.status < 400:
            counted[request.client] += 1
            added[request.client] += request.size or 0
    return {client: (counted[client], added[client]) for client in counted}


def cents(amount: Decimal) -> int:
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


def price_of(counted: int, added: int) -> tuple[int, int]:
    """Return what examples/api.yaml asks for, line by line, in cents."""
    beyond = max(0, counted - 5)
    steps = (min(beyond, 100), min(max(beyond - 100, 0), 900), max(beyond - 1000, 0))
    prices = (Decimal("0.02"), Decimal("0.01"), Decimal("0.005"))
    requests = sum((units * price for units, price in zip(steps, prices, strict=True)), Decimal(0))
    return cents(requests), cents(added * Decimal("0.0000001"))


@dataclass
class Told:
    """What the commands said of one log."""

    shell: Shell
    month: Month
    made: list[Request]
    clear: bool
    imported: str
    usage: list[dict[str, str]]
    closed: dict[str, list[dict]]

    @property
    def figures(self) -> dict[str, tuple[int, int]]:
        found: dict[str, dict[str, int]] = {}
        for row in self.usage:
            found.setdefault(row["customer"], {})[row["meter"]] = int(row["quantity"])
        assert all(meters["clients"] == 1 for meters in found.values())
        return {customer: (meters["requests"], meters["bytes"]) for customer, meters in found.items()}

    def usage_again(self) -> list[dict[str, str]]:
        return json.loads(
            self.shell.run(f"abaque usage --from {self.month.first} --to {self.month.after} --json")
        )


@pytest.fixture(scope="module", params=["pseudonyms", "clear"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Give the README's commands, with --json where figures are read."""
    first, second = shell_blocks(ROOT / "README.md", HEADING)
    month, clear = Month.before_last(), request.param == "clear"
    second = second.replace("2026-10-01", str(month.first)).replace("2026-11-01", str(month.after))
    given = {
        command.split()[1]: command for command in second.strip().splitlines() if command.startswith("abaque")
    }
    if clear:
        given["events"] += " --clear"
    made = requests_of(month)
    with reader(tmp_path_factory.mktemp("log")) as shell:
        (shell.place / "access.log").write_text(log_of(made, month), encoding="utf-8")
        shell.up(first)
        shell.run(second.strip().splitlines()[0])
        shell.run(given["catalog"])
        imported = shell.run(given["events"])
        usage = json.loads(shell.run(given["usage"] + " --json"))
        closed = json.loads(shell.run(given["close"] + " --json"))
        shell.run(given["self-check"])
        yield Told(shell, month, made, clear, imported, usage, closed)


def test_every_line_is_accounted_for(told: Told) -> None:
    total = len(told.made)
    assert f"{total} records read: {total} accepted, 0 duplicates, 0 conflicts, 0 rejected" in told.imported
    assert f"1 skipped, {BROKEN} broken." in told.imported
    lines = log_of(told.made, told.month).splitlines()
    named = [int(number) for number in re.findall(r"^ +line (\d+): ", told.imported, re.MULTILINE)]
    broken = [part.replace("{month}", f"{told.month.first:%b/%Y}") for part in NO_LINES if part]
    assert [lines[number - 1] for number in named] == broken


def test_every_client_s_figures_are_those_of_the_log(told: Told) -> None:
    expected = figures_of(told.made)
    assert len(expected) == len(CLIENTS)
    if told.clear:
        assert told.figures == expected
    else:
        assert sorted(told.figures.values()) == sorted(expected.values())
        assert all(re.fullmatch(r"p_[0-9a-f]{32}", customer) for customer in told.figures)


def test_every_invoice_is_the_price_list_applied_to_the_figures(told: Told) -> None:
    priced = {customer: price_of(*figures) for customer, figures in told.figures.items()}
    due = {customer: lines for customer, lines in priced.items() if sum(lines)}
    assert (
        price_of(*told.figures[max(told.figures, key=lambda one: told.figures[one])])[0] > 200
    )  # a second tier
    numbered = [invoice for invoice in told.closed["invoices"] if invoice["number"]]
    assert {
        invoice["customer"]: tuple(line["net"] for line in invoice["lines"]) for invoice in numbered
    } == due
    for invoice in numbered:
        net = sum(due[invoice["customer"]])
        tax = cents(Decimal(net) / 100 * Decimal("0.2"))
        assert (invoice["net"], invoice["tax"], invoice["gross"]) == (net, tax, net + tax)
        assert [line["quantity"] for line in invoice["lines"]] == [
            *map(str, told.figures[invoice["customer"]])
        ]


def test_numbers_have_no_gap(told: Told) -> None:
    numbers = sorted(invoice["number"] for invoice in told.closed["invoices"] if invoice["number"])
    assert [int(number.rpartition("-")[2]) for number in numbers] == list(range(1, len(numbers) + 1))
    assert all(number.startswith("TEST-") for number in numbers)


def test_importing_again_changes_nothing_whatever_clear_says(told: Told) -> None:
    total = len(told.made)
    command = "abaque events import access.log --format combined --create-customers --plan api"
    for again in (command, f"{command} --clear"):
        said = told.shell.run(again)
        assert f"{total} records read: 0 accepted, {total} duplicates, 0 conflicts, 0 rejected" in said
    assert told.usage_again() == told.usage


def test_closing_again_issues_nothing(told: Told) -> None:
    closed = json.loads(told.shell.run(f"abaque close --until {told.month.after} --yes --json"))
    assert [invoice for invoice in closed["invoices"] if invoice["number"]] == []
    assert told.shell.run("abaque self-check")


def test_an_overlapping_file_brings_only_its_new_lines(told: Told) -> None:
    """Rotated files overlap: the second half again, and five new lines behind it."""
    half = told.made[len(told.made) // 2 :]
    late = datetime(told.month.first.year, told.month.first.month, 28, 12, tzinfo=UTC)
    new = [Request(BUSY, late + timedelta(seconds=number), 200, 10) for number in range(5)]
    overlapping = "".join(f"{request.line}\n" for request in [*half, *new])
    (told.shell.place / "access.log.1").write_text(overlapping, encoding="utf-8")
    clear = " --clear" if told.clear else ""
    said = told.shell.run(f"abaque events import access.log.1 --format combined{clear}")
    repeated = _first_occurrences(told.made, half)
    assert f"{len(half) + 5} records read: {len(half) + 5 - repeated} accepted, {repeated} duplicates" in said


def _first_occurrences(whole: list[Request], part: list[Request]) -> int:
    """Return how many lines of a part the whole has: the n-th of identical lines equals the n-th there."""
    have = Counter(request.line for request in whole)
    return sum(min(count, have[line]) for line, count in Counter(request.line for request in part).items())
