"""Proof over archived months: what a file holds is proven as rows are, and an erased person is no change there."""

from dataclasses import replace
from datetime import date

import pytest
from tests.billing.archiving import february, killed, usages
from tests.billing.test_proof_file import check
from tests.billing.test_prove import UNIQUE, first, verified

from abaque.billing.archive import archive_months, months
from abaque.billing.erase_person import ErasePerson, erase, erase_person
from abaque.billing.permissions import SYSTEM
from abaque.billing.runner import Refused
from abaque.storage import archived
from abaque.storage.read.person import stored_of
from abaque.storage.read.proof import events_csv, proof

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)

pytestmark = pytest.mark.usefixtures("partition")


def away(house, kept):
    """February, archived."""
    february(house)
    put_away(house, kept)


def put_away(house, kept):
    found = months(MARCH, now=house.now)
    assert [(month.first, month.reasons) for month in found] == [(FEBRUARY, {})]
    list(archive_months(found, kept, now=house.now, by=SYSTEM))


def forget(house, kept, person="dupont"):
    return erase(ErasePerson(person, "asked for by letter"), kept, now=house.now, by=SYSTEM)


def forged(kept, change):
    """Another file in the place of February's, with all that names it: only sealed hours can tell."""
    (month,) = archived.months()
    file = kept.write(FEBRUARY, change(list(kept.read(month.file))), revision=month.revision)
    from abaque.storage import hot

    hot.run("UPDATE archived_month SET sha256 = %s, rows = %s", [file.sha256, file.rows])


def lines(customer="dupont"):
    """Number and position of each metered line that was invoiced for February."""
    from abaque.storage.models import InvoiceLine

    found = InvoiceLine.objects.exclude(meter="").filter(invoice__customer__external_id=customer)
    return list(found.order_by("pk").values_list("invoice__public_id", "position"))


def test_archiving_changes_nothing_that_is_proven(house, kept, tmp_path):
    february(house)
    before = verified(), [(proof(*line), events_csv(*line)) for line in lines()]
    assert before[0].differences == ()
    assert len(before[1]) == 1
    put_away(house, kept)
    assert (verified(), [(proof(*line), events_csv(*line)) for line in lines()]) == before
    for told, _ in before[1]:
        assert check(tmp_path, told)[0] == 0


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (
            lambda events: [
                replace(one, data=one.data.replace("2", "3")) if one.id == "d0" else one for one in events
            ],
            ("events", "documents", "2026-02-01T10", ["d0"]),
        ),
        (
            lambda events: [one for one in events if one.id != "d5"],
            ("events", "documents", "2026-02-14T10", ["d5"]),
        ),
        (
            lambda events: [
                replace(one, time_given=False) if one.id == "recorded" else one for one in events
            ],
            ("events", "", "2026-02-15T10", ["recorded"]),
        ),
        (
            lambda events: [one.left("abaque.erased") if one.id == "d5" else one for one in events],
            ("events", "documents", "2026-02-14T10", ["d5"]),
        ),
        (
            lambda events: [one.left("abaque.reduced") for one in events],
            ("events", "documents", "2026-02-01T10", ["d0", "d1", "d2"]),
        ),
        (lambda events: [*events, events[0]], ("events", "documents", "2026-02-01T10", [])),
        (
            lambda events: [replace(one, data="no JSON") for one in events],
            ("events", "documents", "2026-02-01T10", ["d0", "d1", "d2"]),
        ),
    ],
)
def test_verifying_names_the_first_hour_that_differs_in_a_forged_file(house, kept, change, difference):
    away(house, kept)
    forged(kept, change)
    kind, meter, hour, events = first()
    assert (kind, hour) == (difference[0], difference[2])
    assert meter in {difference[1], "pages"}
    assert set(difference[3]) <= set(events) | {"d0", "d1", "d2"}
    assert not difference[3] or set(events) & set(difference[3])


@pytest.mark.parametrize("harm", ["changed", "cut", "gone"])
def test_verifying_says_which_file_is_damaged_and_which_hours_that_leaves_open(house, kept, harm):
    away(house, kept)
    path = kept.folder / "2026-02.parquet"
    content = bytearray(path.read_bytes())
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:-9] if harm == "cut" else content[:200] + bytes(200) + content[400:])
    found = verified().differences
    assert found[0].kind == ("archive_missing" if harm == "gone" else "archive_changed")
    assert f"{found[0].hour:%Y-%m-%d}" == "2026-02-01"
    assert (found[1].kind, f"{found[1].hour:%Y-%m-%dT%H}") == ("events", "2026-02-01T10")
    assert not any(event.there for event in found[1].events)


def test_a_month_is_proven_in_parts_too(house, kept):
    from abaque.storage.read.chain import verify

    away(house, kept)
    whole = verify()
    parts = [
        verify(None, house.instant("2026-02-14")),
        verify(house.instant("2026-02-14"), house.instant("2026-03-01")),
        verify(house.instant("2026-03-01"), None),
    ]
    assert [one.differences for one in parts] == [(), (), ()]
    assert sum(one.events for one in parts) == whole.events
    assert all(one.events for one in parts)


def test_usage_is_recomputed_from_the_archive(house, kept):
    away(house, kept)
    house.check()
    house.run("UPDATE usage SET quantity = quantity + 1, events = events WHERE slot = '2026-02-28 10:00+00'")
    assert "usage is what the raw events give" in house.broken()


def test_an_erased_person_is_gone_from_the_archive_and_everything_still_verifies(house, kept, tmp_path):
    february(house)
    before = {line: proof(*line) for line in lines()}
    listed = {line: events_csv(*line) for line in lines()}
    put_away(house, kept)
    counted = usages(house)
    assert len(stored_of("dupont")["events"]) == 15
    done = forget(house, kept)
    assert done["events"] == 15
    assert stored_of("dupont")["events"] == []
    assert [path.name for path in kept.folder.iterdir()] == ["2026-02.1.parquet"]
    (month,) = archived.months()
    gone = {event.id: event for event in kept.read(month.file) if event.type == "abaque.erased"}
    assert {(event.subject, event.data, event.salt) for event in gone.values()} == {("", "{}", None)}
    assert len(gone) == 13
    assert b"dupont" not in (kept.folder / "2026-02.1.parquet").read_bytes()
    assert house.rows(
        "SELECT count(*) FROM intake WHERE id IN (SELECT seq >> 20 FROM erased) AND salt IS NOT NULL"
    ) == [(0,)]
    assert usages(house) == counted
    assert verified().differences == ()
    assert verified().erased > 13
    house.seal()
    house.check()
    for line, told in before.items():
        again = proof(*line)
        assert [node["count"] for node in again["nodes"]] == [node["count"] for node in told["nodes"]]
        assert {"text" in one for node in again["nodes"] for one in node["entries"]} == {False}
        assert check(tmp_path, again)[0] == 0
        ids = [row.split(",")[0] for row in events_csv(*line).splitlines()]
        assert ids == [row.split(",")[0] for row in listed[line].splitlines()]


def test_the_others_of_an_intake_stay_provable(house, kept):
    house.shop("dupont", "martin")
    house.capture(
        house.event("a", "2026-02-01T10:00:00Z", document_id="a", pages=1),
        house.event("b", "2026-02-01T10:05:00Z", document_id="b", pages=1, subject="martin"),
        house.event("c", "2026-03-02T10:00:00Z", document_id="c", pages=1, subject="martin"),
        house.event("d", "2026-03-02T10:00:00Z", document_id="d", pages=1),
    )
    house.meter()
    house.seal()
    house.close("2026-03-01")
    house.approve_all()
    house.issue_approved()
    put_away(house, kept)
    assert forget(house, kept)["events"] == 2
    assert house.rows("SELECT count(*) FROM event_salt") == [(1,)]
    assert house.rows("SELECT count(salt) FROM intake") == [(0,)]
    assert len(stored_of("martin")["events"]) == 2
    house.check()
    assert forget(house, kept, "martin")["events"] == 2
    assert [path.name for path in kept.folder.iterdir()] == ["2026-02.2.parquet"]
    house.check()


def test_members_of_an_erased_person_are_hashes_and_what_others_share_stays(house, kept):
    house.catalogue(UNIQUE)
    house.issuer()
    house.customer("dupont", aliases=("paul", "anne"))
    for number, (subject, reader) in enumerate(
        [("paul", "x@example.org"), ("anne", "x@example.org"), ("paul", "y@example.org")]
    ):
        house.capture(
            house.event(
                str(number), "2026-02-01T10:00:00Z", type="document.read", subject=subject, reader=reader
            )
        )
    house.meter()
    house.seal()
    put_away(house, kept)
    assert forget(house, kept, "paul")["events"] == 2
    values = {value for (value,) in house.rows("SELECT value FROM unique_value")}
    assert "x@example.org" in values
    assert len(values) == 2
    assert not any(value.startswith("y@") for value in values)
    house.check()


def test_a_file_without_its_action_is_not_put_in_force(house, kept):
    away(house, kept)
    with pytest.raises(Refused) as refused:
        house.perform(erase_person, ErasePerson("dupont", "asked for"))
    assert refused.value.code == "month_changed"
    house.check()


def test_an_archived_text_that_is_missing_without_an_action_is_found(house, kept):
    away(house, kept)
    forget(house, kept)
    house.run("UPDATE erased SET action = sha256('another')")
    assert first()[:3] == ("events", "documents", "2026-02-01T10")


def test_who_was_erased_before_is_archived_as_erased(house, kept):
    february(house)
    house.perform(erase_person, ErasePerson("dupont", "asked for by letter"))
    house.seal()
    put_away(house, kept)
    assert b"dupont" not in (kept.folder / "2026-02.parquet").read_bytes()
    assert verified().differences == ()
    house.check()


_KILLED = """
if when == "amid the file":
    os.fsync = die
elif when == "before its name":
    Path.replace = die
elif when == "before the action":
    erase_person.perform = die
elif when == "amid the action":
    erase_person._forget_customer = die
elif when == "after it":
    ParquetArchive.remove = die
erase_person.erase(erase_person.ErasePerson("dupont", "asked for"), kept, now=now, by=SYSTEM)
"""


@pytest.mark.parametrize(
    "when", ["amid the file", "before its name", "before the action", "amid the action", "after it"]
)
def test_killed_while_a_person_is_erased_the_old_file_or_the_new_one_holds(house, kept, when):
    away(house, kept)
    counted = usages(house)
    killed(house, kept, _KILLED, when)
    after = when == "after it"
    assert (stored_of("dupont")["events"] == []) == after
    assert house.rows("SELECT count(*) FROM erased") == [(15 if after else 0,)]
    assert verified().differences == ()
    # What is left of the old file is said, and goes with the next pass.
    assert house.broken() == ({"no file that was written anew still lies in the archive"} if after else set())
    forget(house, kept)
    assert stored_of("dupont")["events"] == []
    assert [path.name for path in kept.folder.iterdir() if path.suffix == ".parquet"] == ["2026-02.1.parquet"]
    assert usages(house) == counted
    house.check()
