"""Small cases of metering with a name each; the random ones are in test_meter.py."""

def test_an_earlier_success_of_another_slot_takes_the_place_of_a_later_one(house):
    house.catalogue()
    house.issuer()
    house.customer()
    house.capture(house.event("late", "2026-03-01T10:00:00Z", document_id="x", pages=1))
    house.meter()
    house.capture(house.event("early", "2026-03-01T08:00:00Z", document_id="x", pages=2))
    house.meter()
    assert house.fates("documents") == {"late": ("not_billable", "attempt"), "early": ("counted", None)}
    assert house.usage("documents", "2026-03-01T08:00Z", "2026-03-01T08:15Z") == 1
    assert house.usage("documents", "2026-03-01T10:00Z", "2026-03-01T10:15Z") == 0
    house.check()


def test_events_without_an_operation_key_are_never_taken_for_one_operation(house):
    house.catalogue()
    house.issuer()
    house.customer()
    house.capture(
        house.event("c", "2026-03-01T08:00:00Z", source="a b"),
        house.event("b c", "2026-03-01T08:00:00Z", source="a"),
    )
    house.meter()
    assert house.usage("documents", "2026-03-01", "2026-03-02") == 2
    house.check()
