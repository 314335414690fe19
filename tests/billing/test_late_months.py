"""Months in which usage comes late, is voided and amended after issue: each period is billed what it costs."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

CATALOGUE = """
meters:
  documents: {name: {en: Documents, fr: Documents}, event: document.processed, aggregate: count}
  pages: {name: {en: Pages, fr: Pages}, event: document.processed, aggregate: sum, value: pages}
  largest: {name: {en: Largest, fr: Plus grand}, event: document.processed, aggregate: max, value: pages}
plans:
  pro:
    version: 1
    name: {en: Professional, fr: Professionnel}
    currency: EUR
    interval: month
    align: calendar
    charges:
      docs:
        name: {en: Documents, fr: Documents}
        meter: documents
        price: {model: graduated, tiers: [{up_to: 2, unit: "0.10"}, {unit: "0.05"}]}
      pages:
        name: {en: Pages, fr: Pages}
        meter: pages
        price: {model: volume, tiers: [{up_to: 20, unit: "0.333"}, {unit: "0.25"}]}
      top: {name: {en: Largest, fr: Plus grand}, meter: largest, price: {model: per_unit, unit: "1.00"}}
"""
CUSTOMERS = ("dupont", "martin", "closed")
MONTHS = (2, 3, 4, 5)


@dataclass
class World:
    """What the product knows: by event id the customer, month and pages that hold, and what was corrected."""

    chance: random.Random
    held: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    before: dict[str, tuple[str, tuple[str, int, int]]] = field(default_factory=dict)
    sent: int = 0

    def name(self, kind: str) -> str:
        self.sent += 1
        return f"{kind}{self.sent}"

    def happen(self, house: Any, months: tuple[int, ...]) -> dict[str, Any]:
        """Return one event of one of these months, or a correction of what was sent, and take note of it."""
        kind = self.chance.choices(("use", "void", "amend"), (6, 3, 2))[0]
        if kind == "void" and self.held:
            target = self.chance.choice(sorted(self.held))
            del self.held[target]
            if target in self.before:  # an amendment is taken back: what it amended holds again
                original, was = self.before.pop(target)
                self.held[original] = was
            return self.correction(house, "abaque.void", target)
        if kind == "amend" and self.held:
            target = self.chance.choice(sorted(self.held))
            customer, _, _ = was = self.held.pop(target)
            identity = self.name("amend")
            now = customer, self.chance.choice(months), self.chance.randrange(0, 15)
            self.held[identity], self.before[identity] = now, (target, was)
            replacement = {"time": time_in(now[1]), "data": {"pages": now[2]}}
            return self.correction(house, "abaque.amend", target, identity, replacement=replacement)
        identity = self.name("event")
        customer, month, pages = (
            self.chance.choice(CUSTOMERS),
            self.chance.choice(months),
            self.chance.randrange(0, 15),
        )
        self.held[identity] = customer, month, pages
        return dict(house.event(identity, time_in(month), subject=customer, pages=pages))

    def correction(
        self, house: Any, type_: str, target: str, identity: str = "", **more: Any
    ) -> dict[str, Any]:
        said = {"source": "/test", "id": target, "reason": "it was not so"} | more
        return dict(house.event(identity or self.name("void"), None, type=type_) | {"data": said})

    def prices(self) -> dict[tuple[str, str, int], int]:
        """What each period of each charge costs in cents, worked out from what holds; nothing where that is 0."""
        found: Counter[tuple[str, str, int]] = Counter()
        for customer in CUSTOMERS:
            for month in MONTHS:
                pages = [p for who, when, p in self.held.values() if (who, when) == (customer, month)]
                count, total = len(pages), sum(pages)
                found[customer, "docs", month] = 10 * min(count, 2) + 5 * max(count - 2, 0)
                unit = Decimal("33.3") if total <= 20 else Decimal(25)
                found[customer, "pages", month] = int((unit * total).quantize(Decimal(1), "ROUND_HALF_UP"))
                found[customer, "top", month] = 100 * max(pages, default=0)
        return {key: cents for key, cents in found.items() if cents}


def time_in(month: int) -> str:
    return f"2026-{month:02}-17T10:00:00Z"


def billed(house: Any) -> dict[tuple[str, str, int], int]:
    """What documents bill of each period, less what they give back."""
    rows = house.rows(
        "SELECT c.external_id, l.charge, extract(month FROM l.span_start AT TIME ZONE 'UTC')::int,"
        " sum(CASE WHEN l.credits_id IS NULL THEN l.net ELSE -l.net END)::int"
        " FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id JOIN customer c ON c.id = i.customer_id"
        " WHERE i.state <> 'draft' GROUP BY 1, 2, 3"
    )
    return {(customer, charge, month): cents for customer, charge, month, cents in rows if cents}


def approve_some(house: Any, chance: random.Random) -> None:
    """A person approves most drafts; what changed in between is kept and comes back."""
    from abaque.billing.approve import ApproveMany, approve_many
    from abaque.storage.models import Invoice

    drafts = [one for one in Invoice.objects.filter(state="draft").order_by("pk") if chance.random() < 0.8]
    house.perform(approve_many, ApproveMany(tuple((i.public_id, bytes(i.digest).hex()) for i in drafts)))
    assert {kept["code"] for kept in house.issue_approved()["kept"]} <= {"draft_changed"}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_late_each_period_is_billed_in_the_end_what_it_costs(house: Any, seed: int) -> None:
    from abaque.billing.subscribe import Subscribe, subscribe

    world = World(random.Random(seed))
    house.now = datetime(2026, 2, 1, 12, tzinfo=UTC)
    house.catalogue(CATALOGUE)
    house.issuer()
    for one in CUSTOMERS:
        house.customer(one)
        ends = house.instant("2026-06-01") if one == "closed" else None
        start = house.instant("2026-02-01")
        house.perform(subscribe, Subscribe(one, "pro", starts_at=start, ends_at=ends))
    for place, month in enumerate(MONTHS):
        house.now = datetime(2026, month + 1, 10, 12, tzinfo=UTC)
        for _ in range(3):
            house.capture(
                *(world.happen(house, MONTHS[: place + 1]) for _ in range(world.chance.randrange(1, 9)))
            )
            assert house.close(house.now)["refused"] == []
            approve_some(house, world.chance)
    house.now = datetime(2026, 7, 10, 12, tzinfo=UTC)
    house.capture(*(world.happen(house, MONTHS) for _ in range(5)))
    for _ in range(2):  # a credit note may follow what was just issued late
        house.close(house.now)
        house.approve_all()
        assert house.issue_approved()["kept"] == []
    assert billed(house) == world.prices()
    house.check()
    before = house.rows("SELECT id, digest, updated_at FROM invoice ORDER BY id")
    assert house.close(house.now)["changed"] == 0
    assert house.rows("SELECT id, digest, updated_at FROM invoice ORDER BY id") == before
    kinds = {row[0] for row in house.rows("SELECT kind FROM invoice WHERE state = 'issued'")}
    assert kinds >= {"invoice", "credit_note"}
