"""From a document to the bytes of a PDF, the same bytes for the same document."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final

import typst

from abaque.documents import fonts
from abaque.documents.invoice.document import InvoiceDocument
from abaque.documents.invoice.page import page

_TEMPLATES = Path(__file__).parent
_TEMPLATE = "invoice.typ"
ARCHIVAL: Final = "a-3a"
# How typst refuses what the archival format forbids, above all characters that no font at hand has.
_REFUSED = "PDF/A"
_NO_GLYPH = re.compile(r'the text `"(?P<text>.+?)"` could not be displayed with font')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")

# A compiler cannot be used by two threads at once, and threads would make it no faster.
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A PDF and what it is fit for.

    archival: the file is PDF/A-3a. It is not where a name has characters that neither Inter nor a font of
    this machine has: these are printed as empty boxes, and `unreadable` names the first.
    """

    content: bytes
    archival: bool
    unreadable: str = ""


def render(document: InvoiceDocument) -> Rendered:
    """Draw a document on A4. Raises the faults of InvoiceDocument.check and of an unknown currency."""
    document.check()
    inputs = {"page": json.dumps(page(document), ensure_ascii=False)}
    unreadable = ""
    for machine_fonts in (False, True):
        try:
            content = _compile(document, inputs, machine_fonts=machine_fonts, archival=True)
        except typst.TypstError as error:
            if not error.message.startswith(_REFUSED):
                raise
            unreadable = _refused_text(error.message)
        else:
            return Rendered(content, archival=True)
    content = _compile(document, inputs, machine_fonts=True, archival=False)
    return Rendered(content, archival=False, unreadable=unreadable)


def _refused_text(message: str) -> str:
    """Return the characters a refusal names, or all it says where it names none."""
    found = _NO_GLYPH.search(message)
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), found["text"]) if found else message


def _compile(
    document: InvoiceDocument, inputs: dict[str, str], *, machine_fonts: bool, archival: bool
) -> bytes:
    with _ONE_AT_A_TIME:
        content = _compiler(machine_fonts=machine_fonts).compile(
            input=str(_TEMPLATES / _TEMPLATE),
            format="pdf",
            sys_inputs=inputs,
            timestamp=document.rendered_at,
            pdf_standards=[ARCHIVAL] if archival else [],
        )
    assert isinstance(content, bytes)  # only pictures come as one file per page
    return content


@cache
def _compiler(*, machine_fonts: bool) -> typst.Compiler:
    # One compiler per process: it keeps the parsed template and fonts, which is most of the cost.
    faces = typst.Fonts(
        include_system_fonts=machine_fonts, include_embedded_fonts=False, font_paths=[str(fonts.folder())]
    )
    return typst.Compiler(root=str(_TEMPLATES), font_paths=faces)


def prove(document: InvoiceDocument) -> None:
    """Render a document only to see whether it can be; raises what `render` raises."""
    render(document)
