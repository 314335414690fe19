"""Everything that is wrong with a catalogue file, each with its place and what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from abaque.catalogue.words import words


@dataclass(frozen=True, slots=True, order=True)
class CatalogueError:
    """One thing to mend: line and column (both from 1), a stable code, and what the sentence mentions."""

    line: int
    column: int
    code: str
    params: Mapping[str, object] = field(default_factory=dict, compare=False)

    def sentence(self, language: str = "en") -> str:
        """Say what is wrong and what to do, in `en` or `fr`."""
        return words(self.code, self.params, language)


class CatalogueErrors(Exception):  # noqa: N818 - it is a list of errors, and is called one
    """The file is refused as a whole; `errors` are all its errors, from top to bottom."""

    def __init__(self, name: str, errors: Sequence[CatalogueError]) -> None:
        super().__init__(name, errors)
        self.name = name
        self.errors = tuple(sorted(errors))

    def lines(self, language: str = "en") -> tuple[str, ...]:
        """Return a line `file:line:column: sentence` for each error."""
        return tuple(
            f"{self.name}:{error.line}:{error.column}: {error.sentence(language)}" for error in self.errors
        )

    def __str__(self) -> str:
        return "\n".join(self.lines())
