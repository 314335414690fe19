"""`abaque demo`: play the story of a document-processing SaaS."""

import argparse

from abaque.app.commands.common import Commands


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    demo = commands.add_parser("demo", parents=[common], help="play six months of a SaaS and show what happened")
    demo.set_defaults(run=lambda _options: 0)
