"""People read English and French: nothing stays untranslated, and each word means one thing."""

import ast
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize
from tests.repo.tree import PACKAGE, python, texts

_PO = PACKAGE / "web" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
Key = tuple[str | None, str]  # context, English
_FUNCTIONS = {"gettext": 0, "gettext_lazy": 0, "gettext_noop": 0, "ngettext": 0, "ngettext_lazy": 0} | {
    "pgettext": 1,
    "pgettext_lazy": 1,
    "npgettext": 1,
    "npgettext_lazy": 1,
}
# `templatize` turns a template into text in which only calls such as these stand for themselves.
_IN_TEMPLATE = re.compile(
    r"""\b(?P<name>_|n?p?gettext)\(\s*u?(?P<one>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    r"""(?:\s*,\s*u?(?P<two>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))?""",
    re.DOTALL,
)


def catalogue() -> Catalog:
    with _PO.open("rb") as file:
        return read_po(file, locale="fr", domain="django")


def key_of(message: Message) -> Key:
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def strings_of(message: Message) -> tuple[str, ...]:
    """Return the French of an entry: one text, or one per plural form."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def said() -> set[Key]:
    """Return every sentence that pages ask the catalogue for."""
    return set(_said_by_code()) | set(_said_by_templates())


def _said_by_code() -> Iterator[Key]:
    for tree in python("src/abaque/web", "src/abaque/api").values():
        names = {
            alias.asname or alias.name: _FUNCTIONS[alias.name]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
            for alias in node.names
            if alias.name in _FUNCTIONS
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in names and all(isinstance(each, ast.Constant) for each in node.args[:1]):
                yield _key(node, names[node.func.id])


def _key(node: ast.Call, context: int) -> Key:
    words = [ast.literal_eval(argument) for argument in node.args[: context + 1]]
    return (words[0], words[1]) if context else (None, words[0])


def _said_by_templates() -> Iterator[Key]:
    for name, text in texts().items():
        if not name.endswith(".html"):
            continue
        for match in _IN_TEMPLATE.finditer(templatize(text, origin=name)):
            one = ast.literal_eval(match["one"])
            yield (one, ast.literal_eval(match["two"])) if "p" in match["name"] else (None, one)


def test_every_sentence_is_in_the_catalogue() -> None:
    assert len(said()) > 200
    known = {key_of(message) for message in catalogue() if message.id}
    assert said() - known == set()


def test_the_catalogue_keeps_no_sentence_nobody_says() -> None:
    entries = catalogue()
    # A few sentences are chosen from a table first, so they stand as plain texts.
    plain = {
        (None, node.value)
        for tree in python("src/abaque/web").values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {key_of(message) for message in entries if message.id} - said() - plain == set()
    assert list(entries.obsolete) == []


def test_every_sentence_is_translated() -> None:
    untranslated = [
        message.id
        for message in catalogue()
        if message.id
        and (
            message.fuzzy or not all([message.string] if isinstance(message.string, str) else message.string)
        )
    ]
    assert untranslated == []


def test_pages_write_the_apostrophe_that_print_has() -> None:
    typed = re.compile(r"\w'\w")
    assert [text for message in catalogue() for text in strings_of(message) if typed.search(text)] == []


def test_translations_keep_the_placeholders() -> None:
    entries = catalogue()
    wrong = {
        str(message.id): [str(error) for error in message.check(entries)] for message in entries if message.id
    }
    assert {name: errors for name, errors in wrong.items() if errors} == {}


def test_templates_hold_no_french_of_their_own() -> None:
    """What people read goes through the catalogue; only a language's own name is written in itself."""
    allowed = {"Français"}
    accented = [
        (name, word)
        for name, text in texts().items()
        if name.endswith(".html")
        for word in re.findall(r"\w*[éèêàçùîôœ]\w*", re.sub(r"{#.*?#}", "", text))
        if word not in allowed
    ]
    assert accented == []


def test_both_word_files_say_the_same_things() -> None:
    folder = PACKAGE / "documents" / "words"
    english, french = (
        set(_flat(tomllib.loads((folder / f"{lang}.toml").read_text(encoding="utf-8"))))
        for lang in ("en", "fr")
    )
    assert english
    assert english == french


def _flat(table: dict[str, Any], before: str = "") -> Iterator[str]:
    for name, value in table.items():
        if name == "date_rules":  # how French says the first of a month: a rule, no word
            continue
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name


# Words that DESIGN's vocabulary never uses, and what is said instead.
NEVER = {
    r"erreurs? de facturation": "écart",
    r"utilisations?": "consommation",
    r"clôturée?s?": "heure arrêtée",
    r"paliers?": "tranche",
    r"charges?": "élément tarifaire",
    r"dépassements?": "au-delà de l'inclus",
    r"pénalités?": "au-delà de l'inclus",
    r"anomalies?": "écart",
    r"bloqu(?:er|é|ée|és|ées|e|ent|age|ages)|blocages?": "suspension de facturation ; en cours de vérification",
    r"grands?-pères?": "tarif maintenu",
}
# The law's own word for interest on late payment (C. com., art. L441-10), which invoices must print.
_OF_THE_LAW = re.compile(r"Retard de paiement : pénalités")


def french() -> Iterator[tuple[str, str]]:
    """Yield all French that people read, with where it stands: pages, documents, terminal, imports, portal."""
    for message in catalogue():
        yield from (("django.po", string) for string in strings_of(message) if message.id)
    folder = PACKAGE / "documents" / "words"
    yield from (
        ("fr.toml", text)
        for text in _strings(tomllib.loads((folder / "fr.toml").read_text(encoding="utf-8")))
    )
    words = texts()["src/abaque/web/frontend/src/usage/words.ts"].split("FRENCH", 1)[1]
    yield from (("words.ts", text) for text in re.findall(r'"([^"]*)"|`([^`]*)`', words) for text in text)
    for name, tree in python("src/abaque").items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "fr":
                        yield from ((name, text) for text in _constants(value))
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "_FR" and node.value:
                yield from ((name, text) for text in _constants(node.value))


def _strings(table: object) -> Iterator[str]:
    if isinstance(table, dict):
        for value in table.values():
            yield from _strings(value)
    elif isinstance(table, list):
        for value in table:
            yield from _strings(value)
    elif isinstance(table, str):
        yield table


def _constants(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _constants(value)
        return
    yield from (
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


@pytest.mark.parametrize("word", NEVER)
def test_french_never_says(word: str) -> None:
    pattern = re.compile(rf"\b(?:{word})\b", re.IGNORECASE)
    used = [
        (where, text)
        for where, text in french()
        if pattern.search(re.sub(r"\{[^}]*\}|%\([^)]*\)s", "", _OF_THE_LAW.sub("", text)))
    ]
    assert used == []


def test_all_french_is_looked_at() -> None:
    places = {where for where, _ in french()}
    assert {
        "django.po",
        "fr.toml",
        "words.ts",
        "src/abaque/catalogue/words.py",
        "src/abaque/connectors/files/words.py",
        "src/abaque/app/story/tell.py",
        "src/abaque/api/description.py",
    } <= places


def test_the_fate_of_an_event_is_never_an_error() -> None:
    """A failure of the product is an outcome; nothing is wrong with the event that reports it."""
    fates = [
        text
        for name, text in texts().items()
        if "templates/words/fate" in name or "templates/words/reason" in name
    ]
    english = {key for text in fates for key in (m["one"] for m in _IN_TEMPLATE.finditer(templatize(text)))}
    entries = {key_of(message)[1]: message.string for message in catalogue() if message.id}
    spoken = [entries.get(ast.literal_eval(key), "") for key in english]
    assert len(spoken) > 5
    assert [text for text in spoken if "erreur" in str(text).lower()] == []
