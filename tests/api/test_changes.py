"""New versions of meters and back-fills over the API: proposed or filled, looked at, then decided."""

from typing import Any

from .conftest import CATALOGUE

BATCH = "application/cloudevents-batch+json"
BACKFILL = {
    "name": "lost disk",
    "starts_at": "2026-02-01T00:00:00Z",
    "ends_at": "2026-03-01T00:00:00Z",
    "reason": "a disk was lost",
}


def meter(product: Any) -> None:
    product.send()


def test_a_version_is_proposed_previewed_and_adopted(shop: Any, product: Any) -> None:
    product.february()
    changed = CATALOGUE.replace("    aggregate: max\n", "    aggregate: sum\n")
    (made,) = shop.made("POST", "/meter-versions", {"catalogue": changed})["versions"]
    assert (made["code"], made["version"], made["standing"]) == ("largest", 2, "candidate")
    assert shop("POST", f"/meter-versions/{made['id']}/adopt").body["code"] == "still_filling"
    assert shop.made("GET", f"/meter-versions/{made['id']}/preview")["filling"] is True
    meter(product)
    told = shop.made("GET", f"/meter-versions/{made['id']}/preview")
    (effect,) = told["effects"]
    assert (effect["meter"], effect["before"], effect["after"]) == ("largest", "30", "54.5")
    assert told["sums"] == [{"open": effect["open"], "issued": {"amount": 0, "currency": "EUR"}}]
    assert effect["open"] == {"amount": 25, "currency": "EUR"}, "54.5 and 30 at 0.01"
    assert shop.made("POST", f"/meter-versions/{made['id']}/adopt")["standing"] == "standing"
    versions = shop.made("GET", "/meter-versions?meter=largest")["items"]
    assert [(one["version"], one["standing"]) for one in versions] == [(2, "standing"), (1, "retired")]
    assert shop("POST", f"/meter-versions/{made['id']}/discard").status == 404


def test_a_back_fill_is_opened_filled_previewed_closed_and_reverted(shop: Any, product: Any) -> None:
    product.february()
    one = shop.made("POST", "/backfills", BACKFILL)
    assert (one["state"], one["events"]) == ("open", 0)
    event = product("lost", "2026-02-20T10:00:00Z", document_id="lost", pages=40)
    address = f"/backfills/{one['id']}"
    sent = shop("POST", f"{address}/events?verdicts=all", [event], content_type=BATCH)
    assert sent.status == 200, sent.body
    assert [told["verdict"] for told in sent.body["events"]] == ["accepted"]
    effects = {told["meter"]: told for told in shop.made("GET", f"{address}/preview")["effects"]}
    assert (effects["largest"]["before"], effects["largest"]["after"]) == ("30", "40")
    assert (effects["pages"]["before"], effects["pages"]["after"]) == ("54.5", "94.5")
    assert shop.made("GET", "/backfills")["items"][0]["waiting"] == 1
    assert shop.made("POST", f"{address}/close")["state"] == "closed"
    assert shop("POST", f"{address}/events", [event], content_type=BATCH).status == 409
    meter(product)
    assert shop.made("POST", f"{address}/revert", {"reason": "found again"})["state"] == "reverting"
    meter(product)
    assert shop.made("GET", "/backfills")["items"][0]["state"] == "reverted"
    assert shop("POST", "/backfills/bf_none/close").status == 404


def test_a_body_that_holds_no_events_is_refused_whole(shop: Any) -> None:
    one = shop.made("POST", "/backfills", BACKFILL)["id"]
    assert shop("POST", f"/backfills/{one}/events", raw="not events", content_type=BATCH).status == 400
    refused = shop("POST", f"/backfills/{one}/events", [], content_type="text/plain")
    assert refused.body["code"] == "unknown_content_type"
