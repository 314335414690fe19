"""A table becomes events: one row each, a header row that names the columns, `,` `;` or tab between cells."""

import csv as tables
from collections.abc import Iterable, Iterator

from abaque.connectors.files.reading import Broken, Event, Read, Skipped, Unreadable, excerpt, whole

_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = (",", ";", "\t")
_REQUIRED = ("id", "source", "type", "subject", "time")
#: Columns that are attributes of the event; every other one is data.
_ATTRIBUTES = frozenset({*_REQUIRED, "specversion", "dataschema", "datacontenttype", "subscription"})


def csv(lines: Iterable[bytes], *, source: str | None = None) -> Iterator[Read]:
    """Yield one event per row. The header names id, source, type, subject and time; the others become data.

    Names are compared in lower case for the attributes and taken as they stand for data. Cells are text and
    stay text (a meter reads a decimal string as exactly as a number); an empty cell says nothing and is left
    out. `source` is used where the table has no such column or cell. A byte order mark is tolerated.

    Raises `Unreadable` if the header does not name what an event needs; a row that cannot be read is
    `Broken`, with the line on which it begins.
    """
    pieces = whole(lines)
    names, delimiter = _header(next(pieces, b""), source)
    text = (line.decode("utf-8", "surrogateescape") for line in pieces)
    rows = tables.reader(text, delimiter=delimiter, strict=True)
    while True:
        number = rows.line_num + 2
        try:
            cells = next(rows)
        except StopIteration:
            return
        except tables.Error as error:
            yield Broken(number, _reason(error), "")
            continue
        yield _row(number, names, cells, source) if any(cells) else Skipped(number, "blank")


def _header(line: bytes, source: str | None) -> tuple[list[str], str]:
    """Return the columns' names and the delimiter: the one that yields most of the names we need."""
    if line.startswith(_UTF_16):
        raise Unreadable("not_utf8")
    try:
        text = line.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        raise Unreadable("not_utf8") from error
    splits = [(_split(text, delimiter), delimiter) for delimiter in _DELIMITERS]
    names, delimiter = max(splits, key=lambda split: (len({*split[0]} & {*_REQUIRED}), len(split[0])))
    missing = [name for name in _REQUIRED if name not in names and not (name == "source" and source)]
    if missing:
        raise Unreadable("missing_columns", columns=", ".join(missing), found=excerpt(text))
    repeated = sorted({name for name in names if not name or names.count(name) > 1})
    if repeated:
        raise Unreadable("repeated_columns", columns=", ".join(name or '""' for name in repeated))
    return names, delimiter


def _split(header: str, delimiter: str) -> list[str]:
    try:
        cells = next(tables.reader([header], delimiter=delimiter, strict=True), [])
    except tables.Error:
        return []
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return [name.lower() if name.lower() in _ATTRIBUTES else name for name in names]


def _row(number: int, names: list[str], cells: list[str], source: str | None) -> Read:
    whole_row = excerpt(", ".join(cells).encode("utf-8", "surrogateescape"))
    if any(cells[len(names) :]) or len(cells) < len(names):
        return Broken(number, "columns", whole_row)
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return Broken(number, "not_utf8", whole_row)
    event: Event = {"specversion": "1.0"}
    if source:
        event["source"] = source
    data: Event = {}
    for name, cell in zip(names, cells, strict=False):
        if cell:
            (event if name in _ATTRIBUTES else data)[name] = cell
    if any(name not in event for name in _REQUIRED):
        return Broken(number, "missing_cell", whole_row)
    event["data"] = data
    return event


def _reason(error: tables.Error) -> str:
    """Name what the reader of tables only says in words; its next row begins on the next line."""
    text = str(error)
    if "unexpected end" in text:
        return "open_quote"
    return "too_long" if "field limit" in text else "bad_quotes"
