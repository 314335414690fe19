"""Whatever the pages say is said in French too."""

import ast
import io
import re
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

import abaque.web

WEB = Path(abaque.web.__file__).parent
CATALOGUE = WEB / "locale" / "fr" / "LC_MESSAGES" / "django.po"
_CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext", "npgettext"}
_STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_SAID = re.compile(rf"\b(n?p?gettext|_)\(\s*({_STRING})(?:\s*,\s*({_STRING}))?", re.DOTALL)


def test_every_sentence_has_its_french() -> None:
    with CATALOGUE.open("rb") as file:
        known = {_key(message.id, message.context): message.string for message in read_po(file)}
    said = {key for path in sources() for key in sentences(path)}
    assert len(said) > 300
    assert sorted(key for key in said if not complete(known.get(key))) == []


def test_the_compiled_words_are_those_of_the_catalogue() -> None:
    fresh = io.BytesIO()
    with CATALOGUE.open("rb") as file:
        write_mo(fresh, read_po(file))
    assert CATALOGUE.with_suffix(".mo").read_bytes() == fresh.getvalue(), (
        "the words are not compiled: make setup"
    )


def sources() -> list[Path]:
    templates = [path for path in WEB.glob("templates/**/*.html") if path.name != "gallery.html"]
    return [*templates, *WEB.glob("*.py"), *WEB.glob("console/*.py"), *WEB.glob("portal/*.py")]


def sentences(path: Path) -> list[tuple[str, str]]:
    """Return the sentences of a file, each with its context."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        return [_called(match[1], match[2], match[3]) for match in _SAID.finditer(templatize(text))]
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return [
        _called(call.func.id, *(ast.unparse(argument) for argument in call.args[:2]))
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in _CALLS
        and isinstance(call.args[0], ast.Constant)
    ]


def _called(function: str, first: str, second: str | None = None) -> tuple[str, str]:
    plain = [ast.literal_eval(text.removeprefix("u")) for text in (first, second) if text is not None]
    return (plain[1], plain[0]) if "pgettext" in function and len(plain) > 1 else (plain[0], "")


def _key(message: str | tuple[str, ...], context: str | None) -> tuple[str, str]:
    return (message if isinstance(message, str) else message[0], context or "")


def complete(french: str | tuple[str, ...] | None) -> bool:
    return bool(french) and all((french,) if isinstance(french, str) else french or ())
