from pathlib import Path

import pytest

from abaque.documents import fonts


def test_the_weights_and_their_licence_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "node_modules" / fonts.PACKAGE
    for file in (*fonts.FACES, Path(fonts.LICENCE)):
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text(str(file))
    monkeypatch.setattr(fonts, "FOLDER", tmp_path / "fonts")
    for _ in range(2):
        copied = fonts.collect(tmp_path / "node_modules")
    assert sorted(file.name for file in copied) == [
        "Inter_400Regular.ttf",
        "Inter_500Medium.ttf",
        "Inter_600SemiBold.ttf",
        "OFL.txt",
    ]
    assert fonts.folder() == tmp_path / "fonts"


def test_missing_fonts_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    with pytest.raises(FileNotFoundError, match="make"):
        fonts.folder()
    with pytest.raises(FileNotFoundError):
        fonts.collect(tmp_path / "nowhere")
