"""The archive as Parquet files: what goes in comes out, whole or not at all, and nothing changes unnoticed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from abaque.connectors.parquet import ParquetArchive, archive
from abaque.ports.event_archive import ArchivedEvent, ArchivedFile, ArchiveError

JANUARY = date(2026, 1, 1)


def event(seq, subject="dupont", **more):
    fields = {
        "source": "/test",
        "id": f"e{seq}",
        "type": "document.processed",
        "time": datetime(2026, 1, 5, 10, tzinfo=UTC) + timedelta(microseconds=seq),
        "time_given": seq % 2 == 0,
        "received_at": datetime(2026, 1, 5, 11, tzinfo=UTC),
        "amends": None,
        "subscription": None,
        "extensions": None,
        "data": '{"pages": 1.10}',
        "salt": bytes([seq % 256]) * 32,
        "leaf": bytes([255 - seq % 256]) * 32,
    }
    return ArchivedEvent(seq=seq, subject=subject, **{**fields, **more})


@pytest.fixture
def kept(tmp_path):
    return ParquetArchive(tmp_path / "archive")


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch):
    monkeypatch.setattr(archive, "GROUP_EVENTS", 10)


def test_events_come_back_as_they_were_in_their_order(kept):
    events = [
        event(3, data='{"amount": 0.10000000000000000000000000001, "é": "\\u0000"}'),
        event(1, amends=7, subscription="sub", extensions='{"traceparent": "x"}'),
        *(event(seq, subject=f"s{seq % 4}") for seq in range(10, 60)),
    ]
    file = kept.write(JANUARY, iter(events))
    assert (file.path, file.rows) == ("2026-01.parquet", 52)
    assert list(kept.read(file)) == events


def test_a_month_without_events_is_a_file_too(kept):
    assert list(kept.read(kept.write(JANUARY, []))) == []


def test_some_are_found_by_number_or_by_subject(kept):
    file = kept.write(JANUARY, (event(seq, subject=f"s{seq // 20}") for seq in range(100)))
    assert [one.seq for one in kept.read(file, seqs=[99, 5, 1000])] == [5, 99]
    assert [one.seq for one in kept.read(file, subjects=["s1"])] == list(range(20, 40))
    assert list(kept.read(file, seqs=[])) == []


def test_a_write_that_fails_leaves_what_was_there(kept):
    file = kept.write(JANUARY, [event(1)])

    def failing():
        yield event(2)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        kept.write(JANUARY, failing())
    assert [one.seq for one in kept.read(file)] == [1]


def test_a_changed_or_missing_file_is_not_read(kept):
    file = kept.write(JANUARY, (event(seq) for seq in range(30)))
    kept.verify(file)
    path = kept.folder / file.path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    for read in (kept.verify, lambda file: list(kept.read(file))):
        with pytest.raises(ArchiveError) as raised:
            read(file)
        assert raised.value.code == "archive_changed"
    kept.remove(file.path)
    kept.remove(file.path)
    with pytest.raises(ArchiveError) as raised:
        kept.verify(file)
    assert raised.value.code == "archive_missing"


def test_a_month_is_written_anew_beside_the_old_one(kept):
    file = kept.write(JANUARY, (event(seq) for seq in range(5)))
    erased = event(3, salt=None, data="{}")
    less = kept.write(JANUARY, [erased], revision=1)
    assert (less.path, less.rows) == ("2026-01.1.parquet", 1)
    assert list(kept.read(less)) == [erased]
    assert [one.seq for one in kept.read(file)] == [0, 1, 2, 3, 4]
    assert kept.superseded(JANUARY, 0) == []
    assert kept.superseded(JANUARY, 1) == ["2026-01.parquet"]
    (kept.folder / ".2026-01.2.parquet.part").write_bytes(b"")
    assert kept.superseded(JANUARY, 1) == ["2026-01.parquet"]
    assert len(kept.superseded(JANUARY, None)) == 3  # the unfinished one among them
    assert kept.superseded(date(2026, 2, 1), None) == []


def test_what_can_be_read_of_a_damaged_file_is_read(kept):
    file = kept.write(JANUARY, (event(seq) for seq in range(30)))
    path = kept.folder / file.path
    content = bytearray(path.read_bytes())
    content[100:200] = bytes(100)
    path.write_bytes(content)
    left = [one.seq for one in kept.salvage(file)]
    assert left == list(range(10, 30))
    path.write_bytes(content[: len(content) // 2])
    assert list(kept.salvage(file)) == []
    path.unlink()
    assert list(kept.salvage(file)) == []


def test_a_folder_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "archive").write_text("a file, where a folder is to be")
    with pytest.raises(ArchiveError) as raised:
        ParquetArchive(tmp_path / "archive").write(JANUARY, [event(1)])
    assert raised.value.code == "archive_unwritable"


def test_the_file_of_one_month_does_not_pass_for_another(kept):
    january = kept.write(JANUARY, [event(1)])
    february = kept.write(date(2026, 2, 1), [event(2)])
    with pytest.raises(ArchiveError):
        list(kept.read(ArchivedFile(february.path, january.rows, january.sha256)))
