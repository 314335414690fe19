"""`abaque keys create|revoke|list`: keys for machines."""

import argparse

from abaque.app.commands.common import Commands, actor, connected, table

EVERYTHING = "events:write,usage:write,customers:write,catalogue:write,billing:write,read"


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    keys = commands.add_parser("keys", help="API keys").add_subparsers(required=True)
    create = keys.add_parser("create", parents=[common], help="make a key; it is shown once")
    create.add_argument("name")
    create.add_argument(
        "--scopes", default="events:write", help=f"comma-separated, of {EVERYTHING}; or `all`"
    )
    create.add_argument("--source", action="append", help="a source it may write for (default: any)")
    create.set_defaults(run=run_create)
    revoke = keys.add_parser("revoke", parents=[common], help="end a key at once")
    revoke.add_argument("key", help="its id, or the characters it begins with")
    revoke.set_defaults(run=run_revoke)
    listed = keys.add_parser("list", parents=[common], help="list the keys")
    listed.set_defaults(run=run_list)


def run_create(options: argparse.Namespace) -> int:
    """Print the key on standard output, and what it may do on standard error."""
    scopes = EVERYTHING if options.scopes == "all" else options.scopes
    with connected(options):
        from abaque.billing.create_key import new_key
        from abaque.storage import clock

        sources = tuple(options.source) if options.source else None
        made = new_key(options.name, tuple(scopes.split(",")), sources, now=clock.now(), by=actor())
    print(made["key"])
    return 0


def run_revoke(options: argparse.Namespace) -> int:
    """Revoke a key."""
    with connected(options):
        from abaque.billing.revoke_key import RevokeKey, revoke_key
        from abaque.billing.runner import perform
        from abaque.storage import clock

        done = perform(revoke_key, RevokeKey(options.key), now=clock.now(), by=actor())
    print(f"Revoked {done['id']}.")
    return 0


def run_list(options: argparse.Namespace) -> int:
    """List keys, never the secrets."""
    with connected(options):
        from abaque.storage.models import ApiKey

        rows = [("id", "begins", "name", "scopes", "sources", "revoked")]
        rows += [
            (
                key.public_id,
                key.prefix,
                key.name,
                ",".join(key.scopes),
                ",".join(key.sources or ["any"]),
                "" if key.revoked_at is None else f"{key.revoked_at:%Y-%m-%d}",
            )
            for key in ApiKey.objects.order_by("pk")
        ]
    print(table(rows))
    return 0
