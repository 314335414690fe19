"""Every page, at both widths, in both themes and both languages: nothing axe-core minds, nothing that overflows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

import abaque.web

AXE = Path(abaque.web.__file__).parent / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SIZES = ({"width": 390, "height": 844}, {"width": 1280, "height": 900})
THEMES = ("light", "dark")
_AXE = """axe.run({resultTypes: ['violations']}).then(found => found.violations.map(
    one => `${one.id}: ${one.nodes.map(node => node.target.join(' ')).join(' | ')}`))"""

CONSOLE = {
    "overview": "/console/",
    "customers": "/console/customers",
    "one customer": "/console/customers/{dupont}",
    "a held customer": "/console/customers/{legrand}",
    "events": "/console/events",
    "failures": "/console/events?fate=not_billable",
    "one event": "/console/event?source=/shop&id=dupont-02-1",
    "a recorded event": "/console/event?source=/shop&id=note-1",
    "invoices": "/console/invoices",
    "a draft": "/console/invoices/{draft}",
    "an invoice": "/console/invoices/{issued}",
    "review": "/console/review",
    "inbox": "/console/inbox?state=",
    "search": "/console/search?q=d",
    "hours": "/console/hours",
    "a total to state": "/console/hours?meter=pages&first=2026-03-01&last=2026-03-03",
    "hours of a day": "/console/hours/documents/2026-03-02",
    "meters and plans": "/console/meters",
    "a meter proposed": "/console/meters?propose=note.written",
    "keys": "/console/keys",
    "second factor": "/accounts/2fa/",
    "nothing there": "/console/nothing",
}
PORTAL = {"the portal": "/portal/", "an invoice": "/portal/invoices/{issued}"}
DOOR = {
    "sign in": "/accounts/login/",
    "a dead link": "/portal/enter/nothing",
    "a dead invitation": "/welcome/nothing",
}


@pytest.fixture(scope="module", params=["en", "fr"])
def contexts(request: Any, browser: Browser, site: Any, staff: Path) -> Iterator[dict[str, BrowserContext]]:
    """A member of staff, a customer and a stranger who read one language. The scripts of axe may run."""
    language = request.param
    options = {"locale": language, "bypass_csp": True}
    opened = {
        "console": browser.new_context(storage_state=staff, **options),
        "portal": browser.new_context(**options),
        "door": browser.new_context(**options),
    }
    opened["portal"].request.get(site.found["portal"]["martin"])
    for context in opened.values():
        context.add_cookies([{"name": "django_language", "value": language, "url": site.url}])
    yield opened
    for context in opened.values():
        context.close()


@pytest.mark.parametrize("name", CONSOLE)
def test_a_page_of_the_console(name: str, contexts: dict[str, BrowserContext], site: Any) -> None:
    address = CONSOLE[name].format(
        draft=site.invoice("dupont"), issued=site.invoice("martin"), **site.found["customers"]
    )
    look(contexts["console"], site.url + address, missing=name == "nothing there")


@pytest.mark.parametrize("name", PORTAL)
def test_a_page_of_the_portal(name: str, contexts: dict[str, BrowserContext], site: Any) -> None:
    look(contexts["portal"], site.url + PORTAL[name].format(issued=site.invoice("martin")))


@pytest.mark.parametrize("name", DOOR)
def test_a_page_before_the_door(name: str, contexts: dict[str, BrowserContext], site: Any) -> None:
    look(contexts["door"], site.url + DOOR[name], missing=name != "sign in")


def look(context: BrowserContext, address: str, *, missing: bool = False) -> None:
    """Open a page once and look at it in every size and theme."""
    page, errors = context.new_page(), []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    answer = page.goto(address)
    assert answer is not None
    assert answer.ok is not missing, answer.status
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.add_script_tag(path=AXE)
    wrong = [said for size in SIZES for theme in THEMES for said in seen(page, size, theme)]
    # The browser says of an answer like 404 that it failed, which is what was asked for.
    errors = [said for said in errors if not (missing and said.startswith("Failed to load resource"))]
    page.close()
    assert (wrong, errors) == ([], [])


def seen(page: Page, size: Any, theme: Any) -> list[str]:
    """Return what is wrong with the page in one size and theme."""
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=theme)
    # Colours fade from one theme to the other; what counts is where they end.
    page.evaluate("document.getAnimations().forEach(one => one.finish())")
    where = f"{size['width']} px, {theme}"
    beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = [f"{where}: {said}" for said in page.evaluate(_AXE)]
    return found + ([f"{where}: {beyond} px beyond the edge"] if beyond > 0 else [])
