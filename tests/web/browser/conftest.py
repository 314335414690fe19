"""A running test folder with a small shop in it, and chromium beside it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

HERE = Path(__file__).resolve().parent
FIRST_MOMENT = "2026-03-10T12:00:00+00:00"
PASSWORD = "correct horse battery"
_READY_SECONDS_MAX = 60


@dataclass(frozen=True)
class Site:
    """Where the folder is served, and what `seed.py` says of what is in it."""

    url: str
    found: dict[str, Any]

    def invoice(self, customer: str) -> str:
        """Return the id of a customer's invoice of February: Martin's is issued, the others are drafts."""
        return str(self.found["invoices"][customer])

    def send(self, *events: dict[str, Any]) -> None:
        """Send events through the door, as the product does."""
        request = urllib.request.Request(
            f"{self.url}/v1/events",
            json.dumps(events).encode(),
            {
                "Content-Type": "application/cloudevents-batch+json",
                "Authorization": f"Bearer {self.found['key']}",
            },
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert json.load(answer)["accepted"] == len(events)


@dataclass
class Reader:
    """Somebody with a browser, and what went wrong on the pages they opened."""

    context: BrowserContext
    url: str
    errors: list[str] = field(default_factory=list)

    def open(self, address: str, *, status: int = 200) -> Page:
        """Open a page, by its path or its whole address, in a tab of its own."""
        page = self.context.new_page()
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        answer = page.goto(address if address.startswith("http") else self.url + address)
        assert answer is not None
        assert answer.status == status, f"{address}: {answer.status}"
        return page


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start `abaque up --test` in a folder of its own, on a free port, with a shop in it."""
    place = tmp_path_factory.mktemp("browser")
    folder, port = place / "data", _free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ABAQUE_", "DJANGO_"))}
    env |= {"ABAQUE_FIRST_MOMENT": FIRST_MOMENT}
    command = [
        sys.executable, "-c", "import sys; from abaque.app.cli import main; sys.exit(main())",
        "up", "--test", "--data", str(folder), "--port", str(port),
    ]  # fmt: skip
    with (place / "up.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process, place / "up.log")
        seeded = subprocess.run(
            [sys.executable, str(HERE / "seed.py"), str(folder)],
            env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert seeded.returncode == 0, seeded.stderr
        yield Site(url, json.loads(seeded.stdout))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


@pytest.fixture(scope="session")
def staff(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Take up the owner's invitation, and keep the cookies that gives."""
    kept = tmp_path_factory.mktemp("cookies") / "owner.json"
    with sync_playwright() as playwright:
        browser = _chromium(playwright)
        page = browser.new_page(locale="en-GB")
        page.goto(site.found["welcome"])
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("The same again").fill(PASSWORD)
        page.locator("main form button").click()
        page.wait_for_url("**/console/")
        page.context.storage_state(path=kept)
        browser.close()
    return kept


# Of a module: while playwright's loop runs, Django refuses to speak to a database in this thread.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = _chromium(playwright)
        yield opened
        opened.close()


Visit = Callable[..., Reader]


@pytest.fixture
def visit(browser: Browser, site: Site, staff: Path) -> Iterator[Visit]:
    """Open a browser of somebody: `visit("owner")`, or a customer through their link, `visit("dupont")`."""
    contexts: list[BrowserContext] = []

    def opened(who: str, *, lang: str = "en", **options: Any) -> Reader:
        if who == "owner":
            options["storage_state"] = staff
        context = browser.new_context(locale=lang, **options)
        contexts.append(context)
        context.add_cookies([{"name": "django_language", "value": lang, "url": site.url}])
        if who in site.found["portal"]:
            page = context.new_page()
            page.goto(site.found["portal"][who])
            page.close()
        return Reader(context, site.url)

    yield opened
    for context in contexts:
        context.close()


def _chromium(playwright: Any) -> Browser:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "these tests open pages in chromium: apt-get install chromium"
    browser: Browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
    return browser


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _READY_SECONDS_MAX
    while True:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
