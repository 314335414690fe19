"""Retention: what is over its time goes, in chunks, by the owner; what the law wants kept never does."""

from datetime import date, timedelta

import pytest
from tests.billing.archiving import february, said, usages
from tests.billing.test_archive import archive
from tests.billing.test_archive_proof import lines
from tests.billing.test_proof_file import check

from abaque.billing import retain
from abaque.billing.permissions import SYSTEM, Actor, Kind
from abaque.billing.reduce_month import reduce_months
from abaque.billing.retain import SetRetention, plan, report, retain_all, set_retention
from abaque.billing.runner import Forbidden, Refused
from abaque.storage import archived
from abaque.storage.models import Action, Alert
from abaque.storage.read.chain import verify
from abaque.storage.read.events import one_event
from abaque.storage.read.explain import explain
from abaque.storage.read.proof import events_csv, proof


def over(house):
    return {due.rule.data_class: due.over for due in plan(now=house.now) if due.over}


def run(house, kept):
    return {name: gone for name, gone in retain_all(kept, now=house.now, by=SYSTEM) if gone}


def alerts(house, *days_ago):
    for days in days_ago:
        Alert.objects.create(kind="test", subject=f"{days}", facts={}, at=house.now - timedelta(days=days))


def test_nothing_is_over_in_a_young_folder(house, kept):
    february(house)
    assert over(house) == {}
    assert run(house, kept) == {}
    assert report() == []


def test_what_is_over_goes_in_chunks_and_is_reported(house, kept, monkeypatch):
    monkeypatch.setattr(retain, "CHUNK", 2)
    alerts(house, 1, 700, 750, 760, 770)
    house.run(
        "INSERT INTO conflict SELECT '/s', n::text, 1, %s, '{}' FROM generate_series(1, 5) n",
        [house.now - timedelta(days=61 * 31)],
    )
    house.run(
        "INSERT INTO django_session VALUES ('over', '', now() - interval '40 days'), ('kept', '', now())"
    )
    assert over(house) == {"alerts": 3, "conflicts": 5, "sessions": 1}
    assert over(house) == {"alerts": 3, "conflicts": 5, "sessions": 1}  # to look changes nothing
    assert run(house, kept) == {"alerts": 3, "conflicts": 5, "sessions": 1}
    assert over(house) == {}
    assert sorted(Alert.objects.values_list("subject", flat=True)) == ["1", "700"]
    assert house.rows("SELECT session_key FROM django_session") == [("kept",)]
    assert [(name, erased) for name, erased, _, _ in report()] == [
        ("alerts", 3),
        ("conflicts", 5),
        ("sessions", 1),
    ]
    assert Action.objects.filter(verb="retain", subject="conflicts").count() == 3


@pytest.mark.usefixtures("partition")
def test_raw_events_go_into_the_archive_and_say_the_same(house, kept):
    february(house)
    before = said(house)
    house.now = house.instant("2027-03-31T10:00:00")
    assert run(house, kept) == {}  # a month is kept for thirteen whole ones
    house.now = house.instant("2027-04-01T10:00:00")
    house.perform(set_retention, SetRetention("raw_events", None))
    assert over(house) == {}
    house.perform(set_retention, SetRetention("raw_events", 13))
    assert over(house) == {"raw_events": 20}
    assert run(house, kept) == {"raw_events": 20}
    assert [f"{month.starts_at:%Y-%m}" for month in archived.months()] == ["2026-02"]
    assert said(house) == before
    house.check()


@pytest.mark.usefixtures("partition")
def test_archived_events_are_reduced_to_leaves_and_all_that_was_sealed_still_verifies(house, kept, tmp_path):
    february(house)
    archive(house, kept)
    (line,) = lines()
    told, listed = proof(*line), events_csv(*line)
    shown = explain(line[0], line=line[1], events=True).lines[0]
    counted = usages(house)
    house.now = house.instant("2031-02-28T10:00:00")
    assert "archived_events" not in over(house)
    house.now = house.instant("2031-03-01T10:00:00")
    assert over(house)["archived_events"] == 20
    assert run(house, kept)["archived_events"] == 20
    assert run(house, kept) == {}
    assert [(name, gone) for name, gone, *_ in report() if name == "archived_events"] == [
        ("archived_events", 20)
    ]
    assert [path.name for path in kept.folder.iterdir()] == ["2026-02.1.parquet"]
    content = (kept.folder / "2026-02.1.parquet").read_bytes()
    assert b"dupont" not in content
    assert b"document_id" not in content
    found = verify()
    assert (found.differences, found.erased) == ((), 0)
    assert found.reduced > 20
    assert usages(house) == counted
    again = proof(*line)
    assert [node["count"] for node in again["nodes"]] == [node["count"] for node in told["nodes"]]
    assert check(tmp_path, again)[0] == 0
    columns = [[row.split(",")[:3] for row in text.splitlines()] for text in (events_csv(*line), listed)]
    assert columns[0] == columns[1]
    now_shown = explain(line[0], line=line[1], events=True).lines[0]
    assert [(one.id, one.quantity) for one in now_shown.events] == [
        (one.id, one.quantity) for one in shown.events
    ]
    assert {one.fate for one in one_event("/test", "d0").fates} == {"counted"}
    assert one_event("/test", "d1").fate == "voided"
    assert one_event("/test", "void").fate == "applied"
    house.check()


@pytest.mark.usefixtures("partition")
def test_a_reduced_month_without_its_action_is_said_to_lack_its_texts(house, kept):
    february(house)
    archive(house, kept)
    house.now = house.instant("2031-03-01T10:00:00")
    run(house, kept)
    house.run("UPDATE archived_month SET reduced = sha256('another')")
    assert {one.kind for one in verify().differences} == {"events"}


@pytest.mark.usefixtures("partition")
def test_what_was_archived_beside_a_reduced_month_stays_provable(house, kept):
    february(house)
    archive(house, kept)
    house.now = house.instant("2031-03-01T10:00:00")
    list(reduce_months(date(2026, 3, 1), kept, now=house.now, by=SYSTEM))
    # March's event shared no intake with February's, the corrections did.
    assert house.rows("SELECT count(*) FROM intake WHERE salt IS NULL")[0][0] > 0
    assert verify().differences == ()
    assert one_event("/test", "d15").fate == "counted"


@pytest.mark.parametrize(
    ("data_class", "months", "code"),
    [
        ("invoices_and_books", 120, "retention_kept"),
        ("actions", None, "retention_kept"),
        ("raw_events", 1, "retention_short"),
        ("weather", 12, "unknown_data_class"),
    ],
)
def test_terms_that_may_not_be_set(house, data_class, months, code):
    with pytest.raises(Refused) as refused:
        house.perform(set_retention, SetRetention(data_class, months))
    assert refused.value.code == code


def test_only_the_owner_sets_terms_and_erases(house, kept):
    finance = Actor(Kind.STAFF, "lea", frozenset({"finance"}))
    alerts(house, 1000)
    with pytest.raises(Forbidden):
        house.perform(set_retention, SetRetention("alerts", 12), by=finance)
    with pytest.raises(Forbidden):
        list(retain_all(kept, now=house.now, by=finance))
    assert Alert.objects.count() == 1


def test_the_law_s_terms_are_never_undercut(house):
    del house
    for rule in retain.RULES:
        assert rule.months is None or rule.months >= rule.least
        assert rule.ends != "kept" or rule.months is None
    books = next(rule for rule in retain.RULES if rule.data_class == "invoices_and_books")
    assert (books.least, books.source.text) == (120, "C. com. art. L123-22")
