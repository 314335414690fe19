"""`python -m abaque.app.story`: a child of the demonstration's supervisor."""

import os
from collections.abc import Callable
from pathlib import Path

from abaque.app.commands.common import Bar, language
from abaque.app.commands.demo import STARTED, TOLD
from abaque.app.start import setup


def main() -> None:
    """Play the story once in this folder, print its table, then the links."""
    setup()
    from abaque.app.story.figures import gather
    from abaque.app.story.play import Play, stage, wait_for_door
    from abaque.app.story.tell import tell
    from abaque.sandbox.story import Story

    folder, url = Path(os.environ["ABAQUE_DATA"]), os.environ["ABAQUE_PUBLIC_URL"]
    told = folder / TOLD
    wait_for_door(url)
    if not told.exists():
        story = Story(scale=float(os.environ.get("ABAQUE_STORY_SCALE", "1")))
        (folder / STARTED).touch()
        stage(story)
        play = Play(story, url, _progress())
        told.write_text(tell(gather(play, play.run()), language()) + "\n", encoding="utf-8")
    print("\n" + told.read_text(encoding="utf-8"), flush=True)
    if "ABAQUE_ONCE" not in os.environ:
        _links(url)


def _progress() -> Callable[[str, int, int], None]:
    """Show a bar on a terminal, elsewhere a line per month."""
    bar, months = Bar(""), set[str]()

    def tell(day: str, done: int, total: int) -> None:
        bar.label = day
        bar(done, total)
        month = day[-8:]
        if not bar.shown and month not in months:
            months.add(month)
            print(f"  {month} …" if done < total else "  played", flush=True)

    return tell


def _links(url: str) -> None:
    """Print links that are ready to be opened."""
    from abaque.billing.invite import new_invitation
    from abaque.billing.permissions import SYSTEM
    from abaque.billing.portal_link import new_link
    from abaque.sandbox.firms import FIRMS
    from abaque.storage import clock

    now = clock.now()
    print("Console, as finance (choose a password once):")
    print(f"  {new_invitation('finance@feuillet.example', 'owner', now=now, by=SYSTEM)}")
    print("Portal, as a customer:")
    for firm in FIRMS[:2]:
        print(f"  {firm.name}: {new_link(firm.external_id, now=now, by=SYSTEM)}")
    print(f"Then: {url}/console/ · stop with Ctrl-C", flush=True)


if __name__ == "__main__":
    main()
