"""`abaque rate` gives, for every price list in `examples/`, what was worked out by hand beside it."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(EXAMPLES.glob("*.usage.yaml"))


@pytest.mark.parametrize("usage", FILES, ids=lambda path: path.name.removesuffix(".usage.yaml"))
def test_an_example_costs_what_was_worked_out_by_hand(usage, tmp_path):
    plan = usage.with_name(usage.name.replace(".usage.yaml", ".yaml"))
    done = subprocess.run(
        [sys.executable, "-m", "abaque.app.cli", "rate", "--plan", plan, "--usage", usage, "--json"],
        cwd=tmp_path, env={**os.environ, "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    runs = yaml.load(usage.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  # texts only, no objects
    found = json.loads(done.stdout)["runs"]
    assert [_said(run["invoices"]) for run in found] == [_wanted(run["expect"]) for run in runs]


def _said(invoices):
    return [
        (
            one["due"],
            {line["charge"]: Decimal(line["net"]) for line in one["lines"] if Decimal(line["net"])},
            Decimal(one["net"]),
        )
        for one in invoices
    ]


def _wanted(invoices):
    return [
        (one["due"], {code: Decimal(net) for code, net in one["lines"].items()}, Decimal(one["net"]))
        for one in invoices
    ]
