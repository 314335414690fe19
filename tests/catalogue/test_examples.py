"""The price lists in `examples/` are read without an error, and none takes too many sentences to say."""

from pathlib import Path

import pytest

from abaque.catalogue import load

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(path for path in EXAMPLES.glob("*.yaml") if not path.name.endswith(".usage.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_is_read_and_needs_few_sentences(path: Path) -> None:
    catalogue = load(path.read_bytes(), name=path.name)
    assert catalogue.plans
    assert {warning.code for warning in catalogue.warnings} <= {
        "addon_unpublished",
        "credit_unpublished",
        "promotion_unpublished",
    }
