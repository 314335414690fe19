"""The page of hours: how sure usage is, what was promised and stated, what is missing, and the form."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.web.conftest import CATALOGUE, MARCH, NOW

from abaque.billing.apply_catalogue import ApplyCatalogue, apply_catalogue
from abaque.billing.permissions import SYSTEM
from abaque.billing.reconcile import reconcile_now
from abaque.billing.runner import perform
from abaque.billing.seal import seal_all
from abaque.storage.models import ControlTotal, Finding, Hour

pytestmark = pytest.mark.usefixtures("promised")

PROMISE = '    totals: {grain: day, tolerance: "0.5"}\n'


@pytest.fixture
def promised(shop: Any) -> Any:
    """Totals of documents are promised for each day since 1 March, six hours after it."""
    text = CATALOGUE.replace("  documents:\n", f"  documents:\n{PROMISE}", 1)
    perform(apply_catalogue, ApplyCatalogue(text), now=MARCH, by=SYSTEM)
    seal_all(now=NOW, by=SYSTEM)
    return shop


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/console/hours{query}", headers={"accept-language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def stated(client: Client, **said: str) -> Any:
    return client.post("/console/hours/state", {"meter": "documents", "quantity": "1", **said}, follow=True)


def test_it_says_what_is_missing_and_what_each_meter_asks_for(owner: Client) -> None:
    said = page(owner)
    assert "1 stretch of promised totals is missing" in said
    assert "2 meters are compared with their own events only" in said
    assert (
        "A total for each day (UTC) of all customers together, at most 6 hours later, within 0.5 %." in said
    )
    assert said.count("compared with their own events, and with nothing outside Abaque") == 2
    # The stretch begins on the first day; the form is filled in with that day alone.
    assert "/console/hours?meter=documents&amp;first=2026-03-01#state" in said
    assert 'value="2026-03-01"' in page(owner, "?meter=documents&first=2026-03-01")


def test_a_total_is_stated_replaced_and_its_history_shown(owner: Client) -> None:
    assert "The total is stated" in stated(owner, first="2026-03-02", quantity="99").content.decode()
    assert "1 control total differs" in page(owner)
    stated(owner, first="2026-03-02", quantity="98")
    assert "1 earlier statement" in page(owner)
    [now, before] = ControlTotal.objects.order_by("-pk")
    assert (now.replaced_at, before.quantity) == (None, 99)
    assert before.replaced_at is not None
    assert (now.starts_at, now.ends_at) == (MARCH + timedelta(days=1), MARCH + timedelta(days=2))
    assert str(now.tolerance) == "0.500000"


def test_a_total_of_one_hour_or_of_many_days(promised: Any, owner: Client) -> None:
    stated(owner, first="2026-03-02", hour="9")
    stated(owner, first="2026-03-01", last="2026-03-07", customer=promised.dupont)
    hour, week = ControlTotal.objects.order_by("pk")
    assert (hour.starts_at.hour, hour.ends_at - hour.starts_at) == (9, timedelta(hours=1))
    assert (week.ends_at - week.starts_at, week.customer.public_id) == (timedelta(days=7), promised.dupont)


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": "2026-03-02", "last": "2026-03-01"},
        {"first": "2026-03-02", "last": "2026-03-03", "hour": "9"},
        {"first": "2026-03-02", "hour": "24"},
        {"first": "2026-03-02", "quantity": "-1"},
        {"first": "2026-03-02", "meter": "other"},
        {"first": ""},
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field(owner: Client, wrong: Any) -> None:
    answer = stated(owner, **wrong)
    assert 'class="errors"' in answer.content.decode() or 'role="alert"' in answer.content.decode()
    assert not ControlTotal.objects.exists()


def test_who_may_not_state_totals_has_no_form(owner: Client) -> None:
    owner.logout()
    assert owner.get("/console/hours").status_code == 302
    assert owner.post("/console/hours/state").status_code == 302


def test_an_hour_that_does_not_come_out_the_same_is_named_first(owner: Client) -> None:
    hour = Hour.objects.first()
    assert hour is not None
    Hour.objects.filter(pk=hour.pk).update(consistent_at=None)
    said = page(owner)
    assert "1 hour does not agree with its events" in said
    assert f"{hour.hour:%Y-%m-%d}" in said


def test_a_day_leads_to_its_hours_and_they_to_their_events(owner: Client) -> None:
    hour = Hour.objects.filter(meter__code="documents").order_by("-hour").first()
    assert hour is not None
    said = owner.get(f"/console/hours/documents/{hour.hour:%Y-%m-%d}").content.decode()
    assert f"meter=documents&amp;hour={hour.hour:%Y-%m-%dT%H}%3A00%3A00Z" in said
    for wrong in ("documents/2026-13-01", "other/2026-03-01", "documents/9999-12-31"):
        assert owner.get(f"/console/hours/{wrong}").status_code == 404


def test_missing_totals_and_silence_are_named_in_the_inbox_as_people_say_them(owner: Client) -> None:
    reconcile_now([], now=NOW, by=SYSTEM)
    Finding.objects.create(
        check_name="events ↔ habit", kind="stale", subject="source /shop", opened_at=NOW, seen_at=NOW,
        currency="EUR", ours={"quantity": "3"}, theirs={"quantity": "400"},
    )  # fmt: skip
    said = owner.get("/console/inbox", headers={"accept-language": "en"}).content.decode()
    assert "The product has not stated the totals it promised" in said
    assert "Far less comes in than on the same day of the weeks before." in said
    assert "Source /shop" in said
    assert "…" not in said.partition("<main")[2]
    assert "Source /shop" in page(owner)
