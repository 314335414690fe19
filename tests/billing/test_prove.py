"""Proof: what was sealed cannot be changed unnoticed, and an erased person is no change."""

from typing import Any

import pytest

from abaque.billing.runner import Refused

UNIQUE = """
meters:
  readers:
    name: {en: Readers, fr: Lecteurs}
    unit: {en: reader, fr: lecteur}
    event: document.read
    aggregate: unique
    value: reader
    group_by: [room]
"""


def verified() -> Any:
    from abaque.storage.read.chain import verify

    return verify()


def first() -> tuple[Any, ...]:
    """The first difference: its kind, its meter, its hour, and the ids of the events that differ."""
    one = verified().differences[0]
    return one.kind, one.meter, one.hour.isoformat()[:13], [event.id for event in one.events]


def sealed(house: Any) -> None:
    """Two customers with documents, one event that fails, one that nobody knows, and events no meter counts."""
    house.shop("dupont", "martin")
    house.capture(
        house.event("a", "2026-03-01T10:00:00Z", document_id="a", pages=3),
        house.event("b", "2026-03-01T10:05:00Z", document_id="b", pages=4),
        house.event("c", "2026-03-01T10:20:00Z", document_id="c", pages=5, subject="martin"),
        house.event("d", "2026-03-01T11:00:00Z", document_id="d", pages="many"),
        house.event("e", "2026-03-01T12:00:00Z", pages=1, subject="nobody"),
        house.event("f", "2026-03-01T10:00:00Z", type="page.viewed", page="/"),
        house.event("g", "2026-03-01T10:00:00Z", type="page.viewed", page="/prices"),
    )
    house.meter()
    house.seal()
    house.check()


def erase(house: Any, person: str = "dupont") -> dict[str, Any]:
    from abaque.billing.erase_person import ErasePerson, erase_person

    return dict(house.perform(erase_person, ErasePerson(person, "asked for by letter")))


def test_every_event_is_in_a_node_whether_it_counts_or_not(house):
    sealed(house)
    found = verified()
    # Five documents for each of two meters, two events for none.
    assert (found.events, found.erased, found.differences) == (12, 0, ())
    by_meter = house.rows(
        "SELECT meter, sum(count), sum(quantity)::int, sum(cardinality(seqs)) FROM node"
        " JOIN (SELECT id, code AS meter FROM meter UNION ALL SELECT 0, '') m ON m.id = meter_id GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(map(str, row)) for row in by_meter] == [
        ("", "2", "0", "2"),
        ("documents", "4", "4", "5"),
        ("pages", "3", "12", "5"),
    ]


@pytest.mark.parametrize(
    ("tampering", "difference"),
    [
        (
            """UPDATE event SET data = '{"document_id": "b", "pages": 5}' WHERE id = 'b'""",
            ("events", "documents", "2026-03-01T10", ["b"]),
        ),
        (
            "UPDATE event SET subject = 'martin' WHERE id = 'a'",
            ("events", "documents", "2026-03-01T10", ["a"]),
        ),
        (
            "UPDATE event SET time = time + interval '1 second' WHERE id = 'd'",
            ("events", "documents", "2026-03-01T11", ["d"]),
        ),
        ("DELETE FROM event WHERE id = 'c'", ("events", "documents", "2026-03-01T10", ["c"])),
        ("DELETE FROM event WHERE id = 'e'", ("events", "documents", "2026-03-01T12", ["e"])),
        (
            """UPDATE event SET data = '{"page": "/priceS"}' WHERE id = 'g'""",
            ("events", "", "2026-03-01T10", ["g"]),
        ),
        ("DELETE FROM event WHERE id = 'f'", ("events", "", "2026-03-01T10", ["f"])),
        ("UPDATE event SET type = 'abaque.erased' WHERE id = 'f'", ("events", "", "2026-03-01T10", ["f"])),
        ("UPDATE node SET quantities[1] = 2", ("events", "documents", "2026-03-01T10", [])),
        ("DELETE FROM node WHERE slot = '2026-03-01T10:15Z'", ("nodes", "documents", "2026-03-01T10", [])),
        ("UPDATE hour SET quantity = 1 WHERE quantity = 3", ("chain", "documents", "2026-03-01T10", [])),
        (
            "DELETE FROM hour WHERE id = (SELECT min(id) FROM hour)",
            ("chain", "documents", "2026-03-01T11", []),
        ),
        ("DELETE FROM hour WHERE id = (SELECT max(id) FROM hour)", ("stray", "", "2026-03-01T10", [])),
    ],
)
def test_verifying_names_the_first_hour_that_differs_and_the_event(house, tampering, difference):
    sealed(house)
    assert house.run(tampering) > 0
    assert first() == difference


def test_a_head_that_was_printed_shows_a_chain_that_was_made_anew(house):
    from abaque.storage.read.chain import head, knows

    sealed(house)
    printed = head()
    assert knows(printed.hash)
    house.run("DELETE FROM hour WHERE id = (SELECT max(id) FROM hour)")
    house.run("DELETE FROM node WHERE meter_id = 0")
    assert verified().differences == (), "nothing inside can tell"
    assert not knows(printed.hash)
    assert not knows("no hash")


def test_what_is_sealed_again_is_only_what_changed(house):
    sealed(house)
    assert house.seal() == {"documents": 0, "pages": 0}
    assert house.rows("SELECT count(*) FROM touched") == [(0,)]
    house.capture(house.event("late", "2026-03-01T10:06:00Z", document_id="late", pages=8))
    house.meter()
    assert house.seal() == {"documents": 1, "pages": 1}
    late = house.rows(
        "SELECT revision, slot, quantity::int, cardinality(seqs) FROM node n JOIN meter m ON m.id = n.meter_id"
        " WHERE code = 'pages' AND revision > 0"
    )
    assert late == [(1, house.instant("2026-03-01T10:00:00+00:00"), 8, 1)]
    assert verified().differences == ()


def test_what_was_voided_after_sealing_is_taken_off_in_a_supplement(house):
    sealed(house)
    void = house.event("v", "2026-03-05T09:00:00Z", type="abaque.void")
    void["data"] = {"source": "/test", "id": "a", "reason": "sent in error"}
    house.capture(void)
    house.meter()
    house.seal()
    supplement = house.rows(
        "SELECT code, n.count, n.quantity::int, counts FROM node n JOIN meter m ON m.id = n.meter_id"
        " WHERE revision = 1 ORDER BY 1"
    )
    assert supplement == [("documents", -1, -1, [-1]), ("pages", -1, -3, [-1])]
    assert verified().differences == ()
    house.check()


def test_a_customer_who_is_known_later_has_the_event_in_a_supplement(house):
    sealed(house)
    house.customer("nobody")
    house.meter()
    house.seal()
    assert house.rows("SELECT customer_id > 0, quantity::int FROM node JOIN meter m ON m.id = meter_id"
                      " WHERE code = 'pages' AND revision = 1") == [(True, 1)]  # fmt: skip
    assert verified().differences == ()
    house.check()


def test_a_new_meter_seals_what_came_before_it(house):
    sealed(house)
    house.catalogue(UNIQUE.replace("document.read", "page.viewed").replace("reader\n", "page\n"))
    house.meter()
    house.seal()
    assert house.rows(
        "SELECT sum(count)::int FROM node n JOIN meter m ON m.id = n.meter_id AND code = 'readers'"
    ) == [(2,)]
    assert verified().differences == ()
    house.check()


def test_an_erased_person_is_gone_and_everything_still_verifies(house):
    sealed(house)
    before = house.usage("pages", "2026-03-01", "2026-03-02"), house.fates("pages")
    assert erase(house)["events"] == 5
    assert house.rows(
        "SELECT count(*) FROM event WHERE subject = 'dupont' OR data <> '{}' AND id <> 'c' AND id <> 'e'"
    ) == [(0,)]
    found = verified()
    assert (found.events, found.erased, found.differences) == (12, 8, ())
    assert (house.usage("pages", "2026-03-01", "2026-03-02"), house.fates("pages")) == before
    house.check()
    house.seal()
    assert house.seal() == {"documents": 0, "pages": 0}
    house.check()
    # The salt from which the others' could be made is gone, and theirs are kept.
    assert house.rows("SELECT count(*) FROM intake WHERE salt IS NOT NULL") == [(0,)]
    assert house.rows("SELECT count(*) FROM event_salt") == [(2,)]
    assert house.run("UPDATE event SET data = '{}' WHERE id = 'c'") == 1
    assert first()[3] == ["c"]


def test_erasing_before_sealing_changes_nothing_of_it(house):
    house.shop()
    house.documents(3, "2026-03-01", pages=2)
    erase(house)
    assert house.seal() == {"documents": 1, "pages": 1}
    found = verified()
    assert (found.events, found.erased, found.differences) == (6, 6, ())
    assert [int(row[0]) for row in house.rows("SELECT quantity FROM hour ORDER BY id")] == [3, 6]
    house.check()


def test_a_repeat_of_an_erased_event_is_a_duplicate(house):
    sealed(house)
    event = house.event("a", "2026-03-01T10:00:00Z", document_id="a", pages=3)
    erase(house)
    taken = house.capture(event)
    assert (taken.accepted, taken.count("duplicate")) == (0, 1)


def test_values_and_groups_of_an_erased_person_are_hashes_and_still_distinct(house):
    house.shop("dupont")
    house.customer("dupont", aliases=("ann", "bob"))
    house.catalogue(UNIQUE)
    house.capture(
        *(
            house.event(
                f"r{n}", f"2026-03-01T{hour}:00:00Z", type="document.read", reader=reader, room="x", subject=who
            )
            for n, (hour, who, reader) in enumerate(
                ((10, "ann", "ann"), (10, "bob", "bob"), (11, "ann", "ann"), (11, "bob", "lent to ann"),
                 (11, "ann", "lent to ann"))
            )
        )
    )  # fmt: skip
    house.meter()
    house.seal()
    assert house.usage("readers", "2026-03-01", "2026-03-02") == 3
    erase(house, "ann")
    values = [row[0] for row in house.rows("SELECT value FROM unique_value ORDER BY value")]
    assert values[:2] == ["bob", "lent to ann"]
    assert len({*values[2:]}) == 1
    assert values[2].startswith("xp_")
    assert house.usage("readers", "2026-03-01", "2026-03-02") == 3
    assert verified().differences == ()
    house.check()


def test_a_void_of_an_erased_event_still_takes_it_out_of_usage(house):
    sealed(house)
    erase(house)
    void = house.event("v", "2026-03-05T09:00:00Z", type="abaque.void")
    void["data"] = {"source": "/test", "id": "a", "reason": "sent in error"}
    house.capture(void)
    house.meter()
    assert house.usage("pages", "2026-03-01", "2026-03-02") == 4
    assert house.usage("documents", "2026-03-01", "2026-03-02") == 2
    house.check()
    house.seal()
    assert verified().differences == ()
    house.check()


def test_a_text_that_is_missing_without_an_action_is_found(house):
    sealed(house)
    erase(house)
    assert verified().differences == ()
    house.run("ALTER TABLE action DISABLE TRIGGER USER")
    house.run("DELETE FROM action WHERE verb = 'erase_person'")
    house.run("ALTER TABLE action ENABLE TRIGGER USER")
    assert first()[:3] == ("events", "documents", "2026-03-01T10")


def test_what_was_kept_of_an_erased_event_cannot_be_changed_unnoticed(house):
    sealed(house)
    erase(house)
    house.run("UPDATE erased_share SET quantity = quantity + 1 WHERE quantity > 1")
    assert house.broken() == {"usage is what the raw events give"}


def test_erasing_asks_for_a_reason_and_a_person_whose_events_are_metered(house):
    from abaque.billing.erase_person import ErasePerson, erase_person

    sealed(house)
    for command, code in (
        (ErasePerson("dupont", " "), "missing_reason"),
        (ErasePerson("stranger", "asked"), "unknown_person"),
    ):
        with pytest.raises(Refused) as refused:
            house.perform(erase_person, command)
        assert refused.value.code == code
    house.capture(house.event("waiting", "2026-03-01T10:00:00Z", pages=3))
    with pytest.raises(Refused) as refused:
        erase(house)
    assert refused.value.code == "not_metered"


def test_the_application_s_role_cannot_erase(house):
    import os

    from django.db import connection

    sealed(house)
    house.run(f'SET ROLE "{os.environ["ABAQUE_TEST_APPLICATION"]}"')
    try:
        with pytest.raises(Refused) as refused:
            erase(house)
    finally:
        connection.close()
    assert refused.value.code == "owner_role_needed"


def test_what_is_stored_of_a_person_can_be_exported(house):
    from abaque.storage.read.person import stored_of

    sealed(house)
    found = stored_of("dupont")
    assert found["customer"]["legal_name"] == "Dupont & Fils"
    assert sorted(event["id"] for event in found["events"]) == ["a", "b", "d", "f", "g"]
    assert stored_of("stranger") is None
    erase(house)
    assert stored_of("dupont")["events"] == []
