"""Quarantine and corrections in the console: what keeps events aside is mended there, and each event says why."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.web.conftest import event

from abaque.billing.dismiss import DismissEvents, dismiss_events
from abaque.billing.permissions import SYSTEM
from abaque.billing.runner import perform
from abaque.storage import clock, hot
from abaque.storage.models import Action, Alias, Customer
from abaque.storage.read.events import one_event
from abaque.storage.read.quarantine import Cause, Which, open_count

PAGE = "/console/quarantine"


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    main = re.sub(r"(?s).*<main", "", answer.content.decode(), count=1)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


def fate(identity: str) -> str:
    found = one_event("/test", identity)
    assert found is not None
    return found.fate


def test_each_cause_stands_with_what_mends_it(shop: Any, owner: Client) -> None:
    shop.send(
        event("no-pages", "2026-03-05T09:00:00Z", document_id="x"),
        event("ahead", "2026-04-05T09:00:00Z", document_id="y", pages=1),
    )
    page = text_of(owner, PAGE)
    for words in (
        "The customer is unknown",
        "nobody",
        "A value is missing",
        "Largest · pages",
        "their time lies ahead",
    ):
        assert words in page
    assert "<strong>3 events</strong>" in owner.get(PAGE).content.decode()


def test_a_customer_is_created_for_a_subject_and_its_events_count(shop: Any, owner: Client) -> None:
    owner.post(f"{PAGE}/customer", {"subject": "nobody", "name": "Nobody & Co"})
    shop.meter()
    assert Customer.objects.get(external_id="nobody").legal_name == "Nobody & Co"
    assert fate("unknown") == "counted"
    assert open_count() == 0


def test_a_subject_is_given_to_a_customer_for_some_days(shop: Any, owner: Client) -> None:
    form = {"subject": "nobody", "customer": shop.dupont, "from": "2026-03-01", "until": "2026-03-05"}
    owner.post(f"{PAGE}/alias", form)
    shop.meter()
    found = Alias.objects.get(subject="nobody")
    assert (found.valid_from.isoformat(), found.valid_to.isoformat()) == (
        "2026-03-01T00:00:00+00:00",
        "2026-03-06T00:00:00+00:00",
    )
    assert fate("unknown") == "counted"
    page = owner.post(f"{PAGE}/alias", form | {"customer": shop.martin}, follow=True).content.decode()
    assert "already belongs to the customer dupont" in html.unescape(page)


def test_events_without_a_value_are_amended_together(shop: Any, owner: Client) -> None:
    shop.send(*(event(f"m{n}", "2026-03-06T09:00:00Z", document_id=f"m{n}") for n in range(3)))
    form = {
        "cause": "missing_value", "meter": "largest", "type": "document.processed", "subject": "",
        "attribute": "pages", "value": "44", "reason": "read from the files",
    }  # fmt: skip
    said = text_of(owner, PAGE)
    assert "Amend all 3" in said
    page = owner.post(f"{PAGE}/amend", form, follow=True).content.decode()
    assert "3 events are amended" in page
    shop.meter()
    assert {fate(f"m{n}") for n in range(3)} == {"replaced"}
    assert hot.rows(
        "SELECT max(quantity) FROM usage u JOIN meter m ON m.id = u.meter_id WHERE m.code = 'largest'"
    ) == [(44,)]
    assert "read from the files" in text_of(owner, "/console/event?source=/test&id=m0")


def test_what_is_set_aside_leaves_the_count_stays_found_and_comes_back(shop: Any, owner: Client) -> None:
    form = {"cause": "unknown_customer", "subject": "nobody", "reason": "our own test"}
    owner.post(f"{PAGE}/dismiss", form | {"reason": " "})
    assert open_count() == 1
    owner.post(f"{PAGE}/dismiss", form)
    assert open_count() == 0
    assert "Nothing is kept aside" in text_of(owner, PAGE)
    assert "our own test" in text_of(owner, f"{PAGE}?show=dismissed")
    assert "unknown" in text_of(owner, "/console/events?fate=dismissed")
    assert "No event matches" in text_of(owner, "/console/events?fate=quarantined")
    one = text_of(owner, "/console/event?source=/test&id=unknown")
    assert "owner@papier.example set it aside for good" in one
    owner.post(f"{PAGE}/take-back", {"source": "/test", "id": "unknown", "reason": "it was real"})
    shop.meter()
    assert open_count() == 1
    assert "taken back, judged again · owner@papier.example" in text_of(
        owner, "/console/event?source=/test&id=unknown"
    )


def test_judging_again_is_recorded_and_changes_nothing_that_is_not_mended(shop: Any, owner: Client) -> None:
    for _ in range(2):
        owner.post(f"{PAGE}/replay", {"cause": "unknown_customer", "subject": "nobody"})
    shop.meter()
    assert fate("unknown") == "quarantined"
    assert Action.objects.filter(verb="replay_events", actor="staff:owner@papier.example").exists()


@pytest.mark.parametrize(
    ("role", "action", "status"),
    [
        ("auditor", "replay", 403),
        ("support", "dismiss", 403),
        ("support", "replay", 302),
        ("finance", "dismiss", 302),
    ],
)
def test_a_role_does_what_it_may(
    shop: Any, signed_in: Callable[[str], Client], role: str, action: str, status: int
) -> None:
    del shop
    form = {"cause": "unknown_customer", "reason": "because"}
    client = signed_in(role)
    assert client.get(PAGE).status_code == 200
    assert client.post(f"{PAGE}/{action}", form).status_code == status


def test_an_unknown_action_is_not_found(shop: Any, owner: Client) -> None:
    del shop
    assert owner.post(f"{PAGE}/erase", {"cause": "future"}).status_code == 404


def test_an_event_says_for_each_meter_why_it_is_billed_or_not(shop: Any, owner: Client) -> None:
    shop.send(event("again", "2026-03-06T09:00:00Z", document_id="d-9", pages=2))
    shop.close()
    cases = {
        "late": ("It counts as 1 × document", "On no invoice yet"),
        "dupont-1": ("It counts as 2 × page", "Billed on"),
        "again": ("a further attempt at d-9 , which counts once, by late",),
        "failed": ("outcome is “failure”, a failure",),
        "unknown": ("Not billed yet. Its subject belongs to no customer", "What mends it"),
        "note-1": ("no meter counts this type", "Make a meter from this"),
    }
    for identity, words in cases.items():
        page = text_of(owner, f"/console/event?source=/test&id={identity}")
        for said in words:
            assert said in page, (identity, page)


def test_a_filter_that_leaves_an_event_out_is_said_in_words(shop: Any, owner: Client) -> None:
    from abaque.billing.apply_catalogue import ApplyCatalogue, apply_catalogue

    catalogue = """
meters:
  big:
    name: {en: Big, fr: Grands}
    unit: {en: document, fr: document}
    event: document.processed
    aggregate: count
    where: {region: [eu, uk]}
"""
    perform(apply_catalogue, ApplyCatalogue(catalogue), now=clock.now(), by=SYSTEM)
    shop.send(event("us", "2026-03-06T09:00:00Z", document_id="u", pages=1, region="us"))
    page = text_of(owner, "/console/event?source=/test&id=us")
    assert "it counts only where region is “eu” or “uk”; here region is “us”." in page
    assert "here there is no region" in text_of(owner, "/console/event?source=/test&id=late")


def test_an_event_is_voided_on_its_page(shop: Any, owner: Client) -> None:
    form = {"source": "/test", "id": "late", "kind": "void", "reason": "it never happened"}
    owner.post("/console/event/correct", form | {"reason": ""})
    owner.post("/console/event/correct", form)
    shop.meter()
    assert fate("late") == "voided"
    page = text_of(owner, "/console/event?source=/test&id=late")
    assert "Not billed: it was taken back by" in page
    assert "it never happened" in page
    assert "corrected · owner@papier.example" in page
    assert "late" in text_of(owner, "/console/events?fate=voided")
    void = re.search(r"void-[0-9a-f]{32}", page)
    assert void is not None
    source = hot.rows("SELECT source FROM identity WHERE id = %s", [void[0]])[0][0]
    itself = text_of(owner, f"/console/event?source={source}&id={void[0]}")
    assert "Takes back late" in itself
    assert "Void this event" not in itself


def test_an_event_is_amended_on_its_page_where_it_was_changed_only(shop: Any, owner: Client) -> None:
    page = owner.get("/console/event?source=/test&id=late").content.decode()
    kept = dict(re.findall(r'name="(\w+_was)" value="([^"]*)"', page))
    was = {name: html.unescape(value) for name, value in kept.items()}
    same = {"subject": "dupont", "time": was["time_was"], "data": was["data_was"]}
    form = {"source": "/test", "id": "late", "kind": "amend", "reason": "one page too many", **was, **same}
    refused = owner.post("/console/event/correct", form, follow=True).content.decode()
    assert "Nothing was changed" in refused
    owner.post("/console/event/correct", form | {"data": '{"document_id": "d-9", "pages": 6}'})
    shop.meter()
    assert fate("late") == "replaced"
    said = hot.rows("SELECT data -> 'replacement' FROM event WHERE type = 'abaque.amend'")
    assert [str(row[0]) for row in said] == ['{"data": {"pages": 6, "document_id": "d-9"}}']


@pytest.mark.usefixtures("shop")
def test_events_are_found_by_id_source_and_subject(owner: Client) -> None:
    def shown(query: str) -> set[str]:
        page = owner.get(f"/console/events?{query}").content.decode()
        return set(re.findall(r'<th scope="row"><a class="id"[^>]*>([^<]+)<', page))

    assert shown("id=late") == {"late"}
    assert shown("id=lat") == set()
    assert shown("source=/other") == set()
    assert shown("subject=nobody") == {"unknown"}
    assert shown("meter=readers&fate=counted") == {"read-1", "read-2", "read-3"}
    assert shown("reason=failure") == {"failed"}


def test_dismissing_many_leaves_other_causes_alone(shop: Any) -> None:
    shop.send(event("other", "2026-03-05T09:00:00Z", subject="somebody", pages=1))
    command = DismissEvents(Which(cause=Cause("unknown_customer", subject="somebody")), "because")
    assert perform(dismiss_events, command, now=clock.now(), by=SYSTEM)["count"] == 1
    assert open_count() == 1


def test_a_meter_shows_what_it_would_have_counted_before_it_is_made(shop: Any, owner: Client) -> None:
    shop.send(
        event(
            "n2", "2026-02-05T09:00:00Z", "note.written", words=5, note_id="x", outcome="success", team="a"
        ),
        event(
            "n3", "2026-03-05T10:00:00Z", "note.written", words=3, note_id="y", outcome="success", team="b"
        ),
        event(
            "n4", "2026-03-06T09:00:00Z", "note.written", words=3, note_id="y", outcome="success", team="b"
        ),
        event(
            "n5", "2026-03-06T09:00:00Z", "note.written", words=9, note_id="z", outcome="failure", team="a"
        ),
        event("n6", "2026-03-06T09:00:00Z", "note.written", subject="nobody", words=9, note_id="q"),
        event("n7", "2026-03-06T09:00:00Z", "note.written", "martin", words=2, note_id="m", team="b"),
    )
    page = owner.get("/console/meters?propose=note.written").content.decode()
    for suggested in ('"words" selected', '"note_id" selected', '"outcome" selected'):
        assert suggested in page
    form = {
        "event_type": "note.written", "code": "notes", "name": "Notes", "aggregate": "sum", "value": "words",
        "operation": "note_id", "outcome": "outcome", "preview": "1",
    }  # fmt: skip
    before = hot.rows("SELECT count(*) FROM usage"), hot.rows("SELECT count(*) FROM meter")
    said = re.sub(r"<[^>]+>", " ", owner.post("/console/meters/make", form).content.decode())
    said = re.sub(r"\s+", " ", html.unescape(said))
    # Dupont: 7 + 3 in March, since the second attempt at y and the failure do not count; 5 in February.
    assert "March 2026 Dupont & Fils – 2 10" in said
    assert "March 2026 Martin Ltd – 1 2" in said
    assert "February 2026 Dupont & Fils – 1 5" in said
    assert "4 events would have counted." in said
    assert "operation: note_id" in said
    assert (hot.rows("SELECT count(*) FROM usage"), hot.rows("SELECT count(*) FROM meter")) == before
    only_b = owner.post("/console/meters/make", form | {"where": "team", "values": "b"}).content.decode()
    assert "<strong>2 events</strong> would have counted" in only_b
    del form["preview"]
    owner.post("/console/meters/make", form)
    shop.meter()
    counted = hot.rows(
        "SELECT sum(u.quantity), sum(u.events) FROM usage u JOIN meter m ON m.id = u.meter_id WHERE m.code = 'notes'"
    )
    assert counted == [(17, 4)]
