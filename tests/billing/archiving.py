"""A month to archive, and all that is said of it before and after."""

from abaque.storage.read.events import one_event
from abaque.storage.read.explain import explain


def february(house):
    """A month of documents, some failed, one voided, one amended; sealed, invoiced, and March begun."""
    house.shop("dupont", "martin")
    for day in ("2026-02-01", "2026-02-14", "2026-02-28"):
        house.documents(3, day, pages=2)
        house.documents(2, day, subject="martin", pages="0.5")
    house.capture(
        house.event("again", "2026-02-14T12:00:00Z", document_id="d0", pages=9),
        house.event("void", "2026-02-15T10:00:00Z", type="abaque.void", source="/test") | {
            "data": {"source": "/test", "id": "d1", "reason": "sent in error"}
        },
        house.event("amend", "2026-02-15T10:00:00Z", type="abaque.amend") | {
            "data": {
                "source": "/test", "id": "d2", "reason": "pages missing",
                "replacement": {"data": {"document_id": "d2", "pages": 7}},
            }
        },
        house.event("recorded", "2026-02-15T10:00:00Z", type="nobody.counts"),
    )  # fmt: skip
    house.documents(1, "2026-03-02", pages=1)
    house.meter()
    house.seal()
    house.close("2026-03-01")
    house.approve_all()
    house.issue_approved()
    house.check()


def said(house):
    """All that is said of February: its invoices down to the events, the events one by one, their fates."""
    from abaque.storage.models import Invoice

    invoices = [
        explain(public, events=True, limit=500)
        for public in Invoice.objects.order_by("pk").values_list("public_id", flat=True)
    ]
    identities = house.rows("SELECT source, id FROM identity ORDER BY source, id")
    return invoices, [one_event(*identity) for identity in identities]


def usages(house):
    return house.rows("SELECT * FROM usage ORDER BY 1, 2, 3, 4")
