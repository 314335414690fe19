"""Invoice numbers: unique, continuous, in a form the law and the standards accept."""

import re

from abaque.core.fault import Fault

_LONGEST = 35
_ALLOWED = re.compile(r"[A-Za-z0-9\-/_+]+", re.ASCII)
_FIELD = re.compile(r"\{(year|counter)(?::0([1-9]))?\}")
_YEARS = range(1, 10000)


def number(pattern: str, year: int, counter: int) -> str:
    """Return the number of the `counter`-th document of its series, from 1.

    A bare prefix gives `PREFIX` + `2026-000001`; a pattern names `{counter}`, and `{year}` where the series
    restarts each year, with a width if wanted: `F{year}/{counter:05}`. At most 35 characters of letters,
    digits and `- / _ +` (BR-FR-01, BR-FR-02). Faults `bad_number_pattern`, `bad_counter`, `number_too_long`.
    """
    if counter < 1 or year not in _YEARS:
        raise Fault("bad_counter", year=year, counter=counter)
    form = pattern if "{" in pattern else pattern + "{year}-{counter:06}"
    values = {"year": f"{year:04d}", "counter": str(counter)}
    fields = [found.group(1) for found in _FIELD.finditer(form)]
    written = _FIELD.sub(lambda found: values[found.group(1)].rjust(int(found.group(2) or 0), "0"), form)
    if fields.count("counter") != 1 or fields.count("year") > 1 or _ALLOWED.fullmatch(written) is None:
        raise Fault("bad_number_pattern", pattern=pattern)
    if len(written) > _LONGEST:
        raise Fault("number_too_long", number=written)
    return written


def check_pattern(pattern: str) -> str:
    """Return the pattern if it can number documents for ever; the same Faults."""
    number(pattern, 2099, 999_999_999)
    return pattern
