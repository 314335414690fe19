"""Each story beside this file is a test of its own."""

from decimal import Decimal
from pathlib import Path

import pytest
from tests.stories.language import read
from tests.stories.prices import StoryError

STORIES = sorted(Path(__file__).parent.glob("*.story"))
SOUND = (
    "plan in EUR, every month\ncharge base: flat 49.00\ncustomer in UTC from 2026-01-01\nuntil 2026-02-01\n"
)


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_story_is_invoiced_as_its_hand_worked_it_out(path):
    story = read(path.read_text(encoding="utf-8"), path.name)
    assert story.played() == [one.told() for one in story.documents]


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_hand_of_a_story_adds_up(path):
    for one in read(path.read_text(encoding="utf-8"), path.name).documents:
        assert sum(one.lines.values(), Decimal(0)) == one.figures["net"], one.due
        assert one.figures["net"] + one.figures["tax"] == one.figures["total"], one.due


def test_there_are_stories():
    assert len(STORIES) >= 20


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("plan in EUR, every moon\n", "x.story:1: cannot understand: plan in EUR, every moon"),
        (SOUND + "charge base: flat 1\n", "x.story:5: a charge cannot be named base here"),
        (SOUND + "charge more: flat 1; sometimes\n", "x.story:5: cannot understand: sometimes"),
        (SOUND + "charge docs: 1 each; kept for 2\n", "x.story:5: cannot understand: kept for 2"),
        (SOUND + "used base 3 on 2026-01-02\n", "x.story:5: there is no charge on usage named base"),
        (SOUND + "invoice 2026-02-01\n  bass 1\n", "x.story:6: there is no charge named bass"),
        (SOUND + "invoice 2026-02-01\n  base 49.00\n", "x.story:5: the document says no net and no tax"),
        (SOUND + "invoice 2026-02-01\n  net 1\n  net 1\n", "x.story:7: net stands twice"),
        ("plan in EUR, every month\n", "x.story:1: the story says no `customer`"),
        ("customer in Mars/Base from 2026-01-01\n", "x.story:1: unknown_zone"),
    ],
)
def test_what_a_story_cannot_say_is_shown_at_its_line(text, sentence):
    with pytest.raises(StoryError) as refused:
        read(text, "x.story")
    assert str(refused.value).startswith(sentence)
