"""From a document to the bytes of a PDF, the same bytes for the same document."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typst

from abaque.documents import fonts
from abaque.documents.invoice.document import InvoiceDocument
from abaque.documents.invoice.page import page

_TEMPLATES = Path(__file__).parent
_TEMPLATE = "invoice.typ"
ARCHIVAL = "a-3a"
# How typst refuses a character that none of the document's fonts has (PDF/A forbids blanks for it).
_NO_GLYPH = "could not be displayed with font"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A PDF and what it is fit for.

    archival: the file is PDF/A-3a. Where a name has characters that Inter lacks it cannot be: then
    the fonts of the machine are asked for them, and `refusal` says which character was the first.
    """

    content: bytes
    archival: bool
    refusal: str = ""


def render(document: InvoiceDocument) -> Rendered:
    """Draw a document on A4. Raises the faults of InvoiceDocument.check and of an unknown currency."""
    document.check()
    inputs = {"page": json.dumps(page(document), ensure_ascii=False)}
    try:
        return Rendered(_compile(document, inputs, machine_fonts=False, pdf_standards=[ARCHIVAL]), archival=True)
    except typst.TypstError as error:
        if _NO_GLYPH not in error.message:
            raise
        content = _compile(document, inputs, machine_fonts=True)
        return Rendered(content, archival=False, refusal=error.message)


def preview(document: InvoiceDocument, *, pixels_per_inch: int = 72) -> tuple[bytes, ...]:
    """Draw each page of a document as a PNG picture."""
    document.check()
    inputs = {"page": json.dumps(page(document), ensure_ascii=False)}
    return tuple(
        _compiler(machine_fonts=True).compile(
            input=str(_TEMPLATES / _TEMPLATE), format="png", ppi=pixels_per_inch, sys_inputs=inputs
        )
    )


def _compile(document: InvoiceDocument, inputs: dict[str, str], *, machine_fonts: bool, **options: Any) -> bytes:
    content: bytes = _compiler(machine_fonts=machine_fonts).compile(
        input=str(_TEMPLATES / _TEMPLATE),
        format="pdf",
        sys_inputs=inputs,
        timestamp=document.rendered_at,
        **options,
    )
    return content


@cache
def _compiler(*, machine_fonts: bool) -> typst.Compiler:
    # One compiler per process: it keeps the parsed template and fonts, which is most of the cost.
    faces = typst.Fonts(
        include_system_fonts=machine_fonts, include_embedded_fonts=False, font_paths=[str(fonts.folder())]
    )
    return typst.Compiler(root=str(_TEMPLATES), font_paths=faces)
