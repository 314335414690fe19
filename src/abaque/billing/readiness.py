"""What the invoices of one run share: how sure their usage is, whether the folder is a test, the last sealed hour."""

from dataclasses import dataclass, field
from datetime import datetime

from abaque.storage import hot
from abaque.storage.clock import is_test
from abaque.storage.models import Hour, InvoiceLine, Meter

_UNSURE = """
SELECT count(*) FROM (
    SELECT DISTINCT abaque_hour(slot) AS hour
    FROM usage WHERE meter_id = %(meter)s AND slot >= %(start)s AND slot < %(end)s
) used
WHERE NOT EXISTS (
    SELECT FROM hour h WHERE h.meter_id = %(meter)s AND h.hour = used.hour AND h.consistent_at IS NOT NULL
      AND (%(level)s <> 'verified' OR h.verified_at IS NOT NULL)
) OR EXISTS (
    SELECT FROM hour h WHERE h.meter_id = %(meter)s AND h.hour = used.hour
      AND (h.consistent_at IS NULL OR (%(level)s = 'verified' AND h.verified_at IS NULL))
)
"""


def last_sealed() -> tuple[int, str]:
    """Return the number and the hash, in hexadecimal, of the hour sealed last; 0 and nothing while none is."""
    last = Hour.objects.order_by("-pk").values_list("pk", "hash").first()
    return (0, "") if last is None else (last[0], bytes(last[1]).hex())


@dataclass(slots=True)
class Readiness:
    """Asks once what a run's invoices share: per meter and span whether its hours are sealed and sure enough."""

    now: datetime
    test: bool = field(default_factory=is_test)
    sealed: tuple[int, str] = field(default_factory=last_sealed)
    _known: dict[tuple[str, datetime, datetime], str | None] = field(default_factory=dict)
    _meters: dict[str, Meter] = field(default_factory=dict)

    @property
    def chain_head(self) -> str:
        """The hash that documents print."""
        return self.sealed[1]

    def missing(self, lines: list[InvoiceLine]) -> str | None:
        """Return why the lines may not be issued yet (`still_open`, `not_sealed`), None if they may."""
        for line in lines:
            if line.meter:
                why = self._why(line.meter, line.span_start, line.span_end)
                if why is not None:
                    return why
        return None

    def _why(self, code: str, start: datetime, end: datetime) -> str | None:
        key = (code, start, end)
        if key not in self._known:
            self._known[key] = self._ask(code, start, end)
        return self._known[key]

    def _ask(self, code: str, start: datetime, end: datetime) -> str | None:
        if code not in self._meters:
            self._meters[code] = Meter.objects.get(code=code)
        meter = self._meters[code]
        if end + meter.lateness > self.now:
            return "still_open"
        unsure = hot.rows(_UNSURE, {"meter": meter.pk, "start": start, "end": end, "level": meter.level})[0][
            0
        ]
        return "not_sealed" if unsure else None
