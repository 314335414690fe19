"""The first hour of the README, word for word: its commands, in their order, on a platform of its own."""

import html
import json
import re
import sys
import time
import urllib.request
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdf
import pytest

from abaque.catalogue import load

from .conftest import ROOT, Shell, shell_blocks

HEADING = {"README.md": "The first hour", "README.fr.md": "La première heure"}
COUNTED_SECONDS_MAX = 60  # what it took is printed, not asserted: a busy machine must not fail the test


def block_with(blocks: list[str], *parts: str) -> str:
    """Return the one block that holds all of these parts."""
    [found] = [block for block in blocks if all(part in block for part in parts)]
    return found


def readable(page: str) -> str:
    without = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", without)))


def open_link(url: str) -> str:
    """Open a page as a browser does: follow the redirect, keep the cookie."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with browser.open(url, timeout=20) as answer:
        return readable(answer.read().decode())


@pytest.fixture(scope="module")
def blocks() -> list[str]:
    return shell_blocks(ROOT / "README.md", HEADING["README.md"])


@pytest.fixture(scope="module")
def said(shell: Shell, blocks: list[str]) -> dict[str, str]:
    """Live through the hour once; what each block printed, and the customer's page before the month passed."""
    _not_around_midnight()
    answers: dict[str, str] = {}
    shell.up(blocks[0])
    for block in blocks[1:]:
        answers[block] = shell.run(block)
        if "/v1/usage" in block:
            answers[block] = _until_counted(shell, block, answers[block])
        if "abaque link" in block:
            answers["portal"] = open_link(answers[block].strip())
    return answers


def _not_around_midnight() -> None:
    """Wait where the day of the subscription might not be the day of the event."""
    local = datetime.now(UTC).astimezone(ZoneInfo("Europe/Paris"))
    if (local.hour, local.minute) == (23, 59):
        time.sleep(61 - local.second)


def _until_counted(shell: Shell, block: str, answer: str) -> str:
    started = time.monotonic()
    while '"quantity": "2"' not in answer and time.monotonic() - started < COUNTED_SECONDS_MAX:
        time.sleep(0.1)
        answer = shell.run(block)
    took = time.monotonic() - started
    sys.stdout.write(
        f"\nThe event was counted {took:.1f} s after it was first asked for; it should be within 2.\n"
    )
    return answer


def test_the_french_page_has_the_same_commands() -> None:
    english, french = ROOT / "README.md", ROOT / "README.fr.md"
    assert shell_blocks(english) == shell_blocks(french)
    assert shell_blocks(english, HEADING["README.md"]) == shell_blocks(french, HEADING["README.fr.md"])


def test_an_event_of_unknown_type_is_recorded_and_the_answer_says_what_to_do(
    said: dict[str, str], blocks: list[str]
) -> None:
    answer = json.loads(said[block_with(blocks, '"report-1"')])
    assert (answer["accepted"], answer["rejected"]) == (1, 0)
    [warning] = answer["events"][0]["warnings"]
    assert warning["code"] == "recorded"
    assert "POST /v1/meters" in warning["message"]


def test_the_next_event_is_counted_without_a_warning(said: dict[str, str], blocks: list[str]) -> None:
    answer = json.loads(said[block_with(blocks, '"report-2"')])
    assert (answer["accepted"], answer["events"]) == (1, [])


def test_both_events_are_counted(said: dict[str, str], blocks: list[str]) -> None:
    [row] = json.loads(said[block_with(blocks, "/v1/usage")])["items"]
    assert (row["customer"], row["meter"], row["quantity"]) == ("acme", "reports", "2")


def test_the_customer_sees_them_and_what_they_will_cost(said: dict[str, str]) -> None:
    page = said["portal"]
    assert "ACME Ltd" in page
    assert "€5.00" in page
    assert re.search(r"reports\s+2\b", page, re.IGNORECASE)


def test_a_month_later_there_is_a_draft(said: dict[str, str], blocks: list[str]) -> None:
    drafts = json.loads(said[block_with(blocks, "state=draft")])["items"]
    [draft] = [draft for draft in drafts if draft["net"]["amount"]]
    assert draft["net"] == {"amount": 500, "currency": "EUR"}
    assert draft["tax"]["amount"] == 100
    assert (draft["number"], draft["missing"]) == (None, [])


def test_closing_issues_it(said: dict[str, str], blocks: list[str]) -> None:
    assert "1 issued" in said[block_with(blocks, "abaque close")]


def test_the_invoice_is_a_specimen_as_pdf(shell: Shell, said: dict[str, str]) -> None:
    assert said
    content = (shell.place / "first-hour" / "invoice.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(content)).pages)
    assert "SPECIMEN" in text
    assert re.search(r"TEST-\d{4}-000001", text)
    assert "ACME Ltd" in text
    assert "€6.00" in text


def test_explain_leads_from_the_amount_to_both_events(said: dict[str, str], blocks: list[str]) -> None:
    explained = said[block_with(blocks, "abaque explain")]
    assert "€5.00" in explained
    assert "/app report-1" in explained
    assert "/app report-2" in explained


def test_all_invariants_hold(shell: Shell, said: dict[str, str]) -> None:
    assert said
    assert json.loads(shell.run("abaque self-check --json"))["good"]


def test_every_file_the_pages_link_to_exists() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        text = page.read_text(encoding="utf-8")
        links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
        named = [Path(link) for link in links if "://" not in link]
        assert [link for link in named if not (page.parent / link).exists()] == [], page


def test_the_catalogue_page_s_example_is_a_catalogue() -> None:
    page = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
    example, *parts = re.findall(r"^```yaml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    catalogue = load(example, name="catalogue.md")
    assert set(catalogue.meters) == {"documents", "pages"}
    assert [charge.code for charge in catalogue.plans["pro"].plan.charges] == ["base", "documents", "pages"]
    for part in parts:
        load(part, name="catalogue.md", known_meters=catalogue.meters)
