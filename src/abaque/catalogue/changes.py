"""What a catalogue file would change of what is stored already."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from abaque.catalogue.stored import dump_meter, dump_plan
from abaque.catalogue.values import Catalogue


class ChangeKind(StrEnum):
    """What becomes of one meter or plan version of the file.

    `changed_published` is refused by whoever applies it: a published version never changes. A plan then needs
    a new version, a meter a new code.
    """

    ADDED = "added"
    UNCHANGED = "unchanged"
    NEW_VERSION = "new_version"
    CHANGED_PUBLISHED = "changed_published"


@dataclass(frozen=True, slots=True)
class Detail:
    """One value that differs: its path in the canonical form, and what it was and would be (None: absent)."""

    path: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Change:
    """One meter (`version` None) or plan version of the file, compared with what is stored.

    The details of a new version are its differences from the newest stored one.
    """

    kind: ChangeKind
    what: str
    code: str
    version: int | None
    details: tuple[Detail, ...] = ()

    @property
    def touches_no_amount(self) -> bool:
        """Whether only what no amount depends on differs: names, words for units, and how usage is verified."""
        return bool(self.details) and all(
            {"names", "units"} & set(path) or path[0] in {"level", "totals"}
            for path in (detail.path.split(".") for detail in self.details)
        )


def diff(stored: Iterable[Mapping[str, Any]], new: Catalogue) -> tuple[Change, ...]:
    """Compare a catalogue with the canonical forms of all meters and plan versions published so far.

    Returns one `Change` per meter and plan of the file, in its order. What is stored but not in the file
    stays as it is: several files may share a catalogue, and published versions are never withdrawn by it.
    """
    meters: dict[str, Mapping[str, Any]] = {}
    plans: dict[str, dict[int, Mapping[str, Any]]] = {}
    for form in stored:
        if form["kind"] == "meter":
            meters[form["code"]] = form
        else:
            plans.setdefault(form["code"], {})[form["version"]] = form
    changes = [_meter_change(meters.get(code), dump_meter(entry)) for code, entry in new.meters.items()]
    changes += [_plan_change(plans.get(code, {}), dump_plan(entry.plan)) for code, entry in new.plans.items()]
    return tuple(changes)


def _meter_change(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> Change:
    if old is None:
        return Change(ChangeKind.ADDED, "meter", new["code"], None)
    details = tuple(_differences("", old, new))
    kind = ChangeKind.CHANGED_PUBLISHED if details else ChangeKind.UNCHANGED
    return Change(kind, "meter", new["code"], None, details)


def _plan_change(versions: Mapping[int, Mapping[str, Any]], new: Mapping[str, Any]) -> Change:
    version = new["version"]
    if not versions:
        return Change(ChangeKind.ADDED, "plan", new["code"], version)
    details = tuple(_differences("", versions.get(version, versions[max(versions)]), new))
    if version not in versions:
        kind = ChangeKind.NEW_VERSION
    else:
        kind = ChangeKind.CHANGED_PUBLISHED if details else ChangeKind.UNCHANGED
    return Change(kind, "plan", new["code"], version, details)


def _differences(path: str, old: object, new: object) -> Iterator[Detail]:
    """Yield what differs, leaf by leaf; members of a list that have a code are compared by it."""
    if old == new and type(old) is type(new):
        return
    before, after = _parts(old), _parts(new)
    if before is None or after is None:
        yield Detail(path, old, new)
        return
    for key in dict.fromkeys([*before, *after]):
        yield from _differences(f"{path}.{key}" if path else key, before.get(key), after.get(key))
    if list(before) != list(after) and isinstance(old, list) and set(before) == set(after):
        yield Detail(path, list(before), list(after))


def _parts(value: object) -> dict[str, object] | None:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list) and all(isinstance(member, Mapping) for member in value):
        return {str(member.get("code", place)): member for place, member in enumerate(value, start=1)}
    return None
