"""Late usage of issued periods: what comes after the invoice is billed on the next one, or given back."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests.billing.conftest import CATALOGUE

FEBRUARY, MARCH, APRIL = "2026-03-01", "2026-04-01", "2026-05-01"


def at(house: Any, day: str) -> None:
    house.now = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)


def issue_all(house: Any, until: str) -> list[Any]:
    """Close, approve and issue whatever may be; fail if anything is kept."""
    assert house.close(until)["refused"] == []
    house.approve_all()
    done = house.issue_approved()
    assert done["kept"] == []
    return done["issued"]


def billed_february(house: Any, documents: int = 5, **fields: Any) -> None:
    """A customer whose five documents of February are issued: 2 at 0.10 and 3 at 0.05."""
    house.shop(**fields)
    house.documents(documents, "2026-02-10", pages=10)
    issue_all(house, FEBRUARY)


def documents(house: Any) -> list[tuple[Any, ...]]:
    """Each invoice and credit note: kind, state, the number of what it corrects, net, tax."""
    return house.rows(
        "SELECT i.kind, i.state, c.number, i.net, i.tax FROM invoice i LEFT JOIN invoice c ON c.id = i.corrects_id"
        " WHERE i.net <> 3100 OR i.kind <> 'invoice' ORDER BY i.id"
    )


def late_lines(house: Any) -> list[tuple[Any, ...]]:
    """The lines about what was billed before: state, charge, revision, the earlier number, quantity, net."""
    return house.rows(
        "SELECT i.state, l.charge, l.revision, coalesce(a.number, c.number), l.quantity::int, l.net"
        " FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id"
        " LEFT JOIN invoice a ON a.id = l.adjusts_id LEFT JOIN invoice c ON c.id = i.corrects_id"
        " WHERE l.adjusts_id IS NOT NULL OR l.credits_id IS NOT NULL ORDER BY l.id"
    )


def number_of(house: Any, due: str) -> str:
    return str(
        house.rows("SELECT number FROM invoice WHERE due_at = %s AND kind = 'invoice'", [house.instant(due)])[
            0
        ][0]
    )


def billed(house: Any, charge: str, due: str) -> int:
    """What issued documents bill of a charge's period that fell due then, less what they give back."""
    return int(
        house.rows(
            "SELECT sum(CASE WHEN l.credits_id IS NULL THEN l.net ELSE -l.net END) FROM invoice_line l"
            " JOIN invoice i ON i.id = l.invoice_id WHERE l.charge = %s AND l.span_end = %s AND i.state <> 'draft'",
            [charge, house.instant(due)],
        )[0][0]
    )


def balances(house: Any) -> dict[str, int]:
    found = house.rows("SELECT account, sum(amount)::int FROM posting GROUP BY 1 HAVING sum(amount) <> 0")
    return dict(found)


def void(house: Any, *targets: str) -> None:
    house.capture(
        *[
            house.event(f"void-{target}", None, type="abaque.void", subject="dupont")
            | {"data": {"source": "/test", "id": target, "reason": "counted by mistake"}}
            for target in targets
        ]
    )


def test_more_is_a_line_on_the_next_invoice_that_names_the_earlier_one(house):
    billed_february(house)
    earlier = number_of(house, FEBRUARY)
    house.documents(2, "2026-02-20")
    at(house, "2026-04-10")
    house.documents(1, "2026-03-05")
    assert house.close(MARCH)["refused"] == []
    assert late_lines(house) == [("draft", "docs", 1, earlier, 7, 10)]
    assert documents(house)[-1] == ("invoice", "draft", None, 3120, 624)
    house.approve_all()
    assert house.issue_approved()["kept"] == []
    assert late_lines(house) == [("issued", "docs", 1, earlier, 7, 10)]
    house.check()


def test_less_is_a_credit_note_on_the_invoice(house):
    billed_february(house)
    earlier = number_of(house, FEBRUARY)
    void(house, "d0", "d1")
    house.close(FEBRUARY)
    assert documents(house)[-1] == ("credit_note", "draft", earlier, 10, 2)
    assert late_lines(house) == [("draft", "docs", 0, earlier, 3, 10)]
    house.approve_all()
    [issued] = house.issue_approved()["issued"]
    assert issued["number"] == "TEST-2026-000003"
    assert house.close(FEBRUARY)["changed"] == 0
    # Invoices of 37.20 and 37.62, less 0.12: what is owed, what was earned, what is the state's.
    assert balances(house) == {"receivable:dupont": 7470, "revenue:S:20": -6225, "vat:S:20": -1245}
    house.check()


def test_less_and_then_more_again_is_credited_and_billed_again(house):
    billed_february(house)
    first = number_of(house, FEBRUARY)
    void(house, "d0", "d1")
    issue_all(house, FEBRUARY)
    house.documents(4, "2026-02-20")
    at(house, "2026-04-10")
    issue_all(house, MARCH)
    assert [line[1:] for line in late_lines(house)] == [
        ("docs", 0, first, 3, 10),
        ("docs", 1, first, 7, 20),
    ]
    assert billed(house, "docs", FEBRUARY) == 45
    house.check()


def test_what_is_less_than_two_invoices_billed_is_given_back_newest_first_one_note_for_each(house):
    billed_february(house)
    first = number_of(house, FEBRUARY)
    house.documents(2, "2026-02-20")
    at(house, "2026-04-10")
    issue_all(house, MARCH)
    second = number_of(house, MARCH)
    void(house, *(f"d{n}" for n in range(6)))
    house.close(MARCH)
    # Seven documents cost 0.45: 0.35 on the first invoice, 0.10 on the second. One costs 0.10.
    notes = [line for line in late_lines(house) if line[0] == "draft"]
    assert sorted(notes) == sorted([("draft", "docs", 1, second, 1, 10), ("draft", "docs", 0, first, 1, 25)])
    house.approve_all()
    assert house.issue_approved()["kept"] == []
    assert billed(house, "docs", FEBRUARY) == 10
    house.check()


def test_usage_that_comes_back_before_issue_leaves_no_credit_note(house):
    billed_february(house)
    void(house, "d0", "d1")
    house.close(FEBRUARY)
    assert documents(house)[-1][:2] == ("credit_note", "draft")
    house.documents(2, "2026-02-20")
    house.close(FEBRUARY)
    assert late_lines(house) == []
    house.check()


def test_late_usage_after_the_approval_brings_the_credit_note_back_to_review(house):
    billed_february(house)
    void(house, "d0", "d1")
    house.close(FEBRUARY)
    house.approve_all()
    void(house, "d2")
    house.meter()
    house.seal()
    assert [kept["code"] for kept in house.issue_approved()["kept"]] == ["draft_changed"]
    issue_all(house, FEBRUARY)
    assert billed(house, "docs", FEBRUARY) == 20
    house.check()


# Where it is billed.


def test_it_waits_for_an_invoice_that_follows_within_30_days(house):
    billed_february(house)
    house.documents(2, "2026-02-20")
    assert house.close("2026-03-10")["changed"] == 0
    assert late_lines(house) == []


def test_a_subscription_that_ended_gets_a_closing_invoice(house):
    from abaque.billing.end_subscription import EndSubscription, end_subscription

    at(house, "2026-02-15")
    house.shop()
    [subscription] = house.rows("SELECT public_id FROM subscription")
    house.perform(end_subscription, EndSubscription(subscription[0], house.instant(FEBRUARY)))
    at(house, "2026-03-10")
    house.documents(5, "2026-02-10")
    issue_all(house, FEBRUARY)
    earlier = number_of(house, FEBRUARY)
    house.documents(2, "2026-02-20")
    issue_all(house, FEBRUARY)
    assert documents(house)[-1] == ("closing", "issued", None, 10, 2)
    house.documents(1, "2026-02-21")
    issue_all(house, "2026-03-10")
    assert [line[1:] for line in late_lines(house)] == [
        ("docs", 1, earlier, 7, 10),
        ("docs", 2, earlier, 8, 5),
    ]
    assert house.close("2026-03-10")["changed"] == 0
    house.check()


def test_a_silent_month_long_ago_is_no_invoice_that_follows(house):
    from abaque.billing.subscribe import Subscribe, subscribe

    house.shop("martin")
    house.customer()
    start, end = house.instant("2026-01-01"), house.instant(FEBRUARY)
    house.perform(subscribe, Subscribe("dupont", "usage", starts_at=start, ends_at=end))
    house.documents(1, "2026-02-10", pages=10)
    issue_all(house, FEBRUARY)
    house.documents(1, "2026-02-20", pages=3)
    issue_all(house, FEBRUARY)
    assert documents(house)[-1] == ("closing", "issued", None, 150, 30)
    house.check()


def test_a_year_has_a_closing_invoice_and_not_another_one_a_year_later(house):
    at(house, "2026-03-10")
    house.catalogue(CATALOGUE.replace("interval: month", "interval: year"))
    house.issuer()
    house.customer()
    house.subscribe(starts="2025-01-01", plan="usage")
    house.documents(1, "2025-05-05", pages=10)
    issue_all(house, FEBRUARY)
    house.documents(1, "2025-05-06", pages=3)
    issue_all(house, FEBRUARY)
    assert documents(house) == [("invoice", "issued", None, 500, 100), ("closing", "issued", None, 150, 30)]
    house.check()


def test_a_silent_period_that_follows_is_closed_with_the_late_usage_on_its_invoice(house):
    billed_february(house, plan="usage")
    house.documents(1, "2026-02-20", pages=3)
    at(house, "2026-04-10")
    issue_all(house, MARCH)
    assert house.rows(
        "SELECT l.revision, l.quantity::int, l.net FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id"
        " WHERE i.due_at = %s ORDER BY l.position",
        [house.instant(MARCH)],
    ) == [(0, 0, 0), (1, 53, 150)]
    house.check()


def test_a_period_closed_at_zero_was_billed_nothing(house):
    house.shop(plan="usage")
    house.documents(1, "2026-02-10", pages=0)
    issue_all(house, FEBRUARY)
    assert house.rows("SELECT state FROM invoice") == [("closed",)]
    house.documents(1, "2026-02-20", pages=3)
    at(house, "2026-04-10")
    issue_all(house, MARCH)
    assert late_lines(house) == [("issued", "pages", 1, None, 3, 150)]
    house.check()


def test_usage_that_changes_no_amount_changes_nothing(house):
    billed_february(house, plan="usage")
    house.documents(3, "2026-02-20", pages=0)
    assert house.close(FEBRUARY)["changed"] == 0
    at(house, "2026-04-10")
    assert house.close(MARCH)["drafts"] == 0


def test_an_event_amended_into_the_next_month_is_taken_from_one_and_billed_in_the_other(house):
    billed_february(house)
    at(house, "2026-04-10")
    house.documents(1, "2026-03-05")
    issue_all(house, MARCH)
    replacement = {"time": "2026-03-06T00:00:00Z"}
    house.capture(
        house.event("moved", None, type="abaque.amend")
        | {"data": {"source": "/test", "id": "d0", "reason": "wrong day", "replacement": replacement}}
    )
    at(house, "2026-05-10")
    issue_all(house, APRIL)
    assert (billed(house, "docs", FEBRUARY), billed(house, "docs", MARCH)) == (30, 20)
    assert sorted(line[1:3] for line in late_lines(house)) == [("docs", 0), ("docs", 1)]
    house.check()


def test_usage_below_zero_gives_back_all_and_no_more(house):
    billed_february(house, plan="usage")
    house.documents(1, "2026-02-20", pages=-80)
    issue_all(house, FEBRUARY)
    assert billed(house, "pages", FEBRUARY) == 0
    assert documents(house)[-1] == ("credit_note", "issued", number_of(house, FEBRUARY), 2500, 500)
    house.check()


def test_a_close_while_late_usage_is_issued_bills_nothing_twice(house, in_threads):
    from abaque.billing.issue import Issue, issue

    billed_february(house, plan="usage")
    house.documents(1, "2026-02-20", pages=-4)
    house.close(FEBRUARY)
    house.approve_all()
    [draft] = house.rows("SELECT public_id FROM invoice WHERE state = 'draft'")
    done = in_threads(lambda: house.perform(issue, Issue(draft[0])), lambda: house.close("2026-03-02"))
    assert all(isinstance(one, dict) for one in done), done
    assert billed(house, "pages", FEBRUARY) == 2300
    assert house.close(FEBRUARY)["drafts"] == 0
    house.check()


# Tax.


def test_late_usage_is_taxed_as_its_own_period_was(house):
    billed_february(house)
    house.documents(2, "2026-02-20")
    house.customer(tax="reverse_charge", vat_number="BE0123456789")
    at(house, "2026-04-10")
    issue_all(house, MARCH)
    assert house.rows(
        "SELECT l.tax_category, sum(l.net)::int FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id"
        " WHERE i.due_at = %s GROUP BY 1 ORDER BY 1",
        [house.instant(MARCH)],
    ) == [("AE", 3100), ("S", 10)]
    house.check()


def test_what_may_not_stand_beside_the_taxes_of_today_has_a_closing_invoice(house):
    billed_february(house)
    house.documents(2, "2026-02-20")
    house.customer(tax="none")
    at(house, "2026-04-10")
    issue_all(house, MARCH)
    assert documents(house)[-1] == ("closing", "issued", None, 10, 2)
    house.check()


def test_credit_notes_that_take_back_a_line_bit_by_bit_take_back_its_tax_to_the_cent(house):
    house.shop(plan="usage")
    for n in range(7):
        house.documents(1, f"2026-02-{n + 10}", pages="0.34")  # 0.17 each
    issue_all(house, FEBRUARY)
    for n in range(7):
        void(house, f"d{n}")
        issue_all(house, FEBRUARY)
    [invoice] = house.rows("SELECT net, tax FROM invoice WHERE kind = 'invoice'")
    assert house.rows("SELECT sum(net)::int, sum(tax)::int FROM invoice WHERE kind = 'credit_note'") == [
        invoice
    ]
    assert balances(house) == {}
    house.check()


# What the database itself refuses.

REFUSED = (
    "UPDATE invoice_line SET net = net + 1 WHERE credits_id IS NOT NULL",
    "UPDATE invoice SET tax = tax + 1000, gross = gross + 1000 WHERE kind = 'credit_note'",
    "UPDATE invoice SET currency = 'USD' WHERE kind = 'credit_note'",
    "UPDATE invoice SET corrects_id = NULL WHERE kind = 'credit_note'",
    "UPDATE invoice SET kind = 'invoice' WHERE kind = 'credit_note'",
    "UPDATE invoice SET corrects_id = (SELECT min(id) FROM invoice) WHERE kind = 'credit_note'",
    "UPDATE invoice_line SET charge = 'other' WHERE credits_id IS NOT NULL",
    "UPDATE invoice_line SET tax_percent = 10 WHERE credits_id IS NOT NULL",
    "UPDATE invoice_line SET adjusts_id = invoice_id WHERE credits_id IS NOT NULL",
    (
        "INSERT INTO invoice_line (invoice_id, position, subscription_id, charge, revision, span_start, span_end,"
        " whole_start, whole_end, meter, net, tax_category, tax_percent, names, steps) SELECT invoice_id, 9,"
        " subscription_id, 'more', 1, span_start, span_end, whole_start, whole_end, '', 1, 'S', 20, '{}', '[]'"
        " FROM invoice_line WHERE credits_id IS NOT NULL"
    ),
)


def test_the_database_refuses_credit_notes_that_give_back_what_was_not_billed(house, subtests):
    billed_february(house)
    void(house, *(f"d{n}" for n in range(5)))
    house.close(FEBRUARY)
    assert documents(house)[-1][3:] == (35, 7)
    for statement in REFUSED:
        with subtests.test(statement), pytest.raises(IntegrityError), transaction.atomic():
            connection.cursor().execute(statement)
    house.check()


# What is said of it until it is billed.


def finding(house: Any) -> list[tuple[Any, ...]]:
    from abaque.billing.reconcile import Reconcile, reconcile

    house.meter()
    house.perform(reconcile, Reconcile())
    assert house.rows("SELECT count(*) FROM hold") == [(0,)]
    return house.rows(
        "SELECT impact, (ours -> 'amount' ->> 'minor')::int, (theirs -> 'amount' ->> 'minor')::int,"
        " theirs ->> 'state' FROM finding WHERE closed_at IS NULL"
    )


def test_the_finding_of_late_usage_says_what_will_be_billed_and_closes_when_it_is(house):
    billed_february(house)
    assert finding(house) == []
    house.documents(2, "2026-02-20")
    assert finding(house) == [(10, 35, 45, None)]
    at(house, "2026-04-10")
    house.close(MARCH)
    assert finding(house) == [(10, 35, 45, "to_bill")]
    house.approve_all()
    house.issue_approved()
    assert finding(house) == []
    void(house, "d0", "d1", "d2")
    house.close(MARCH)
    assert finding(house) == [(15, 45, 30, "to_credit")]
    house.approve_all()
    house.issue_approved()
    assert finding(house) == []
    assert house.rows("SELECT count(*) FROM finding WHERE closed_by = 'system:abaque'") == [(2,)]
    house.check()


# Meters that change, and imports of the past.


def test_a_meter_version_that_counts_otherwise_bills_the_difference(house):
    from abaque.billing.versions import AdoptMeter, ProposeMeters, adopt_meter, propose_meters

    billed_february(house, plan="usage")
    stricter = CATALOGUE.replace("value: pages\n", "value: pages\n    where: {kind: [paid]}\n")
    assert stricter != CATALOGUE
    [candidate] = house.perform(propose_meters, ProposeMeters(stricter))["candidates"]
    house.meter()
    house.perform(adopt_meter, AdoptMeter(candidate["id"], "only what is paid"))
    issue_all(house, FEBRUARY)
    assert billed(house, "pages", FEBRUARY) == 0
    house.check()
    assert house.close(FEBRUARY)["changed"] == 0


def test_a_level_of_a_month_that_late_usage_of_the_month_before_changes_is_given_back(house):
    house.catalogue(CATALOGUE.replace("aggregate: sum\n", "aggregate: max\n    level_at_start: carry\n"))
    house.issuer()
    house.customer()
    house.subscribe(plan="usage")
    house.documents(1, "2026-02-10", pages=10)
    issue_all(house, FEBRUARY)
    at(house, "2026-04-10")
    house.documents(1, "2026-03-10", pages=5)
    issue_all(house, MARCH)
    assert (billed(house, "pages", FEBRUARY), billed(house, "pages", MARCH)) == (500, 500)
    house.documents(1, "2026-02-20", pages=7)  # March began with 7, not with 10
    issue_all(house, MARCH)
    assert (billed(house, "pages", FEBRUARY), billed(house, "pages", MARCH)) == (500, 350)
    house.check()
