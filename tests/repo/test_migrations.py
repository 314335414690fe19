"""The models and the migrations say the same."""

from io import StringIO

import pytest
from django.core.management import call_command
from tests.repo.tree import PACKAGE


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    said = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=said, stderr=said)
    assert "No changes detected" in said.getvalue()


def test_migrations_are_numbered_without_gap_or_twin() -> None:
    numbers = sorted(path.name[:4] for path in (PACKAGE / "storage" / "migrations").glob("0*.py"))
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]
