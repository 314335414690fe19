"""Archive: sealed months leave the hot tables, and everything that is said of them stays as it was."""

from datetime import date

import pytest
from tests.billing.archiving import february, killed, said, usages
from tests.billing.conftest import CATALOGUE
from tests.billing.test_backfills import begin, close, fill, revert
from tests.billing.test_versions import adopt, propose

from abaque.billing.archive import archive_months, months
from abaque.billing.correct_event import CorrectEvents, correct_events
from abaque.billing.permissions import SYSTEM, Actor, Kind
from abaque.billing.runner import Forbidden, Refused
from abaque.connectors.parquet import ParquetArchive
from abaque.core.fault import Fault
from abaque.ports.event_archive import ArchiveError
from abaque.storage import archived
from abaque.storage.read.event_counts import event_counts
from abaque.storage.read.events import archived_until, one_event
from abaque.storage.read.explain import explain
from abaque.storage.read.quarantine import Which, archived_count, open_count, quarantine
from abaque.storage.read.search import search
from abaque.storage.read.why import why

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)


def archive(house, kept, before=MARCH, **more):
    found = months(before, now=house.now, **more)
    return {month.first: done for month, done in archive_months(found, kept, now=house.now, by=SYSTEM)}


@pytest.mark.usefixtures("partition")
def test_what_is_said_of_an_archived_month_is_what_was_said_before(house, kept):
    february(house)
    before, counted = said(house), usages(house)
    assert sum(len(line.events or ()) for invoice in before[0] for line in invoice.lines) == 14
    in_february = house.rows("SELECT count(*) FROM event WHERE time < '2026-03-01'")[0][0]
    done = archive(house, kept)
    assert done[FEBRUARY]["events"] == in_february == 20
    assert house.rows("SELECT count(*) FROM event WHERE time < '2026-03-01'") == [(0,)]
    assert house.rows("SELECT to_regclass('event_2026_02')") == [(None,)]
    assert usages(house) == counted
    assert said(house) == before
    house.seal()
    house.check()


def test_rows_of_the_default_partition_go_as_well(house, kept):
    february(house)
    before = said(house)
    house.rows("SELECT abaque_make_partitions('2026-02-01', 1)")
    assert house.rows("SELECT to_regclass('event_2026_02')") == [(None,)]
    archive(house, kept)
    assert house.rows("SELECT min(time) FROM event")[0][0] >= house.instant("2026-03-01")
    assert said(house) == before
    house.check()


@pytest.mark.usefixtures("partition")
def test_pages_of_an_archived_line_are_the_pages_it_had(house, kept):
    february(house)

    def pages():
        from abaque.storage.models import Invoice

        invoice = Invoice.objects.filter(customer__external_id="dupont").latest("pk")
        line = invoice.lines.get(meter="documents").position
        found, cursor = [], None
        while True:
            one = explain(invoice.public_id, line=line, events=True, limit=2, cursor=cursor).lines[0]
            found.append([event.id for event in one.events])
            cursor = one.cursor
            if cursor is None:
                return found

    before = pages()
    assert sum(map(len, before)) == 8
    archive(house, kept)
    assert pages() == before


@pytest.mark.usefixtures("partition")
def test_the_file_holds_every_column_the_salt_and_the_leaf(house, kept):
    february(house)
    columns = (
        "seq, source, event.id, type, subject, time, time_given, event.received_at, amends, subscription"
    )
    stored = house.rows(
        f"SELECT {columns}, extensions::text, data::text, sha256(uuid_send(i.salt) || int8send(seq)),"
        " sha256(sha256(uuid_send(i.salt) || int8send(seq)) || convert_to(abaque_text(event), 'UTF8'))"
        " FROM event JOIN intake i ON i.id = seq >> 20 WHERE time < '2026-03-01' ORDER BY seq"
    )
    archive(house, kept)
    (month,) = archived.months()
    from dataclasses import astuple

    assert [astuple(event) for event in sorted(kept.read(month.file), key=lambda event: event.seq)] == stored


def test_only_what_is_sure_and_invoiced_goes(house, kept):
    house.shop()
    house.documents(1, "2026-02-03", pages=1)
    house.capture(house.event("1", "2026-02-04T10:00:00Z", subject="nobody"))
    house.meter()

    def against(**more):
        return months(MARCH, now=house.now, **more)[0].reasons

    assert against() == {"quarantined": 1, "unsealed": 4, "unissued": 1}
    assert archive(house, kept) == {}
    house.seal()
    assert against() == {"quarantined": 1, "unissued": 1}
    house.run("UPDATE meter SET level = 'verified'")
    assert against(aside=frozenset({"quarantined", "unissued"})) == {"unverified": 4}
    house.run("UPDATE meter SET level = 'consistent'")
    house.run("UPDATE hour SET consistent_at = NULL")
    assert against(aside=frozenset({"quarantined", "unissued"})) == {"inconsistent": 4}
    house.seal()
    house.close("2026-03-01")
    assert against() == {"quarantined": 1, "unissued": 1, "drafts": 1}
    house.approve_all()
    house.issue_approved()
    assert against() == {"quarantined": 1}
    house.capture(house.event("2", "2026-02-20T10:00:00Z", pages=1))
    assert against() == {"quarantined": 1, "to_meter": 1}
    assert archive(house, kept, aside=frozenset({"quarantined"})) == {}
    house.meter()
    assert against() == {"quarantined": 1, "unsealed": 3}
    assert FEBRUARY in archive_after_all(house, kept)
    house.check()


def archive_after_all(house, kept):
    house.seal()
    return archive(house, kept, aside=frozenset({"quarantined", "unissued"}))


def test_a_month_that_still_takes_late_events_stays(house):
    february(house)
    house.now = house.instant("2026-03-01T12:00:00")
    assert months(MARCH, now=house.now)[0].reasons["lateness"] == 2


@pytest.mark.usefixtures("partition")
def test_months_go_in_their_order(house, kept):
    february(house)
    house.capture(house.event("old", "2026-01-05T10:00:00Z", pages=1))
    house.meter()
    assert [(month.first.month, set(month.reasons)) for month in months(MARCH, now=house.now)] == [
        (1, {"unsealed"}),
        (2, {"earlier"}),
    ]
    assert archive(house, kept) == {}
    house.seal()
    assert [first.month for first in archive(house, kept)] == [1, 2]
    house.check()


@pytest.mark.parametrize(("sealed", "code"), [(False, "month_unsettled"), (True, "month_changed")])
def test_an_event_that_comes_while_the_file_is_written_keeps_the_month_where_it_is(house, kept, sealed, code):
    february(house)

    class Meanwhile(ParquetArchive):
        sealed = False

        def read(self, file, **more):
            house.capture(house.event("meanwhile", "2026-02-20T10:00:00Z"))
            house.meter()
            if self.sealed:
                house.seal()
            return super().read(file, **more)

    Meanwhile.sealed = sealed
    with pytest.raises(Refused) as refused:
        archive(house, Meanwhile(kept.folder))
    assert refused.value.code == code
    assert archived.months() == []
    house.check()


def test_only_the_owner_archives(house, kept):
    february(house)
    finance = Actor(Kind.STAFF, "lea", frozenset({"finance"}))
    found = months(MARCH, now=house.now)
    with pytest.raises(Forbidden):
        list(archive_months(found, kept, now=house.now, by=finance))
    assert archived.months() == []


def test_two_do_not_archive_at_once(house, kept, in_threads):
    february(house)
    found = months(MARCH, now=house.now)
    first = archive_months(found, kept, now=house.now, by=SYSTEM)
    next(first)
    (refused,) = in_threads(lambda: list(archive_months(found, kept, now=house.now, by=SYSTEM)))
    assert isinstance(refused, Refused)
    assert refused.code == "archive_running"
    first.close()


@pytest.mark.parametrize("harm", ["changed", "gone"])
@pytest.mark.usefixtures("partition")
def test_a_file_that_is_not_what_was_written_is_found(house, kept, harm):
    february(house)
    archive(house, kept)
    path = kept.folder / "2026-02.parquet"
    content = bytearray(path.read_bytes())
    if harm == "gone":
        path.unlink()
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    assert house.broken() >= {"sealed events are as they were sealed, and the chain of hours is unbroken"}
    with pytest.raises(ArchiveError):
        one_event("/test", "d0")


@pytest.mark.usefixtures("partition")
def test_an_identity_that_lost_its_archived_event_is_found(house, kept):
    february(house)
    archive(house, kept)
    house.run("DELETE FROM identity WHERE id = 'd0'")
    assert "an archived month has as many events as have left the hot tables" in house.broken()


@pytest.mark.usefixtures("partition")
def test_sent_again_an_archived_event_is_a_duplicate(house, kept):
    february(house)
    archive(house, kept)
    sent = house.capture(house.event("recorded", "2026-02-15T10:00:00Z", type="nobody.counts"))
    assert [one.verdict for one in sent.verdicts if one] in ([], ["duplicate"])
    assert house.rows("SELECT count(*) FROM event WHERE id = 'recorded'") == [(0,)]
    house.check()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("void", {"id": "d3"}),
        ("amend", {"id": "d3", "replacement": {"data": {"document_id": "d3", "pages": 1}}}),
        ("void", {"id": "amend"}),  # of an amendment of that month
        ("amend", {"id": "d15", "replacement": {"time": "2026-02-20T10:00:00Z"}}),  # moved into it from March
    ],
)
@pytest.mark.usefixtures("partition")
def test_a_correction_of_an_archived_month_is_too_late_and_seen(house, kept, kind, data):
    february(house)
    archive(house, kept)
    counted = usages(house)
    house.capture(
        house.event("late", "2026-03-09T10:00:00Z", type=f"abaque.{kind}")
        | {"data": {"source": "/test", "reason": "found later", **data}}
    )
    house.meter()
    assert usages(house) == counted
    assert [(one.fate, one.reason) for one in one_event("/test", "late").fates] == [
        ("quarantined", "too_late")
    ]
    house.check()


@pytest.mark.usefixtures("partition")
def test_a_correction_of_a_later_month_takes_effect_beside_an_archived_one(house, kept):
    february(house)
    archive(house, kept)
    house.capture(
        house.event("fine", "2026-03-09T10:00:00Z", type="abaque.void")
        | {"data": {"source": "/test", "id": "d15", "reason": "sent in error"}}
    )
    house.meter()
    assert one_event("/test", "d15").fate == "voided"
    house.check()


LATER = """
meters:
  later:
    name: {en: Later, fr: Plus tard}
    unit: {en: document, fr: document}
    event: document.processed
    aggregate: count
"""


@pytest.mark.usefixtures("partition")
def test_a_meter_made_later_says_nothing_of_an_archived_month(house, kept):
    february(house)
    archive(house, kept)
    house.catalogue(LATER)
    house.meter()
    assert {one.meter for one in one_event("/test", "d0").fates} == {"documents", "pages"}
    house.seal()
    house.check()


TWICE = CATALOGUE.replace("    value: pages\n", "    value: pages\n    where: {kind: large}\n")


@pytest.mark.usefixtures("partition")
def test_a_meter_changed_later_takes_over_what_was_counted_of_an_archived_month(house, kept):
    february(house)
    archive(house, kept)
    before = said(house)
    used = house.usage("pages", "2026-02-01", "2026-03-01")
    version = propose(house, TWICE)
    house.meter()
    assert months(date(2026, 4, 1), now=house.instant("2026-04-10"))[0].reasons["candidates"] == 1
    adopt(house, version)
    house.seal()
    assert house.usage("pages", "2026-02-01", "2026-03-01") == used > 0
    assert house.usage("pages", "2026-03-01", "2026-04-01") == 0
    assert [one.lines for one in said(house)[0]] == [one.lines for one in before[0]]
    assert {(one.meter, one.fate) for one in one_event("/test", "d0").fates} == {
        ("documents", "counted"),
        ("pages", "counted"),
    }
    house.check()


@pytest.mark.usefixtures("partition")
def test_a_meter_that_would_count_archived_months_in_another_shape_is_refused(house, kept):
    february(house)
    archive(house, kept)
    with pytest.raises(Refused) as refused:
        propose(house, CATALOGUE.replace("    aggregate: sum\n", "    aggregate: max\n"))
    assert refused.value.code == "meter_archived"


@pytest.mark.usefixtures("partition")
def test_what_was_quarantined_when_it_was_archived_is_said_to_be_there(house, kept):
    february(house)
    house.capture(house.event("who", "2026-02-04T10:00:00Z", subject="nobody", pages=1))
    house.meter()
    house.seal()
    assert open_count() == 1
    assert archive(house, kept) == {}
    assert FEBRUARY in archive(house, kept, aside=frozenset({"quarantined"}))
    assert (open_count(), archived_count(), quarantine().causes) == (0, 1, ())
    assert one_event("/test", "who").fate == "quarantined"
    house.check()


@pytest.mark.usefixtures("partition")
def test_an_archived_event_is_named_where_it_cannot_be_corrected_or_listed(house, kept):
    february(house)
    archive(house, kept)
    with pytest.raises(Refused) as refused:
        house.perform(correct_events, CorrectEvents("void", Which((("/test", "d3"),)), "found later"))
    assert refused.value.code == "event_archived"
    with pytest.raises(Fault) as counted:
        event_counts([house.instant("2026-02-01"), house.instant("2026-04-01")], [], {})
    assert counted.value.code == "events_archived"
    assert (
        event_counts([house.instant("2026-03-01"), house.instant("2026-04-01")], [], {}).items[0].count == 1
    )
    assert archived_until() == house.instant("2026-03-01")
    assert [hit.id for hit in search("d3") if hit.noun == "event"] == [("/test", "d3")]
    assert why("/test", "d1").struck.reason == "sent in error"
    assert "d0" in why("/test", "d0").data
    house.capture(
        house.event("late", "2026-03-09T10:00:00Z", type="abaque.void")
        | {"data": {"source": "/test", "id": "d3", "reason": "found later"}}
    )
    house.meter()
    assert [(one.cause.reason, one.id) for one in quarantine().causes] == [("too_late", "late")]


@pytest.mark.usefixtures("partition")
def test_a_back_fill_keeps_its_month_back_while_it_is_open_and_is_not_reverted_once_that_is_archived(
    house, kept
):
    february(house)
    opened = begin(house)
    fill(house, opened, house.event("filled", "2026-02-05T10:00:00Z", document_id="filled", pages=1))
    assert months(MARCH, now=house.now)[0].reasons == {"to_meter": 1, "backfills": 1}
    close(house, opened)
    house.meter()
    house.seal()
    assert FEBRUARY in archive(house, kept, aside=frozenset({"unissued"}))
    with pytest.raises(Refused) as refused:
        revert(house, opened)
    assert refused.value.code == "backfill_archived"
    house.check()


_KILLED = """
if when == "amid the file":
    sync = os.fsync
    os.fsync = die
elif when == "before its name":
    Path.replace = die
elif when == "before it is read back":
    ParquetArchive.read = die
elif when == "amid the last transaction":
    run = hot.run
    hot.run = lambda statement, *more: die() if statement is archive.sql.REMEMBER else run(statement, *more)
elif when == "after it":
    perform = archive.perform
    archive.perform = lambda *given, **named: (perform(*given, **named), die())
found = archive.months(date(2026, 3, 1), now=now)
list(archive.archive_months(found, kept, now=now, by=SYSTEM))
"""


@pytest.mark.parametrize(
    "when",
    ["amid the file", "before its name", "before it is read back", "amid the last transaction", "after it"],
)
@pytest.mark.usefixtures("partition")
def test_killed_at_any_moment_nothing_is_lost_and_the_next_pass_finishes(house, kept, when):
    february(house)
    before = said(house)
    killed(house, kept, _KILLED, when)
    assert said(house) == before
    house.check()
    assert len(archived.months()) == (when == "after it")
    assert len(archive(house, kept)) == (when != "after it")
    assert said(house) == before
    assert [path.name for path in kept.folder.iterdir()] == ["2026-02.parquet"]
    house.check()


@pytest.mark.usefixtures("partition")
def test_an_event_for_an_archived_month_is_too_late_and_changes_nothing(house, kept):
    february(house)
    archive(house, kept)
    counted = usages(house)
    sent = [
        house.event("late", "2026-02-20T10:00:00Z", pages=1),
        house.event("older", "2025-12-20T10:00:00Z", document_id="d0", pages=1),  # would take d0's place
        house.event("nobody", "2026-02-20T10:00:00Z", subject="nobody", pages=1),
    ]
    house.capture(*sent, house.event("fine", "2026-03-05T10:00:00Z", pages=1))
    house.meter()
    for identity in ("late", "older", "nobody"):
        told = {(one.fate, one.reason) for one in one_event("/test", identity).fates}
        assert told == {("quarantined", "too_late")}
    assert one_event("/test", "fine").fate == "counted"
    assert [row for row in usages(house) if row[2] < house.instant("2026-03-01")] == [
        row for row in counted if row[2] < house.instant("2026-03-01")
    ]
    house.customer("nobody")
    house.meter()
    assert one_event("/test", "nobody").fate == "quarantined"
    house.seal()
    assert months(MARCH, now=house.now)[0].reasons == {}  # what is too late stands in nobody's way
    house.check()
