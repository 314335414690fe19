"""`abaque link|invite`: a customer's portal link, and a link for a new member of staff."""

import argparse

from abaque.app.commands.common import Commands, actor, connected


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    link = commands.add_parser("link", parents=[common], help="a signed link to a customer's portal")
    link.add_argument("customer", help="external or public id")
    link.add_argument("--hours", type=int, default=72, help="how long it opens the portal (default: 72)")
    link.set_defaults(run=run_link)
    invite = commands.add_parser("invite", parents=[common], help="a one-time link for a member of staff")
    invite.add_argument("email")
    invite.add_argument("--role", choices=("owner", "finance", "support", "auditor"), default="finance")
    invite.set_defaults(run=run_invite)


def run_link(options: argparse.Namespace) -> int:
    """Print a portal link."""
    with connected(options):
        from abaque.billing.portal_link import new_link
        from abaque.storage import clock

        print(new_link(options.customer, now=clock.now(), by=actor(), hours=options.hours))
    return 0


def run_invite(options: argparse.Namespace) -> int:
    """Print an invitation."""
    with connected(options):
        from abaque.billing.invite import new_invitation
        from abaque.storage import clock

        print(new_invitation(options.email, options.role, now=clock.now(), by=actor()))
    return 0
