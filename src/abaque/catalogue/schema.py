"""The published JSON Schema (draft 2020-12) of a catalogue file, for editors and other programs."""

from importlib import resources


def schema_text() -> str:
    """Return the schema; what it refuses, `load` refuses too, and `load` checks more than it can say."""
    return resources.files(__package__).joinpath("catalogue.schema.json").read_text("utf-8")
