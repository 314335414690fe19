"""`abaque totals`: a CSV file of what the product counted, whole or not at all."""

import argparse
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from abaque.app.commands import totals
from abaque.app.commands.common import Stop

HEAD = "meter,customer,starts_at,ends_at,quantity,tolerance\n"


@pytest.fixture
def state(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """State a file's totals in a folder with one meter."""
    from abaque.billing.apply_catalogue import ApplyCatalogue, apply_catalogue
    from abaque.billing.permissions import SYSTEM
    from abaque.billing.runner import perform
    from abaque.storage.models import Clock

    del db
    Clock.objects.update_or_create(id=1, defaults={"test": True, "offset": timedelta(0)})
    text = "meters: {pages: {event: e, aggregate: sum, value: pages}}"
    perform(apply_catalogue, ApplyCatalogue(text), now=datetime(2026, 3, 1, tzinfo=UTC), by=SYSTEM)
    monkeypatch.setattr(totals, "connected", lambda _options: nullcontext())

    def stated(text: str, zone: str = "UTC") -> int:
        file = tmp_path / "totals.csv"
        file.write_text(text, encoding="utf-8")
        return totals.run_state(argparse.Namespace(file=str(file), zone=zone))

    return stated


def test_days_and_instants_of_a_file_are_stated(state: Any, capsys: Any) -> None:
    from abaque.storage.models import ControlTotal

    rows = "pages,,2026-03-01,2026-03-02,1250.5,\npages,,2026-03-01T10:00:00Z,2026-03-01T11:00:00Z,3,0.5\n"
    assert state(HEAD + rows, zone="Europe/Paris") == 0
    day, hour = ControlTotal.objects.order_by("pk")
    assert day.starts_at == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert (day.quantity, hour.tolerance) == (Decimal("1250.5"), Decimal("0.5"))
    state("meter,starts_at,ends_at,quantity\npages,2026-03-01T10:00:00Z,2026-03-01T11:00:00Z,4\n")
    assert ControlTotal.objects.filter(replaced_at=None).count() == 2
    capsys.readouterr()
    totals.run_list(argparse.Namespace(meter="pages", customer=None, replaced=True))
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[4] for line in said[2:]] == ["4", "3", "1,250.5"]


@pytest.mark.parametrize(
    "text",
    [
        "meter,quantity\npages,3\n",
        "meter,starts_at,ends_at,quantity,colour\n",
        HEAD + "pages,,2026-03-01,2026-03-02\n",
        HEAD + "pages,,yesterday,2026-03-02,3,\n",
        HEAD + "pages,,2026-03-01,2026-03-02,many,\n",
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_is_stated(state: Any, text: str) -> None:
    from abaque.storage.models import ControlTotal

    with pytest.raises(Stop):
        state(text)
    assert not ControlTotal.objects.exists()
