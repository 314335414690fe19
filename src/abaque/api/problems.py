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
    "reserved_type": "Types beginning with `abaque.` are reserved. Of them you may send `abaque.void`"
    " and `abaque.amend`.",
    "bad_target": "A correction says in `data` what it corrects: `source` and `id` of the event, as they were sent.",
    "missing_reason": "A correction says why, in `data.reason`.",
    "bad_replacement": "`data.replacement` of an amendment (a void has none) is an object with one or more of `type`,"
    " `subject`, `time`, `subscription` and `data`, each as in an event. What it does not give stays as it was.",
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


# What the API itself refuses; the rules of the house say themselves in `abaque.documents.words`.
API_WORDS = {
    "forbidden": "This key may not do that.",
    "unknown_customer": "There is no such customer. Make one: PUT /v1/customers/{external_id}.",
    "unknown_hold": "There is no such hold.",
    "unknown_invoice": "There is no such invoice.",
    "unknown_issuer": "There is no such issuer. Make one: PUT /v1/issuers/{external_id}.",
    "unknown_meter": "There is no such meter. GET /v1/meters lists them.",
    "unknown_plan": "There is no such published plan or version. GET /v1/plans lists them.",
    "unknown_subscription": "There is no such subscription.",
}
