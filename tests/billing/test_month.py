"""Months of a customer, told plainly: what is used, drafted, checked, approved, issued, posted."""

import os
import threading
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.db import IntegrityError, ProgrammingError

from abaque.billing.issue import Issue, issue
from abaque.billing.runner import Refused
from abaque.core.fault import Fault


def drafts(house):
    return house.rows(
        "SELECT i.due_at::date::text, i.net, i.tax, i.gross FROM invoice i WHERE state = 'draft' ORDER BY due_at"
    )


def lines(house, due):
    return house.rows(
        "SELECT l.charge, l.quantity, l.net FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id"
        " WHERE i.due_at = %s ORDER BY l.charge",
        [house.instant(due)],
    )


def the_draft(house, due):
    from abaque.storage.models import Invoice

    return Invoice.objects.get(due_at=house.instant(due))


def refusal(house, invoice):
    with pytest.raises(Refused) as refused:
        house.perform(issue, Issue(invoice.public_id))
    return refused.value


def january(house, **customer):
    """Subscribed on 16 January, five documents on the 20th, January closed on 10 February."""
    house.now = datetime(2026, 2, 10, 12, tzinfo=UTC)
    house.catalogue()
    house.issuer()
    house.customer(**customer)
    house.subscribe(starts="2026-01-16T15:12:00Z")
    house.documents(5, "2026-01-20")
    house.close("2026-02-01")


# Drafts.


def test_a_subscription_from_the_16th_pays_16_of_31_days_and_then_whole_months(house):
    january(house)
    assert lines(house, "2026-01-16") == [("base", None, 1600)]
    assert lines(house, "2026-02-01") == [("base", None, 3100), ("docs", 5, 35)]
    house.check()


def test_usage_is_graduated_over_the_month_and_taxed_on_the_sum(house):
    january(house)
    assert drafts(house) == [("2026-01-16", 1600, 320, 1920), ("2026-02-01", 3135, 627, 3762)]


def test_usage_before_midnight_of_the_first_day_is_not_billed_and_that_of_the_whole_first_day_is(house):
    house.now = datetime(2026, 2, 10, 12, tzinfo=UTC)
    house.catalogue()
    house.issuer()
    house.customer()
    house.subscribe(starts="2026-01-16T15:12:00Z")
    house.capture(
        house.event("1", "2026-01-15T23:59:59.999999Z"),
        house.event("2", "2026-01-16T00:00:00Z"),
        house.event("3", "2026-01-31T23:59:59.999999Z"),
        house.event("4", "2026-02-01T00:00:00Z"),
    )
    house.close("2026-02-01")
    assert lines(house, "2026-02-01") == [("base", None, 3100), ("docs", 2, 20)]


def test_a_month_is_the_customers_own_across_the_change_of_clocks(house):
    house.now = datetime(2026, 4, 10, 12, tzinfo=UTC)
    house.catalogue()
    house.issuer()
    house.customer(zone="Europe/Paris")
    house.subscribe(starts="2026-02-28T23:00:00Z")
    house.capture(
        house.event("february", "2026-02-28T22:59:59Z"),
        house.event("first", "2026-02-28T23:00:00Z"),
        house.event("last", "2026-03-31T21:59:59Z"),
        house.event("april", "2026-03-31T22:00:00Z"),
    )
    house.close("2026-03-31T22:00:00Z")
    assert lines(house, "2026-03-31T22:00:00Z") == [("base", None, 3100), ("docs", 2, 20)]


def test_closing_twice_changes_nothing(house):
    january(house)
    before = house.rows("SELECT id, digest, updated_at FROM invoice ORDER BY id"), lines(house, "2026-02-01")
    again = house.close("2026-02-01")
    assert (again["changed"], again["drafts"]) == (0, 2)
    assert (
        house.rows("SELECT id, digest, updated_at FROM invoice ORDER BY id"),
        lines(house, "2026-02-01"),
    ) == before


def test_closing_again_after_issue_makes_nothing_new(house):
    january(house)
    house.approve_all()
    assert len(house.issue_approved()["issued"]) == 2
    assert house.close("2026-02-01")["drafts"] == 0
    assert house.rows("SELECT count(*) FROM invoice") == [(2,)]
    house.check()


def test_a_period_that_is_not_over_cannot_be_closed(house):
    house.shop()
    with pytest.raises(Refused) as refused:
        house.close("2026-03-11")
    assert refused.value.code == "close_in_future"
    assert house.rows("SELECT count(*) FROM run") == [(0,)]


def test_a_second_close_at_the_same_time_says_so_and_leaves(house, in_threads):
    from abaque.billing.close_period import only_one_close

    house.shop()
    inside, done = threading.Event(), threading.Event()

    def first():
        with only_one_close():
            inside.set()
            done.wait(10)
        return "first"

    def second():
        inside.wait(10)
        try:
            return house.close("2026-03-01")
        finally:
            done.set()

    one, two = in_threads(first, second)
    assert one == "first"
    assert isinstance(two, Refused)
    assert two.code == "close_running"
    assert house.rows("SELECT count(*) FROM invoice") == [(0,)]
    assert house.close("2026-03-01")["drafts"] > 0


def test_one_subscription_that_cannot_be_rated_does_not_keep_the_others_from_being_billed(house):
    house.shop("minus", "plus", plan="usage")
    house.capture(
        house.event("1", "2026-02-05T10:00:00Z", subject="minus", pages=-3),
        house.event("2", "2026-02-05T10:00:00Z", subject="plus", pages=3),
    )
    done = house.close("2026-03-01")
    assert len(done["refused"]) == 1
    assert drafts(house) == [("2026-03-01", 150, 30, 180)]


# Late events.


def test_a_late_event_before_issue_changes_the_draft_and_voids_the_approval(house):
    january(house)
    house.approve_all()
    house.capture(house.event("late", "2026-01-25T09:00:00Z", document_id="late"))
    house.close("2026-02-01")
    assert lines(house, "2026-02-01") == [("base", None, 3100), ("docs", 6, 40)]
    done = house.issue_approved()
    assert [kept["code"] for kept in done["kept"]] == ["not_approved"]
    assert len(done["issued"]) == 1
    house.approve_all()
    assert len(house.issue_approved()["issued"]) == 1
    house.check()


def test_a_late_event_after_the_last_close_keeps_the_approved_draft_from_being_issued_as_it_was(house):
    january(house)
    house.approve_all()
    house.capture(house.event("late", "2026-01-25T09:00:00Z", document_id="late"))
    house.meter()
    house.seal()
    assert refusal(house, the_draft(house, "2026-02-01")).code == "draft_changed"


# Issue waits for what must be right.


def test_a_draft_nobody_approved_is_not_issued(house):
    january(house)
    assert refusal(house, the_draft(house, "2026-02-01")).code == "not_approved"
    assert house.issue_approved() == {"issued": [], "kept": []}


def test_a_held_customers_draft_is_not_issued_until_the_hold_is_released_with_a_reason(house):
    from abaque.billing.release import RaiseHold, Release, hold, release

    january(house)
    house.approve_all()
    customer = the_draft(house, "2026-02-01").customer.public_id
    day = (house.now + timedelta(days=20)).date()
    held = house.perform(hold, RaiseHold(f"customer:{customer}", ("issue",), "asked by the customer", day))
    assert refusal(house, the_draft(house, "2026-02-01")).code == "held"
    with pytest.raises(Refused, match="reason_needed"):
        house.perform(release, Release(held["hold"], "  "))
    house.perform(release, Release(held["hold"], "settled by telephone"))
    assert len(house.issue_approved()["issued"]) == 2
    house.check()


@pytest.mark.parametrize("scope", ["everything", "meter:documents", "invoice"])
def test_a_hold_stops_what_its_scope_says(house, scope):
    from abaque.billing.release import RaiseHold, hold

    january(house)
    house.approve_all()
    draft = the_draft(house, "2026-02-01")
    named = f"invoice:{draft.public_id}" if scope == "invoice" else scope
    house.perform(hold, RaiseHold(named, ("issue",), "a doubt", (house.now + timedelta(days=9)).date()))
    done = house.issue_approved()
    assert [kept["code"] for kept in done["kept"]] == ["held"] * (2 if scope == "everything" else 1)
    assert draft.public_id in {kept["invoice"] for kept in done["kept"]}


def test_a_missing_legal_field_keeps_the_draft_and_is_named_and_mended_it_is_issued(house):
    january(house, street="")
    house.approve_all()
    refused = refusal(house, the_draft(house, "2026-02-01"))
    assert (refused.code, refused.params["fields"]) == ("legal_fields_missing", ("buyer.street",))
    assert {kept["code"] for kept in house.issue_approved()["kept"]} == {"legal_fields_missing"}
    house.customer(street="3 rue Neuve")
    house.close("2026-02-01")
    house.approve_all()
    assert len(house.issue_approved()["issued"]) == 2
    house.check()


def test_an_open_hour_keeps_the_draft_until_its_lateness_is_over(house):
    january(house)
    house.approve_all()
    house.now = datetime(2026, 2, 1, 23, 59, 59, tzinfo=UTC)
    assert refusal(house, the_draft(house, "2026-02-01")).code == "still_open"
    house.now = datetime(2026, 2, 2, tzinfo=UTC)
    house.perform(issue, Issue(the_draft(house, "2026-02-01").public_id))


def test_hours_that_are_not_consistent_keep_the_draft(house):
    january(house)
    house.approve_all()
    house.run("UPDATE hour SET consistent_at = NULL")
    assert refusal(house, the_draft(house, "2026-02-01")).code == "not_sealed"


# Documents.


def test_numbers_run_without_a_gap_when_eight_issue_at_once(house, in_threads):
    names = [f"c{n:02}" for n in range(24)]
    house.shop(*names)
    house.close("2026-03-01")
    house.approve_all()
    waiting = [
        row[0] for row in house.rows("SELECT public_id FROM invoice WHERE state = 'draft' ORDER BY id")
    ]
    assert len(waiting) == 48

    def issuer(mine):
        def run():
            return [house.perform(issue, Issue(invoice))["number"] for invoice in mine]

        return run

    # Half of the invoices are asked for by two at once.
    given = in_threads(*(issuer([*waiting[n::8], *waiting[(n + 1) % 8 :: 16]]) for n in range(8)))
    assert all(isinstance(one, list) for one in given), given
    numbers = {number for one in given for number in one}
    assert numbers == {f"TEST-2026-{n:06}" for n in range(1, 49)}
    house.check()


def test_a_refused_issue_takes_no_number(house):
    january(house)
    house.approve_all()
    house.run("UPDATE invoice SET missing = '[\"buyer.city\"]' WHERE due_at = '2026-02-01'")
    assert refusal(house, the_draft(house, "2026-02-01")).code == "legal_fields_missing"
    house.perform(issue, Issue(the_draft(house, "2026-01-16").public_id))
    assert house.rows("SELECT number FROM invoice WHERE number IS NOT NULL") == [("TEST-2026-000001",)]
    house.check()


def test_a_period_of_zero_closes_without_a_document_and_claims_its_units(house):
    house.shop(plan="usage")
    house.capture(house.event("1", "2026-02-05T10:00:00Z", pages=0))
    house.close("2026-03-01")
    house.approve_all()
    assert [one["number"] for one in house.issue_approved()["issued"]] == [None]
    assert house.rows("SELECT state, net, number FROM invoice") == [("closed", 0, None)]
    assert house.rows("SELECT count(*) FROM entry") == [(0,)]
    assert house.rows("SELECT count(*) FROM series") == [(0,)]
    assert house.close("2026-03-01")["drafts"] == 0
    house.check()


def test_a_silent_month_makes_no_draft_and_a_late_event_of_it_does(house):
    house.shop(plan="usage")
    assert house.close("2026-03-01")["drafts"] == 0
    house.capture(house.event("late", "2026-02-05T10:00:00Z", pages=3))
    house.close("2026-03-01")
    assert drafts(house) == [("2026-03-01", 150, 30, 180)]
    house.check()


@pytest.mark.parametrize(
    ("treatment", "group"),
    [
        ("standard", ("S", "20", 627)),
        ("reverse_charge", ("AE", "0", 0)),
        ("none", ("O", "0", 0)),
    ],
)
def test_tax_is_standard_reverse_charged_or_none(house, treatment, group):
    january(house, tax=treatment, vat_number="BE0123456789")
    [found] = the_draft(house, "2026-02-01").taxes
    assert (found["category"], found["percent"], found["tax"]) == group
    assert found["base"] == 3135
    assert bool(found["mention"]) is (treatment != "standard")
    house.approve_all()
    assert len(house.issue_approved()["issued"]) == 2
    house.check()


def test_an_issued_invoice_is_posted_once_and_its_postings_sum_to_zero(house):
    january(house)
    house.approve_all()
    house.issue_approved()
    posted = house.rows("SELECT account, sum(amount) FROM posting GROUP BY account ORDER BY account")
    assert posted == [("receivable:dupont", 5682), ("revenue:S:20", -4735), ("vat:S:20", -947)]


def test_dates_never_fall_even_if_the_clock_does(house):
    january(house)
    house.approve_all()
    house.perform(issue, Issue(the_draft(house, "2026-01-16").public_id))
    house.now -= timedelta(days=3)
    house.perform(issue, Issue(the_draft(house, "2026-02-01").public_id))
    assert house.rows("SELECT issue_date::text FROM invoice ORDER BY number") == [("2026-02-10",)] * 2
    house.check()


FINAL = (
    "UPDATE invoice SET net = net + 1, gross = gross + 1",
    "UPDATE invoice SET snapshot = '{}'",
    "UPDATE invoice SET state = 'draft'",
    "DELETE FROM invoice",
    "UPDATE invoice_line SET net = 0",
    "DELETE FROM invoice_line",
    "UPDATE posting SET amount = 0",
    "DELETE FROM posting",
    "DELETE FROM entry",
    "UPDATE document SET content = 'other'",
    "UPDATE plan_version SET definition = '{}'",
    "UPDATE action SET actor = 'nobody'",
    "DELETE FROM action",
    "INSERT INTO posting (entry_id, account, amount, currency) SELECT id, 'revenue:S:20', 1, 'EUR' FROM entry",
    (
        "INSERT INTO invoice_line (invoice_id, position, subscription_id, charge, revision, span_start, span_end,"
        " whole_start, whole_end, meter, net, tax_category, tax_percent, names, steps) SELECT invoice_id, 9,"
        " subscription_id, 'more', 0, span_start, span_end, whole_start, whole_end, '', 1, 'S', 20, '{}', '[]'"
        " FROM invoice_line LIMIT 1"
    ),
)


def test_what_is_issued_posted_published_or_done_is_never_changed(house, subtests):
    from django.db import connection, transaction

    from abaque.billing.render_document import render_document

    roles = ["NONE", os.environ.get("ABAQUE_TEST_APPLICATION", "NONE")]  # the owner's, the application's
    january(house)
    house.approve_all()
    for one in house.issue_approved()["issued"]:
        render_document(str(one["invoice"]), now=house.now)
    for role, statement in product(roles, FINAL):
        refusals = IntegrityError if role == "NONE" else (IntegrityError, ProgrammingError)
        why = "never changed|does not sum to zero|permission denied"
        with (
            subtests.test(statement, role=role),
            pytest.raises(refusals, match=why),
            transaction.atomic(),
        ):
            connection.cursor().execute(f"SET LOCAL ROLE {role}; {statement}")
    house.check()


def test_a_document_is_rendered_once_and_stays_the_same_bytes(house):
    from abaque.billing.render_document import render_document

    january(house)
    house.approve_all()
    invoice = str(house.issue_approved()["issued"][0]["invoice"])
    first = render_document(invoice, now=house.now)
    house.customer(legal_name="Somebody Else")
    second = render_document(invoice, now=house.now + timedelta(days=40))
    assert bytes(first.content) == bytes(second.content)
    assert bytes(first.content).startswith(b"%PDF-")


# The agreement.


def test_a_subscription_that_ends_mid_month_pays_up_to_its_last_day(house):
    from abaque.billing.end_subscription import EndSubscription, end_subscription

    house.now = datetime(2026, 1, 20, 12, tzinfo=UTC)
    house.catalogue()
    house.issuer()
    house.customer()
    subscription = house.subscribe(starts="2026-01-01")
    house.close("2026-01-01")
    assert drafts(house) == [("2026-01-01", 3100, 620, 3720)]
    house.perform(end_subscription, EndSubscription(subscription, house.instant("2026-01-25T10:00:00Z")))
    house.now = datetime(2026, 2, 10, 12, tzinfo=UTC)
    house.close("2026-02-01")
    assert [row[:2] for row in drafts(house)] == [("2026-01-01", 2500)]


def test_what_is_issued_already_keeps_a_subscription_from_ending_before_it(house):
    from abaque.billing.end_subscription import EndSubscription, end_subscription

    january(house)
    subscription = the_draft(house, "2026-02-01").subscription.public_id
    house.approve_all()
    house.issue_approved()
    with pytest.raises(Refused, match="billed_beyond"):
        house.perform(end_subscription, EndSubscription(subscription, house.instant("2026-02-20")))


def test_a_subscription_that_ends_before_it_starts_is_refused(house):
    from abaque.billing.subscribe import Subscribe, subscribe

    house.shop()
    house.customer("martin")
    start, end = house.instant("2026-02-01"), house.instant("2026-01-01")
    for ends_at in (start, end):
        with pytest.raises(Fault, match="ends_before_start"):
            house.perform(subscribe, Subscribe("martin", "pro", starts_at=start, ends_at=ends_at))


def test_two_charges_may_not_claim_the_same_units_of_a_customer(house):
    from abaque.billing.subscribe import Subscribe, subscribe

    house.shop()
    with pytest.raises(Refused, match="meter_claimed_twice") as refused:
        house.perform(subscribe, Subscribe("dupont", "pro", starts_at=house.instant("2026-03-05")))
    assert refused.value.params["meter"] == "documents"
    house.perform(subscribe, Subscribe("dupont", "usage", starts_at=house.instant("2026-03-05")))
