"""Our own styles, scripts and fonts, as the package holds them: small, few, kept in memory.

Names carry no hash, so a browser asks each time whether its copy is still right (ETag); the answer is short.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

ROOT = Path(__file__).resolve().parent / "static"

_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_FILES_KEPT = 64


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    #: Empty where packing gains nothing, as for fonts.
    packed: bytes
    media_type: str
    etag: str


@require_safe
def static_file(request: HttpRequest, path: str) -> HttpResponse:
    """Answer with one file of `static`; 404 for anything else, 304 where the reader's copy is right."""
    wanted = (ROOT / path.replace("\x00", "")).resolve()
    if not wanted.is_relative_to(ROOT) or not wanted.is_file():
        raise Http404
    found = _read(wanted, wanted.stat().st_mtime_ns)
    known = parse_etags(request.headers.get("If-None-Match", ""))
    response: HttpResponse
    if found.etag in known or f"W/{found.etag}" in known:
        response = HttpResponseNotModified()
    else:
        packed = bool(found.packed) and "gzip" in request.headers.get("Accept-Encoding", "")
        response = HttpResponse(found.packed if packed else found.content, content_type=found.media_type)
        if packed:
            response["Content-Encoding"] = "gzip"
    response["ETag"] = f"W/{found.etag}"
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ("Accept-Encoding",))
    return response


@lru_cache(maxsize=_FILES_KEPT)
def _read(path: Path, _changed_ns: int) -> _File:
    content = path.read_bytes()
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    packed = gzip.compress(content, mtime=0)
    return _File(
        content,
        packed if len(packed) < len(content) * 9 // 10 else b"",
        media_type,
        f'"{hashlib.sha256(content).hexdigest()[:20]}"',
    )
