"""Styles, scripts and fonts come from the package itself, and a browser's copy is asked for once."""

import gzip

import pytest
from django.test import Client

from abaque.web.files import ROOT


def test_a_style_is_served_packed_and_its_copy_stays_good() -> None:
    address = "/static/css/base.css"
    answer = Client().get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert gzip.decompress(answer.content) == (ROOT / "css/base.css").read_bytes()
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    again = Client().get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().get(address).content == (ROOT / "css/base.css").read_bytes()


@pytest.mark.parametrize(
    "path", ["../urls.py", "css", "css/none.css", "%2e%2e/urls.py", "css/base.css%00.js"]
)
def test_nothing_else_is(path: str) -> None:
    assert Client().get(f"/static/{path}").status_code == 404
