"""All sides compared: what the platform lost, doubled or changed is named, priced, held, mended, released."""

import json
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from abaque.billing.reconcile import reconcile_now
from abaque.billing.release import RaiseHold, Release, hold, release
from abaque.billing.remedies import (
    AcceptFinding,
    PushAgain,
    VoidThere,
    accept_finding,
    push_again,
    void_there,
)
from abaque.billing.runner import Refused

CHECK = "invoices ↔ sandbox"


class Books:
    """The sandbox platform, and what it is told to get wrong."""

    def __init__(self, running):
        self.running = running

    @property
    def platform(self):
        from abaque.connectors.sandbox import SandboxPlatform

        return SandboxPlatform(self.running.url, self.running.key)

    def get_wrong(self, kind, **more):
        self._ask("POST", json.dumps({"kind": kind, **more}))

    def get_right(self):
        self._ask("DELETE")

    def _ask(self, method, body=None):
        request = urllib.request.Request(
            f"{self.running.url}/faults",
            data=body and body.encode(),
            method=method,
            headers={"Authorization": f"Bearer {self.running.key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10):
            pass

    def kept(self):
        return sorted(invoice.external_id for invoice in self.platform.invoices())


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    from abaque.sandbox.platform.launch import launch

    with launch(tmp_path / "books.sqlite", rate=0) as running:
        yield Books(running)


@pytest.fixture
def pushed(house, books, settings):
    """Ten customers with an issued invoice each; how they are pushed is the test's affair."""
    settings.CONNECTORS = ["sandbox"]
    house.shop(*[f"c{n}" for n in range(10)], plan="usage")
    for n in range(10):
        house.documents(1, "2026-02-10", f"c{n}", pages=100 * (n + 1))
    house.close("2026-03-01")
    house.approve_all()
    assert len(house.issue_approved()["issued"]) == 10
    return books


def push(house, books):
    from abaque.billing.push import push_waiting

    return push_waiting(books.platform, now=house.now, per_second=10_000)


def reconcile(house, books):
    from abaque.billing.permissions import SYSTEM

    return reconcile_now([books.platform], now=house.now, by=SYSTEM)


def run_jobs(house, books):
    """Work off the network jobs that verbs queued, as the worker does."""
    from abaque.worker.tasks import Jobs

    jobs = Jobs([books.platform])
    named = {"abaque.push": jobs.push, "abaque.void_surplus": jobs.void_surplus}
    waiting = house.rows(
        "SELECT id, task_name, args::text FROM procrastinate_jobs"
        " WHERE status = 'todo' AND task_name = ANY (%s) ORDER BY id",
        [list(named)],
    )
    for identity, name, arguments in waiting:
        named[name](**json.loads(arguments))
        house.run("DELETE FROM procrastinate_jobs WHERE id = %s", [identity])
    return len(waiting)


def findings(house):
    """Open findings: kind, subject's customer, impact."""
    return {
        (kind, customer, impact)
        for kind, customer, impact in house.rows(
            "SELECT f.kind, c.external_id, f.impact FROM finding f LEFT JOIN customer c ON c.id = f.customer_id"
            " WHERE f.closed_at IS NULL"
        )
    }


def held(house):
    return {
        row[0]
        for row in house.rows(
            "SELECT coalesce(c.external_id, h.scope) FROM hold h LEFT JOIN customer c ON c.id = h.customer_id"
            " WHERE h.released_at IS NULL"
        )
    }


def open_findings(kind=None):
    from abaque.storage.models import Finding

    found = Finding.objects.filter(closed_at=None)
    return list(found if kind is None else found.filter(kind=kind))


def customers_of(house, ids):
    return {
        row[0]
        for row in house.rows(
            "SELECT c.external_id FROM invoice i JOIN customer c ON c.id = i.customer_id WHERE i.public_id = ANY (%s)",
            [list(ids)],
        )
    }


def test_when_all_agree_nothing_is_found(house, pushed):
    assert push(house, pushed) == {"pushed": 10, "held": 0, "failed": 0}
    done = reconcile(house, pushed)
    assert (done["opened"], done["open"], done["unknown"]) == (0, 0, 0)
    assert done["compared"] >= 10
    assert held(house) == set()
    house.check()


def test_three_lost_and_one_doubled_are_named_with_their_amounts_and_exactly_their_customers_held(
    house, pushed
):
    pushed.get_wrong("lose", n=3)
    pushed.get_wrong("double", n=1)
    push(house, pushed)
    kept = pushed.kept()
    twice = {one for one in kept if kept.count(one) == 2}
    ours = dict(house.rows("SELECT public_id, gross FROM invoice"))
    lost = ours.keys() - set(kept)
    assert (len(lost), len(twice)) == (3, 1)

    done = reconcile(house, pushed)
    assert done["opened"] == done["open"] == 4
    assert {(f.kind, f.subject, f.impact, f.check_name) for f in open_findings()} == {
        *(("missing", one, ours[one], CHECK) for one in lost),
        *(("doubled", one, ours[one], CHECK) for one in twice),
    }
    assert held(house) == customers_of(house, lost | twice)
    assert house.rows("SELECT count(*) FROM alert WHERE kind = 'hold_raised'") == [(4,)]
    house.check()

    again = reconcile(house, pushed)
    assert (again["opened"], again["closed"], again["open"]) == (0, 0, 4)
    assert house.rows("SELECT count(*) FROM hold") == [(4,)]


def test_comparing_twice_at_the_same_moment_opens_nothing_twice(house, pushed, in_threads):
    pushed.get_wrong("lose", n=3)
    push(house, pushed)
    done = in_threads(*[lambda: reconcile(house, pushed)] * 4)
    assert all(isinstance(one, dict) for one in done), done
    assert sorted(one["opened"] for one in done) == [0, 0, 0, 3]
    assert house.rows("SELECT count(*) FROM hold") == [(3,)]


def test_remedies_mend_what_was_found_and_the_next_comparison_releases(house, pushed):
    pushed.get_wrong("lose", n=3)
    pushed.get_wrong("double", n=1)
    push(house, pushed)
    reconcile(house, pushed)
    for finding in open_findings("missing"):
        house.perform(push_again, PushAgain(finding.public_id, "lost there"))
    for finding in open_findings("doubled"):
        house.perform(void_there, VoidThere(finding.public_id, "twice there"))
    assert run_jobs(house, pushed) >= 2
    done = reconcile(house, pushed)
    assert (done["closed"], done["open"]) == (4, 0)
    assert held(house) == set()
    assert pushed.kept() == sorted(row[0] for row in house.rows("SELECT public_id FROM invoice"))
    assert house.rows("SELECT DISTINCT released_by FROM hold") == [("system:abaque",)]
    house.check()


def test_held_customers_are_not_billed_and_all_others_are(house, pushed):
    pushed.get_wrong("lose", n=3)
    pushed.get_wrong("double", n=1)
    push(house, pushed)
    reconcile(house, pushed)
    house.now = house.now.replace(month=4, day=10)
    for n in range(10):
        house.documents(1, "2026-03-10", f"c{n}", pages=1)
    house.close("2026-04-01")
    house.approve_all()
    done = house.issue_approved()
    assert (len(done["issued"]), {one["code"] for one in done["kept"]}) == (6, {"held"})
    assert customers_of(house, {one["invoice"] for one in done["kept"]}) == held(house)
    house.check()


def test_a_remedy_that_does_not_apply_or_has_no_reason_is_refused(house, pushed):
    pushed.get_wrong("lose", n=1)
    push(house, pushed)
    reconcile(house, pushed)
    [finding] = open_findings()
    for verb, command, code in (
        (push_again, PushAgain(finding.public_id, " "), "reason_needed"),
        (void_there, VoidThere(finding.public_id, "why not"), "remedy_does_not_apply"),
        (push_again, PushAgain("fnd_none", "why not"), "unknown_finding"),
        (accept_finding, AcceptFinding(finding.public_id, ""), "reason_needed"),
    ):
        with pytest.raises(Refused) as refused:
            house.perform(verb, command)
        assert refused.value.code == code
    assert held(house) != set()


def test_an_altered_amount_is_found_with_the_difference_as_its_impact(house, pushed):
    pushed.get_wrong("alter", n=1, by=700)
    push(house, pushed)
    reconcile(house, pushed)
    [finding] = open_findings()
    assert (finding.kind, finding.impact) == ("differing", 700)
    assert len(held(house)) == 1


def test_an_altered_amount_below_one_percent_and_five_units_is_found_and_not_held(house, pushed):
    everything = [row[0] for row in house.rows("SELECT public_id FROM invoice ORDER BY gross DESC LIMIT 1")]
    pushed.get_wrong("alter", external_ids=everything, by=499)
    push(house, pushed)
    reconcile(house, pushed)
    assert [(f.kind, f.impact) for f in open_findings()] == [("differing", 499)]
    assert held(house) == set()


def test_a_platform_that_is_down_turns_nothing_green_and_is_unknown(house, pushed):
    pushed.get_wrong("lose", n=2)
    push(house, pushed)
    reconcile(house, pushed)
    before = held(house)
    assert len(before) == 2
    for trouble in ({}, {"drop": True}):
        pushed.get_right()
        pushed.get_wrong("down", **trouble)
        done = reconcile(house, pushed)
        assert (done["closed"], done["unknown"]) == (0, 10)
        assert held(house) == before
    pushed.get_right()
    done = reconcile(house, pushed)
    assert done["unknown"] == 0
    assert {kind for kind, _, _ in findings(house)} == {"missing"}
    assert held(house) == before
    house.check()


def test_a_platform_that_is_gone_is_unknown_even_before_anything_was_pushed(house, books):
    house.shop()
    books.running.stop()
    done = reconcile(house, books)
    assert (done["unknown"], held(house)) == (1, set())


def test_an_invoice_the_platform_invented_is_found(house, pushed):
    from abaque.billing.push import pushed as as_pushed
    from abaque.storage.models import Invoice

    push(house, pushed)
    mine = as_pushed(Invoice.objects.order_by("pk").first())
    fields = {name: getattr(mine, name) for name in mine.__slots__}
    pushed.platform.push(type(mine)(**{**fields, "external_id": "inv_invented"}), key="invented")
    reconcile(house, pushed)
    [finding] = open_findings()
    assert (finding.kind, finding.subject, finding.impact) == ("unexpected", "inv_invented", mine.total)
    house.perform(void_there, VoidThere(finding.public_id, "not ours"))
    run_jobs(house, pushed)
    assert reconcile(house, pushed)["open"] == 0


def test_a_credit_note_is_pushed_after_its_invoice_and_agrees(house, pushed):
    push(house, pushed)
    house.documents(1, "2026-02-11", "c3", pages=-100)
    house.close("2026-03-01")
    house.approve_all()
    [issued] = house.issue_approved()["issued"]
    assert push(house, pushed) == {"pushed": 1, "held": 0, "failed": 0}
    kept = {one.external_id: one.total for one in pushed.platform.invoices()}
    assert kept[issued["invoice"]] == -6000
    assert reconcile(house, pushed)["open"] == 0
    house.check()


def test_a_credit_note_the_platform_lost_is_missing_there(house, pushed):
    push(house, pushed)
    house.documents(1, "2026-02-11", "c3", pages=-100)
    house.close("2026-03-01")
    house.approve_all()
    house.issue_approved()
    pushed.get_wrong("lose", n=1)
    push(house, pushed)
    reconcile(house, pushed)
    assert findings(house) == {("missing", "c3", 6000)}
    [finding] = open_findings()
    house.perform(push_again, PushAgain(finding.public_id, "lost there"))
    run_jobs(house, pushed)
    assert reconcile(house, pushed)["open"] == 0


# Pushing.


def test_pushing_is_idempotent_when_the_platform_answers_500_after_storing(house, pushed):
    pushed.get_wrong("fail_after_storing", n=2)
    assert push(house, pushed) == {"pushed": 10, "held": 0, "failed": 0}
    kept = pushed.kept()
    assert len(kept) == len(set(kept)) == 10
    assert reconcile(house, pushed)["open"] == 0


def test_what_the_platform_stored_while_its_answer_was_lost_is_no_strange_invoice(house, pushed):
    """A crash between the platform's storing and our noting it must not hold everybody."""
    push(house, pushed)
    house.run(
        "UPDATE push SET acknowledged_at = NULL, platform_id = '' WHERE id = (SELECT min(id) FROM push)"
    )
    assert reconcile(house, pushed)["open"] == 0
    assert held(house) == set()
    assert push(house, pushed)["pushed"] == 1
    assert len(pushed.kept()) == 10


def test_what_the_platform_would_not_take_is_missing_there_until_it_is_pushed_again(
    house, pushed, monkeypatch
):
    from abaque.billing import push as pushing

    monkeypatch.setattr(pushing, "_BACK_OFF", 0)
    pushed.get_wrong("down", n=5)
    assert push(house, pushed) == {"pushed": 9, "held": 0, "failed": 1}
    reconcile(house, pushed)
    [finding] = open_findings()
    assert (finding.kind, len(held(house))) == ("missing", 1)
    house.perform(push_again, PushAgain(finding.public_id, "it was down"))
    run_jobs(house, pushed)
    assert reconcile(house, pushed)["open"] == 0
    assert held(house) == set()


def test_a_held_customers_invoice_is_not_pushed_until_released(house, pushed):
    customer = house.rows("SELECT public_id FROM customer WHERE external_id = 'c3'")[0][0]
    command = RaiseHold(f"customer:{customer}", ("push",), "wait", house.now.date())
    made = house.perform(hold, command)
    assert push(house, pushed) == {"pushed": 9, "held": 1, "failed": 0}
    house.perform(release, Release(made["hold"], "go on"))
    assert push(house, pushed) == {"pushed": 1, "held": 0, "failed": 0}


# Releasing by hand.


def test_a_person_releases_with_a_reason_and_the_finding_stays_and_is_not_held_again(house, pushed):
    pushed.get_wrong("lose", n=1)
    push(house, pushed)
    reconcile(house, pushed)
    [(public_id,)] = house.rows("SELECT public_id FROM hold")
    with pytest.raises(Refused, match="reason_needed"):
        house.perform(release, Release(public_id, ""))
    house.perform(release, Release(public_id, "the customer pays anyway"))
    assert held(house) == set()
    assert len(open_findings()) == 1
    reconcile(house, pushed)
    assert held(house) == set()
    assert house.rows("SELECT released_by, released_reason FROM hold") == [
        ("system:abaque", "the customer pays anyway")
    ]
    house.check()


def test_an_accepted_finding_is_closed_and_releases(house, pushed):
    pushed.get_wrong("lose", n=1)
    push(house, pushed)
    reconcile(house, pushed)
    [finding] = open_findings()
    house.perform(accept_finding, AcceptFinding(finding.public_id, "agreed by telephone"))
    assert (open_findings(), held(house)) == ([], set())
    house.check()


# What the product states, and usage after issue.


def state(house, quantity, customer="dupont"):
    from abaque.billing.state_control_total import StateControlTotals, Total, state_control_total

    span = house.instant("2026-02-01"), house.instant("2026-03-01")
    total = Total("pages", customer, *span, Decimal(quantity))
    house.perform(state_control_total, StateControlTotals((total,)))


def compare(house):
    from abaque.billing.permissions import SYSTEM

    return reconcile_now([], now=house.now, by=SYSTEM)


def test_a_control_total_that_differs_is_found_with_its_money_and_holds_its_customer(house):
    house.shop("dupont", "martin", plan="usage")
    house.documents(1, "2026-02-10", "dupont", pages=100)
    house.documents(1, "2026-02-10", "martin", pages=100)
    state(house, 120)
    state(house, 100, "martin")
    compare(house)
    assert findings(house) == {("differing", "dupont", 1000)}
    assert held(house) == {"dupont"}
    state(house, 100)
    assert compare(house)["closed"] == 1
    assert held(house) == set()
    house.check()


def test_a_difference_that_grows_beyond_the_tolerance_holds(house):
    house.shop(plan="usage")
    house.documents(1, "2026-02-10", pages=1000)
    state(house, 1001)
    compare(house)
    assert (findings(house), held(house)) == ({("differing", "dupont", 50)}, set())
    state(house, 2000)
    compare(house)
    assert (findings(house), held(house)) == ({("differing", "dupont", 50_000)}, {"dupont"})


def test_usage_that_waits_to_be_metered_is_no_difference(house):
    house.shop(plan="usage")
    house.capture(house.event("1", "2026-02-10T10:00:00Z", pages=10))
    state(house, 10)
    assert compare(house)["open"] == 0


def test_usage_that_came_after_issue_is_found_with_what_it_would_cost(house):
    house.shop(plan="usage")
    house.documents(1, "2026-02-10", pages=100)
    house.close("2026-03-01")
    house.approve_all()
    house.issue_approved()
    assert compare(house)["open"] == 0
    house.documents(1, "2026-02-11", pages=40)
    compare(house)
    assert findings(house) == {("differing", "dupont", 2000)}
    house.check()


def test_usage_that_sank_below_zero_after_issue_is_found_and_breaks_nothing(house):
    house.shop(plan="usage")
    house.documents(1, "2026-02-10", pages=100)
    house.close("2026-03-01")
    house.approve_all()
    house.issue_approved()
    house.documents(1, "2026-02-11", pages=-250)
    compare(house)
    assert findings(house) == {("differing", "dupont", 5000)}
