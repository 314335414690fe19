"""Playing the six months against the running system, day by day, through its doors."""

import json
import os
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from abaque.app.platforms import platforms
from abaque.app.story.stage import METER, document_charges, priced, set_stage
from abaque.billing.advance_clock import AdvanceClock, advance_clock
from abaque.billing.approve import ApproveMany, approve_many
from abaque.billing.close_period import close
from abaque.billing.create_key import new_key
from abaque.billing.issue import issue_approved
from abaque.billing.meter import drain
from abaque.billing.permissions import SYSTEM, Actor, Kind
from abaque.billing.put_customer import PutCustomer, put_customer
from abaque.billing.reconcile import reconcile_now
from abaque.billing.remedies import PushAgain, VoidThere, push_again, void_there
from abaque.billing.runner import perform
from abaque.billing.state_control_total import StateControlTotals, Total, state_control_total
from abaque.client import Client
from abaque.sandbox.firms import FIRMS
from abaque.sandbox.oldway import OldWay, OverHttp
from abaque.sandbox.saas import ControlTotal
from abaque.sandbox.story import Batch, Story
from abaque.storage import clock
from abaque.storage.models import Document, Finding, Hold, Invoice, Push

FINANCE = Actor(Kind.STAFF, "finance@feuillet.example", frozenset({"finance"}))
# The month after whose issue the platform loses three invoices and doubles one.
FAULTY = 3
PATIENCE = 60.0
TOLERANCE = "0.5"


@dataclass(slots=True)
class Played:
    """What happened that only the moment shows; every other figure is read from the database at the end."""

    sent: int = 0
    held_at_month_end: dict[str, list[str]] = field(default_factory=dict)
    found_on_platform: list[dict[str, Any]] = field(default_factory=list)
    open_after_remedies: int | None = None
    seconds: float = 0.0


class Play:
    """One playing of a story. `tell` hears the day, and how far it is."""

    def __init__(self, story: Story, url: str, tell: Callable[[str, int, int], None]) -> None:
        self.story, self.url, self.tell = story, url, tell
        self.played = Played()
        self.charges = document_charges()
        key = new_key("the product", now=clock.now(), by=SYSTEM)["key"]
        self._clients: dict[str, Client] = {}
        self._key = key
        counter = OverHttp(os.environ["ABAQUE_PLATFORM_URL"], os.environ["ABAQUE_PLATFORM_KEY"])
        self.old_way = OldWay(lambda customer, calls: priced(*self.charges[customer], calls), counter)

    def run(self) -> Played:
        """Play every day."""
        started = time.monotonic()
        total = sum(1 for month in self.story.months for _ in range(31))
        for place, batch in enumerate(self.story.days(), start=1):
            self._day(batch)
            self.tell(f"{batch.day:%d %b %Y}", min(place, total - 1), total)
        self._settle(self.story.months[-1])
        for client in self._clients.values():
            client.close()
        self.played.seconds = time.monotonic() - started
        self.tell("done", total, total)
        return self.played

    def _day(self, batch: Batch) -> None:
        """Send what the product sends on one day, and do what the day asks for."""
        advance(batch.at)
        self._send(batch.events)
        self.old_way.feed(batch.events)
        tomorrow = batch.day + timedelta(days=1)
        if tomorrow.day == 1 and batch.day.replace(day=1) in self.story.months:
            self._month_end(batch.day.replace(day=1))
        before = (batch.day.replace(day=1) - timedelta(days=1)).replace(day=1)
        if batch.day.day == SETTLED_ON and before in self.story.months:
            self._settle(before)

    def _client(self, source: str) -> Client:
        if source not in self._clients:
            self._clients[source] = Client(self.url, self._key, source, batch=1000)
        return self._clients[source]

    def _send(self, events: Sequence[dict[str, Any]]) -> None:
        """Send events as the product does, repeats too: a client holds an identity once, so it is flushed between."""
        unsent: set[tuple[str, str]] = set()
        for event in events:
            identity = (event["source"], event["id"])
            client = self._client(event["source"])
            if identity in unsent:
                client.flush()
                unsent = {one for one in unsent if one[0] != event["source"]}
            unsent.add(identity)
            client.send(event["type"], event["subject"], event["data"], id=event["id"], time=event["time"])
        for client in self._clients.values():
            client.flush()
        self.played.sent += len(events)

    def _month_end(self, month: date) -> None:
        """State the product's own counts; what is still on its way shows as a finding."""
        drain(now=clock.now())
        self._mend(month)
        totals = self.story.control_totals(month, grain="month")
        perform(
            state_control_total,
            StateControlTotals(tuple(_stated(total) for total in totals)),
            now=clock.now(),
            by=SYSTEM,
        )
        reconcile_now(platforms(), now=clock.now(), by=SYSTEM)
        held = Hold.objects.filter(released_at=None).select_related("finding", "customer")
        self.played.held_at_month_end[f"{month:%Y-%m}"] = sorted(
            {hold.customer.external_id for hold in held if hold.customer is not None}
        )

    def _mend(self, month: date) -> None:
        """Put right what was quarantined: an alias for a misspelt customer, corrected events for the rest."""
        if month == self.story.months[1]:
            for wrong, right in self.story.typos.items():
                perform(put_customer, PutCustomer(right, aliases=(wrong,)), now=clock.now(), by=FINANCE)
        else:
            self._send(self.story.corrections(month))
        drain(now=clock.now())

    def _settle(self, month: date) -> None:
        """Everything of the month has come: compare, close, review, issue, push, compare with the platform."""
        following = (month + timedelta(days=32)).replace(day=1)
        advance(
            datetime.combine(following + timedelta(days=SETTLED_ON), datetime.min.time(), clock.now().tzinfo)
        )
        drain(now=clock.now())
        reconcile_now(platforms(), now=clock.now(), by=SYSTEM)
        close(following, now=clock.now(), by=FINANCE)
        faulty = month == self.story.months[FAULTY]
        if faulty:
            self._break_platform()
        _approve_and_issue()
        _pushed()
        reconcile_now(platforms(), now=clock.now(), by=SYSTEM)
        if faulty:
            self._mend_platform()

    def _break_platform(self) -> None:
        drafts = (
            Invoice.objects.filter(state="draft").order_by("due_at", "pk").values_list("public_id", flat=True)
        )
        chosen = list(drafts)[:4]
        _order("/faults", {"kind": "lose", "external_ids": chosen[:3], "n": 3})
        _order("/faults", {"kind": "double", "external_ids": chosen[3:], "n": 1})

    def _mend_platform(self) -> None:
        """Choose each finding's remedy, as a person would; then the check must turn green."""
        found = Finding.objects.filter(closed_at=None, check_name__startswith="invoices ↔").order_by("pk")
        for finding in found.select_related("customer"):
            hold = finding.hold_set.filter(released_at=None).first()
            self.played.found_on_platform.append(
                {
                    "kind": finding.kind,
                    "customer": finding.customer.external_id if finding.customer else "",
                    "amount": finding.impact,
                    "currency": finding.currency,
                    "held": hold is not None,
                }
            )
            if finding.kind == "missing":
                perform(
                    push_again,
                    PushAgain(finding.public_id, "lost by the platform"),
                    now=clock.now(),
                    by=FINANCE,
                )
            else:
                perform(
                    void_there,
                    VoidThere(finding.public_id, "kept twice by the platform"),
                    now=clock.now(),
                    by=FINANCE,
                )
        _pushed()
        _until(lambda: not _jobs("abaque.void_surplus"))
        reconcile_now(platforms(), now=clock.now(), by=SYSTEM)
        self.played.open_after_remedies = Finding.objects.filter(
            closed_at=None, check_name__startswith="invoices ↔"
        ).count()


# On which local day of the next month a month's stragglers have come and its hours are sealed.
SETTLED_ON = 3


def advance(moment: datetime) -> None:
    """Move the folder's clock forward to a moment; never back."""
    now = clock.now()
    if moment > now:
        perform(advance_clock, AdvanceClock(moment), now=now, by=SYSTEM)


def _stated(total: ControlTotal) -> Total:
    return Total(METER, total.customer, total.start, total.end, Decimal(total.documents), Decimal(TOLERANCE))


def _approve_and_issue() -> None:
    drafts = Invoice.objects.filter(state="draft").only("public_id", "digest")
    seen = tuple((draft.public_id, bytes(draft.digest).hex()) for draft in drafts)
    perform(approve_many, ApproveMany(seen), now=clock.now(), by=FINANCE)
    issue_approved(now=clock.now(), by=FINANCE)


def _pushed() -> None:
    """Wait until the worker has handed over and rendered what was issued."""
    _until(lambda: not Push.objects.filter(acknowledged_at=None).exists())
    _until(lambda: Document.objects.count() == Invoice.objects.filter(state="issued").count())


def _jobs(task: str) -> bool:
    return ProcrastinateJob.objects.filter(task_name=task, status__in=["todo", "doing"]).exists()


def _until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("the worker did not finish its jobs in time")
        time.sleep(0.05)


def _order(path: str, body: dict[str, Any]) -> None:
    """Ask something of the sandbox platform, outside the connector."""
    request = urllib.request.Request(  # noqa: S310  # our own sandbox on loopback
        os.environ["ABAQUE_PLATFORM_URL"] + path,
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['ABAQUE_PLATFORM_KEY']}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"story{path}{json.dumps(body)}",
        },
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
        answer.read()


def stage(story: Story) -> None:
    """Set the stage at the story's first moment."""
    set_stage(story.months[0], len(story.months))
    for firm in FIRMS:
        _order("/v1/customers", {"external_id": firm.external_id, "name": firm.name})


def wait_for_door(url: str) -> None:
    """Wait until the web process answers."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:  # noqa: S310  # loopback
                answer.read()
        except OSError:
            if time.monotonic() > end:
                sys.exit("abaque: the web process did not start; see the log above")
            time.sleep(0.1)
        else:
            return
