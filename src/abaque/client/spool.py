"""The events not yet acknowledged, in memory and, where a file is given, on disk.

The file holds one event per line. A line is with the operating system when `add` returns, so it survives
the end of the process, however it comes; it may not survive a power cut in the same seconds.
"""

import json
from collections import OrderedDict
from pathlib import Path
from typing import IO

Key = tuple[str, str]
"""(source, id): the identity of an event."""


class Spool:
    """Events waiting, oldest first, by identity. Not safe for two processes on one file."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.waiting: OrderedDict[Key, str] = OrderedDict()
        self._file: IO[str] | None = None
        if path is not None:
            # events may speak of people: the file is its owner's alone
            path.touch(mode=0o600)
            self._load(path)
            self._file = path.open("a", encoding="ascii")

    def add(self, key: Key, text: str) -> None:
        """Keep an event; the same id again is kept once, with other content it is a ValueError."""
        known = self.waiting.get(key)
        if known is not None:
            if known != text:
                raise ValueError(
                    f"an event with the id {key[1]!r} and other content is still waiting to be sent"
                )
            return
        if self._file is not None:
            self._file.write(f"{text}\n")
            self._file.flush()
        self.waiting[key] = text

    def remove(self, keys: list[Key]) -> None:
        """Let go of what the door has answered for."""
        for key in keys:
            del self.waiting[key]
        # an acknowledged event left in the file is sent again after a crash and told to be a duplicate:
        # cheaper than rewriting the file each time
        if self._file is not None and not self.waiting:
            self._file.truncate(0)

    def close(self) -> None:
        if self._file is None or self._path is None:
            return
        self._file.close()
        self._file = None
        self._rewrite(self._path)

    def _load(self, path: Path) -> None:
        lines = path.read_text(encoding="ascii").split("\n")
        # text after the last line break is of a `send` that never returned: its caller knows
        for number, line in enumerate(lines[:-1], 1):
            try:
                event = json.loads(line)
                key = (str(event["source"]), str(event["id"]))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path}, line {number}: not an event; mend or remove the line") from error
            if self.waiting.setdefault(key, line) != line:
                raise ValueError(f"{path}, line {number}: an event before it has the same source and id")
        if lines[-1]:
            self._rewrite(path)

    def _rewrite(self, path: Path) -> None:
        beside = path.with_name(f"{path.name}.new")
        beside.touch(mode=0o600)
        beside.write_text("".join(f"{text}\n" for text in self.waiting.values()), encoding="ascii")
        beside.replace(path)
