"""A year out of a seed, played in a real house; an auditor of its own says what must have come of it.

`make year SEED=7`, or `SEED=1-40`, plays other years than the few that are always played.
"""

import json
import os
import random
import threading
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.billing.conftest import HASHING_KEY, House
from tests.year import traffic
from tests.year.auditor import HOUR, QUARTER, Auditor, Event, Fate, Prediction, Slots, Verdict, rolled
from tests.year.corrections import AMEND

ALWAYS = "1-2"
DAY = timedelta(days=1)
LATENESS = timedelta(hours=24)
SHOWN = 8
#: How many of the events whose fate should not have changed are looked at again.
SAMPLE = 0.1
_MOMENT = timedelta(microseconds=1)


def seeds(text: str) -> list[int]:
    """Return the seeds a text names: `7` or `1-40`."""
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


class Killed(Exception):  # noqa: N818  # it is what happened
    pass


#: What the door tells apart and the auditor does not.
_OF_CORRECTIONS = frozenset({"bad_target", "missing_reason", "bad_replacement"})


@dataclass
class Played:
    """The same things told to the house and to the auditor."""

    house: House
    in_threads: Callable[..., list[Any]]
    seed: int
    key_hash: bytes = b""
    auditor: Auditor = field(default_factory=Auditor)
    differences: list[str] = field(default_factory=list)
    before: Prediction = field(default_factory=Prediction)

    def __post_init__(self) -> None:
        from abaque.billing.create_key import hash_of, new_key
        from abaque.billing.permissions import SYSTEM

        self.house.now = traffic.BEGINS
        self.house.issuer()
        made = new_key("the product", sources=traffic.SOURCES, now=self.house.now, by=SYSTEM)
        self.key_hash = hash_of(made["key"])
        self.rng = random.Random(self.seed)

    def play(self) -> None:
        for number, step in enumerate(traffic.year(self.seed)):
            self.take(step)
            if self.differences:
                told = [f"seed {self.seed}, step {number}, {self.house.now.isoformat()}: {_short(step)}"]
                more = len(self.differences) - SHOWN
                told += self.differences[:SHOWN] + ([f"… and {more} more"] if more > 0 else [])
                pytest.fail("\n".join(told), pytrace=False)

    def take(self, step: traffic.Step) -> None:
        match step:
            case traffic.Move(now):
                self.house.now = now
            case traffic.Know(customer, zone, aliases):
                self.house.customer(customer, aliases, zone=zone)
            case traffic.Lend():
                self.lend(step)
            case traffic.Publish(meters):
                self.house.catalogue(traffic.as_catalogue(meters))
            case traffic.Send():
                self.send(step)
                return
            case traffic.Meter(how):
                self.meter(how)
            case traffic.Seal():
                self.house.seal()
            case traffic.Compare():
                self.compare()
        self.auditor.hear(step, self.house.now)

    def lend(self, lent: traffic.Lend) -> None:
        from abaque.storage.models import Alias, Customer, Recount

        customer = Customer.objects.get(external_id=lent.customer)
        Alias.objects.create(
            subject=lent.subject, customer=customer, valid_from=lent.start, valid_to=lent.end
        )
        Recount.objects.create(subjects=[lent.subject], asked_at=self.house.now)

    # The door.

    def send(self, sent: traffic.Send) -> None:
        if sent.how == "killed":
            self.killed(lambda: self.captured(sent))
        if sent.how == "twice at once":
            found = self.in_threads(lambda: self.captured(sent), lambda: self.captured(sent))
        elif sent.how == "while metering":
            *found, metered = self.in_threads(lambda: self.captured(sent), self.house.meter)
            assert metered is None, metered
        else:
            found = [self.captured(sent)]
        told = [self.auditor.hear(sent, self.house.now) for _ in found]
        self.differences += _verdicts_apart(sent, told, found)

    def captured(self, sent: traffic.Send) -> list[Verdict] | None:
        from django.db import connection

        from abaque.billing.capturing import BadBody, Form, Sent, capture, read_body

        form = {"event": Form.EVENT, "batch": Form.BATCH, "lines": Form.LINES}[sent.form]
        connection.ensure_connection()
        try:
            body = read_body(sent.raw.encode(), form)
            sent_by = Sent(self.house.now, self.key_hash, HASHING_KEY, every=True)
            intake = capture(connection.connection, body, sent_by)
        except BadBody:
            return None
        return [
            Verdict(
                one.verdict,
                "bad_correction" if one.reason in _OF_CORRECTIONS else one.reason,
                one.warning is not None,
            )
            for one in intake.verdicts
        ]

    # The meter.

    def meter(self, how: str) -> None:
        from abaque.billing.meter import meter_chunk

        if how == "two":
            for one in self.in_threads(self.house.meter, self.house.meter):
                assert one is None, one
        elif how == "killed":
            self.killed(lambda: meter_chunk(now=self.house.now, events=20))
            self.kill_at_work()
        elif how == "undone":
            self.undone(lambda: meter_chunk(now=self.house.now, events=20))
        elif how == "some":
            meter_chunk(now=self.house.now, events=self.rng.choice((1, 30)))
        else:
            self.house.meter()

    def killed(self, work: Callable[[], Any]) -> None:
        """Do it on a connection that dies before the commit."""
        from django.db import OperationalError, connection

        def die() -> None:
            self.house.rows("SELECT pg_terminate_backend(pg_backend_pid())")

        with pytest.raises(OperationalError):
            self.cut_short(work, die)
        connection.close()

    def undone(self, work: Callable[[], Any]) -> None:
        """Do it in a transaction that is rolled back."""

        def die() -> None:
            raise Killed

        with pytest.raises(Killed):
            self.cut_short(work, die)

    def cut_short(self, work: Callable[[], Any], die: Callable[[], None]) -> None:
        from django.db import transaction

        with transaction.atomic():
            self.house.rows("SELECT 1")  # begins it, so that the door's own transaction lies inside
            work()
            die()

    def kill_at_work(self) -> None:
        """Let two meter and kill one of them, wherever it is; whoever is left ends the work."""
        from django.db import OperationalError, connection

        at_work: list[int] = []
        begun = threading.Event()

        def work() -> None:
            connection.ensure_connection()
            at_work.append(connection.connection.info.backend_pid)
            begun.set()
            self.house.meter()

        def kill() -> None:
            assert begun.wait(10)
            self.house.rows("SELECT pg_terminate_backend(%s)", [at_work[0]])

        for one in self.in_threads(work, work, kill):
            assert one is None or isinstance(one, OperationalError), one

    # Comparing.

    def compare(self) -> None:
        self.house.meter()
        self.house.seal()
        predicted = self.auditor.predict(self.house.now)
        self.fates(predicted)
        self.usage(predicted.slots)
        broken = (one for one in self.house._checked() if not one.good)
        self.differences += [f"self-check: {one.name}: {one.first}" for one in broken]
        self.before = predicted

    def fates(self, predicted: Prediction) -> None:
        """Compare what became of events: of those that are new or changed, and of some of the others."""
        from abaque.storage.read.events import one_event

        for identity, fates in predicted.fates.items():
            if self.before.fates.get(identity) == fates and self.rng.random() > SAMPLE:
                continue
            event = self.auditor.events[identity]
            found = one_event(*identity)
            if found is None:
                self.differences.append(f"accepted, but not there: {event}")
                continue
            seen = {one.meter: one for one in found.fates}
            if event.type == AMEND and "" not in fates:  # voided or replaced: that is what has to be shown
                seen.pop("", None)
            for meter in sorted(fates.keys() | seen.keys()):
                must, is_ = fates.get(meter), seen.get(meter)
                if must is None or is_ is None or not self.agree(must, is_):
                    self.apart(event, meter or "(no meter)", must, _told(is_))
            if found.fate != predicted.shown(identity):
                self.apart(event, "shown", predicted.shown(identity), found.fate)

    def agree(self, must: Fate, found: Any) -> bool:
        if must.word != found.fate:
            return False
        if must.hour is None:
            return must.word not in {"quarantined", "waiting", "not_billable"} or must.reason == found.reason
        over = must.hour + HOUR + LATENESS <= self.house.now
        return (
            must.quantity in (None, found.quantity)
            and must.hour == found.hour
            and found.hour_state == ("consistent" if over else "open")
        )

    def apart(self, event: Event, where: str, predicted: object, found: object) -> None:
        self.differences.append(f"{event}\n  {where}: predicted {predicted}, found {found}")

    def usage(self, slots: Slots) -> None:
        """Compare every figure: in whole, by hour, by local day and month, and the quarter hours that changed."""
        from abaque.storage.read.windows import Window

        span = traffic.BEGINS - 2 * DAY, self.house.now.replace(minute=0, second=0, microsecond=0) + 60 * DAY
        for groups in (True, False):
            self.figures(slots, "in whole", *span, lambda _: "", groups=groups)
        start = span[0]
        while start < span[1]:
            end = min(start + 80 * DAY, span[1])
            self.figures(slots, "hour", start, end, _hour, groups=True, window=Window.HOUR)
            start = end
        for customer, zone in traffic.ZONES.items():
            mine = {"customer": customer, "zone": zone}
            self.figures(
                slots, "day", *span, _local(zone, "%Y-%m-%d"), groups=False, window=Window.DAY, **mine
            )
            self.figures(
                slots, "month", *span, _local(zone, "%Y-%m"), groups=True, window=Window.MONTH, **mine
            )
        was = self.before.slots
        changed = {key[3] for key in slots.keys() | was.keys() if slots.get(key) != was.get(key)}
        for start in sorted(changed):
            self.figures(slots, f"quarter hour {start}", start, start + QUARTER, lambda _: "", groups=True)

    def figures(
        self,
        slots: Slots,
        what: str,
        start: datetime,
        end: datetime,
        key: Callable[[datetime], Hashable],
        *,
        groups: bool,
        **asked: Any,
    ) -> None:
        from abaque.storage.read.usage import UsageFilter, all_usage

        customer = asked.get("customer")
        within = {
            at: slot
            for at, slot in slots.items()
            if start <= at[3] < end and customer in (None, at[0]) and (slot.counted or slot.failures)
        }
        aggregates = {code: meter["aggregate"] for code, meter in self.auditor.meters.items()}
        must = rolled(within, aggregates, key, groups=groups)
        found = {}
        for row in all_usage(start, end, UsageFilter(groups=groups, **asked)):
            if not _whole_window(row, key, start, end):
                self.differences.append(f"{what} from {row.starts_at} to {row.ends_at} is none")
            at = row.customer, row.meter, key(row.starts_at), row.group
            found[at] = Decimal(row.quantity), row.events, row.not_billable
        for at in sorted(must.keys() | found.keys(), key=repr):
            if must.get(at) != found.get(at):
                self.differences.append(
                    f"usage, {what}, {' '.join(map(str, at))}:\n  predicted {_figures(must.get(at))}"
                    f"\n  found     {_figures(found.get(at))}"
                )


def _told(found: Any) -> str | None:
    """Return what one meter made of an event in the words of a prediction, and the state of the hour."""
    if found is None:
        return None
    fate = Fate(found.fate, found.reason, found.quantity, found.hour)
    return f"{fate}, {found.hour_state}"


def _whole_window(row: Any, key: Callable[[datetime], Hashable], start: datetime, end: datetime) -> bool:
    """Whether a row's window begins and ends where its hour, day or month does, or where the span cuts it."""
    mine = key(row.starts_at)
    return (
        key(row.ends_at - _MOMENT) == mine
        and (row.starts_at == start or key(row.starts_at - _MOMENT) != mine)
        and (row.ends_at == end or key(row.ends_at) != mine)
    )


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _local(zone: str, form: str) -> Callable[[datetime], Hashable]:
    place = ZoneInfo(zone)
    return lambda moment: moment.astimezone(place).strftime(form)


def _figures(found: tuple[Decimal, int, int] | None) -> str:
    return "nothing" if found is None else f"{found[0]:f} of {found[1]} events, {found[2]} failed"


def _verdicts_apart(sent: traffic.Send, told: list[Any], found: list[Any]) -> Iterator[str]:
    """Yield where the verdicts of one body, or of the same body sent twice at once, are not those predicted."""
    where = f"{sent.form}, {sent.how}"
    for must, is_ in zip(told, found, strict=True):
        if isinstance(is_, Exception) or (must is None) != (is_ is None) or len(must or ()) != len(is_ or ()):
            yield f"body, {where}: predicted {must}, found {is_}\n  {sent.raw[:2000]}"
            return
    if told[0] is None:
        return
    elements = json.loads(sent.raw) if sent.form == "batch" else sent.raw.split("\n")
    for index, element in enumerate(elements):
        musts, ares = (
            sorted((one[index] for one in all_), key=lambda one: one.word) for all_ in (told, found)
        )
        for must, is_ in zip(musts, ares, strict=True):
            same = (must.word, must.reason) == (is_.word, is_.reason) and must.warned in (None, is_.warned)
            if not same:
                yield f"verdict, {where}, {index}: predicted {must}, found {is_}\n  {element}"


def _short(step: traffic.Step) -> str:
    return str(step)[:200]


def test_seeds_are_one_or_a_range():
    assert seeds("7") == [7]
    assert seeds("1-3") == [1, 2, 3]


@pytest.mark.parametrize("seed", seeds(os.environ.get("SEED") or ALWAYS))
def test_a_year_comes_out_as_the_auditor_predicts(house, in_threads, seed):
    Played(house, in_threads, seed).play()
