"""problem+json (RFC 9457): every error of the API has a stable code, a sentence and, where it helps, a pointer."""

from typing import Any

# What became of an event, and what to do about it.
EVENT_WORDS = {
    "not_an_object": "An event is a JSON object.",
    "malformed_json": "This line is not JSON. Mend it and send it again; the others stand.",
    "event_too_large": "An event may have 256 KiB at most. Send a reference instead of the content.",
    "missing_id": "Give the event an id that stays the same when you send it again.",
    "bad_id": "`id` is a non-empty string.",
    "id_too_long": "`id` may have 255 bytes at most.",
    "missing_source": 'Give `source`: what sends the event, e.g. "/checkout/eu-1".',
    "bad_source": "`source` is a non-empty string.",
    "source_too_long": "`source` may have 255 bytes at most.",
    "source_not_allowed": "This key may not write for that `source`. Ask for a key that may.",
    "missing_type": 'Give `type`: what happened, e.g. "document.processed".',
    "bad_type": "`type` is a non-empty string of at most 255 bytes.",
    "reserved_type": "Types beginning with `abaque.` are reserved. Corrections cannot be sent yet; contact support.",
    "missing_subject": "Give `subject`: the customer the event is about.",
    "bad_subject": "`subject` is a non-empty string of at most 255 bytes.",
    "bad_specversion": '`specversion` is "1.0".',
    "bad_subscription": "`subscription` is a string.",
    "binary_data": "`data_base64` cannot be metered. Send `data` as a JSON object.",
    "data_not_an_object": "`data` is a JSON object.",
    "bad_time": '`time` is RFC 3339 with an offset, in the years 2000 to 2099, e.g. "2026-01-31T23:59:00Z".',
    "duplicate_key": "A JSON object names a key twice. Which one counts would be a guess.",
    "number_too_long": "A number may have 40 digits at most, written out.",
    "bad_character": "A string holds a NUL or half of a surrogate pair, which cannot be stored.",
    "too_deep": "The event is nested too deeply.",
    "conflict": "An event with this source and id is stored with other content. The first one stands;"
    " this one is kept for inspection and never counted. Use a new id for a new event.",
    "recorded": "Stored, but no meter counts this type yet, so it is not billed."
    " Make a meter from it: POST /v1/meters, or the button in the console under Events.",
    "unknown_customer": "Stored and kept aside: no customer has this subject."
    " It is counted by itself as soon as one has.",
    "future": "Stored and kept aside: `time` is more than an hour ahead."
    " It is counted by itself once that time has come.",
    "missing_value": "Stored and kept aside: a meter needs a value this event does not have.",
    "bad_value": "Stored and kept aside: the value a meter needs is neither a JSON number nor a decimal string"
    " of at most 18 integer and 12 fractional digits.",
}


def problem(
    status: int, code: str, detail: str, *, pointer: str | None = None, **more: Any
) -> dict[str, Any]:
    """Return the body of an error answer."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": code.replace("_", " "),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if pointer is not None:
        body["pointer"] = pointer
    return body | more


# What the API itself refuses, beside the rules of the house, which say themselves in `abaque.documents.words`.
API_WORDS = {
    "already_ended": "The subscription has ended already. Make a new one.",
    "alias_taken": "This subject already belongs to another customer: its events cannot be two customers'.",
    "already_open": "There is one already.",
    "bad_cursor": "This cursor is none of this list. Begin without one.",
    "bad_limit": "A page has 1 to 500 rows.",
    "bad_link_hours": "A link is good for 1 to 744 hours (31 days).",
    "bad_state": "`state` is draft, issued or closed.",
    "billed_beyond": "What lies after that moment is billed already. End it later.",
    "close_in_future": "A period can be closed when it is over, not before.",
    "close_running": "Another close is running. Wait for it and ask again; nothing was changed.",
    "currency_differs": "The plan's currency is not the customer's. Choose a plan in the customer's currency.",
    "currency_in_use": "The customer has invoices in its currency, which can no longer change."
    " Make another customer for the other currency.",
    "cursor_needs_line": "Name the `line` whose events the cursor continues.",
    "draft_changed": "The draft is no longer the one that was seen. Read it again, then approve what it says now.",
    "empty_span": "A span ends after it starts.",
    "ends_before_start": "A subscription ends after it starts.",
    "forbidden": "This key may not do that.",
    "issuer_needed": "Say which `issuer` invoices this customer, by its external id. There must be one first:"
    " PUT /v1/issuers/{external_id}.",
    "key_reused": "This Idempotency-Key was used before with other input. Use a new key for a new request.",
    "not_a_draft": "This invoice is no longer a draft.",
    "not_a_quarter_hour": "Usage is kept per quarter hour: begin and end at :00, :15, :30 or :45 UTC.",
    "not_approved": "Approve the draft first: POST /v1/invoices/{id}/approve with its digest.",
    "span_reversed": "A span ends after it starts.",
    "too_many_windows": "That is more than 2,000 windows. Ask for a shorter span or a longer window.",
    "unknown_currency": 'Not a currency of ISO 4217 in capitals, e.g. "EUR".',
    "unknown_customer": "There is no such customer. Make one: PUT /v1/customers/{external_id}.",
    "unknown_hold": "There is no such hold.",
    "unknown_invoice": "There is no such invoice.",
    "unknown_issuer": "There is no such issuer. Make one: PUT /v1/issuers/{external_id}.",
    "unknown_line": "The invoice has no such line.",
    "unknown_meter": "There is no such meter. GET /v1/meters lists them.",
    "unknown_plan": "There is no such published plan or version. GET /v1/plans lists them.",
    "unknown_subscription": "There is no such subscription.",
    "unknown_zone": 'Not a time zone of IANA, e.g. "Europe/Paris".',
}
