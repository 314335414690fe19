"""Tables as spreadsheets and databases write them."""

import io

import pytest

from abaque.connectors.files import Broken, Skipped, Unreadable, csv, lines, sentence

HEADER = "id,source,type,subject,time,pages"
ROW = "1,app,document.processed,c1,2026-01-05T10:00:00Z,12.50"
EVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "app",
    "type": "document.processed",
    "subject": "c1",
    "time": "2026-01-05T10:00:00Z",
    "data": {"pages": "12.50"},
}


def read(text: str | bytes, source: str | None = None) -> list:
    return list(csv(lines(io.BytesIO(text if isinstance(text, bytes) else text.encode())), source=source))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_delimiter_byte_order_mark_and_line_end(delimiter: str, mark: str, end: str) -> None:
    assert read(mark + end.join([HEADER, ROW, ""]).replace(",", delimiter)) == [EVENT]


def test_a_decimal_comma_in_a_table_of_semicolons_stays_in_its_cell() -> None:
    [event] = read(HEADER.replace(",", ";") + "\n" + ROW.replace(",", ";").replace("12.50", "12,50"))
    assert event["data"] == {"pages": "12,50"}


def test_names_of_attributes_in_any_case_and_of_data_as_they_stand() -> None:
    [event] = read("ID,Source,TYPE,Subject,Time,Pages\n" + ROW)
    assert event == EVENT | {"data": {"Pages": "12.50"}}


def test_empty_cells_are_left_out_and_trailing_delimiters_mean_nothing() -> None:
    [event] = read(HEADER + ",note,,\n" + ROW + ",,,\n")
    assert event == EVENT


def test_the_source_may_be_given_instead_of_a_column() -> None:
    [event] = read("id,type,subject,time\n1,t,c1,2026-01-05T10:00:00Z\n", source="import")
    assert (event["source"], event["data"]) == ("import", {})


def test_a_cell_may_hold_line_ends_and_quotes_and_the_rows_below_keep_their_line() -> None:
    found = read(HEADER + '\n1,app,t,c1,2026-01-05T10:00:00Z,"two\nlines ""x"""\n2,app\n')
    assert found[0]["data"] == {"pages": 'two\nlines "x"'}
    assert found[1] == Broken(4, "columns", "2, app")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"1,app,t,c1", "columns"),
        (b"1,app,t,c1,2026-01-05T10:00:00Z,1,2", "columns"),
        (b"1,app,t,c1,,1", "missing_cell"),
        (b",app,t,c1,2026-01-05T10:00:00Z,1", "missing_cell"),
        (b"1,app,t,\xff,2026-01-05T10:00:00Z,1", "not_utf8"),
        (b'1,app,t,"a"b,2026-01-05T10:00:00Z,1', "bad_quotes"),
        (b"1,app,t,c1,2026-01-05T10:00:00Z," + b"x" * 200_000, "too_long"),
    ],
)
def test_a_broken_row_leaves_the_others(row: bytes, reason: str) -> None:
    broken, event = read(HEADER.encode() + b"\n" + row + b"\n" + ROW.encode())
    assert (broken.line_number, broken.reason) == (2, reason)
    assert event == EVENT
    assert sentence(broken, "en") != sentence(broken, "fr")


def test_a_quote_that_never_closes_is_said_with_the_row_where_it_opens() -> None:
    found = read(HEADER + "\n" + ROW + '\n2,app,t,"c1,2026-01-05T10:00:00Z,1\n' + ROW)
    assert found[0] == EVENT
    assert (found[1].line_number, found[1].reason) == (3, "open_quote")


def test_blank_rows_are_skipped() -> None:
    assert read(HEADER + "\n\n" + ROW) == [Skipped(2, "blank"), EVENT]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (b"", "missing_columns", "id, source, type, subject, time"),
        (b"id,type,subject\n", "missing_columns", "missing: source, time"),
        (b"id,source,type,subject,time,n,n\n", "repeated_columns", "n"),
        (b"id,source,type,subject,time,,n\n", "repeated_columns", '""'),
        (b"\xff\xfei\x00d\x00", "not_utf8", "UTF-8"),
        (b"id,\xff\n", "not_utf8", "UTF-8"),
    ],
)
def test_a_table_whose_header_does_not_do_is_refused(text: bytes, code: str, words: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text)
    assert caught.value.code == code
    assert words in sentence(caught.value)
    assert sentence(caught.value, "fr") != sentence(caught.value)
