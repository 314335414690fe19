"""The typeface of documents: Inter, copied at build time from an npm package, never committed."""

import shutil
from pathlib import Path

FOLDER = Path(__file__).parent / "fonts"

PACKAGE = Path("@expo-google-fonts", "inter")
LICENCE = "LICENSE_FONT"
# Regular for text, medium for names and labels, semi-bold for totals and titles.
FACES = (
    Path("400Regular", "Inter_400Regular.ttf"),
    Path("500Medium", "Inter_500Medium.ttf"),
    Path("600SemiBold", "Inter_600SemiBold.ttf"),
)


def collect(node_modules: Path) -> tuple[Path, ...]:
    """Copy the weights that documents use, and their licence (SIL OFL 1.1), beside this module.

    Returns the files written. Raises FileNotFoundError when the package is not installed there.
    """
    package = node_modules / PACKAGE
    FOLDER.mkdir(exist_ok=True)
    copied = [shutil.copyfile(package / face, FOLDER / face.name) for face in FACES]
    return (*copied, shutil.copyfile(package / LICENCE, FOLDER / "OFL.txt"))


def folder() -> Path:
    """Return where the faces lie; raise FileNotFoundError naming what to do when they do not."""
    missing = [face.name for face in FACES if not (FOLDER / face.name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"{FOLDER} lacks {', '.join(missing)}: build the front end (make) to copy them"
        )
    return FOLDER
