"""`abaque up`: start everything on a data folder."""

import argparse
import socket
import sys
from urllib.parse import urlsplit

from abaque.app.commands.common import Commands, Stop
from abaque.app.start import secrets_of
from abaque.app.supervisor import Child, Mode, supervise
from abaque.storage.server import Folder, ServerError


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    up = commands.add_parser("up", parents=[common], help="start the platform on a data folder")
    up.add_argument(
        "--test", action="store_true", help="make it a test folder: SPECIMEN documents, a clock to advance"
    )
    up.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    up.add_argument("--port", type=int, default=8000)
    up.add_argument("--public-url", help="how browsers reach it, where a proxy stands before it")
    up.add_argument(
        "--owner", default="owner@example.org", metavar="EMAIL", help="who gets the first sign-in link"
    )
    up.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Start PostgreSQL, prepare the database, then serve until told to end."""
    try:
        folder = Folder(options.data)
        about = folder.prepare(test=options.test or None)
        url = options.public_url or _own_url(options)
        check_port(options.host, options.port)
        env = environment(options, url)
        print(f"Abaque · {'test ' if about.test else ''}folder {options.data}\n{url}/console/", flush=True)
        return supervise(folder, children(options, env, test=about.test))
    except ServerError as error:
        raise Stop(str(error)) from None


def environment(options: argparse.Namespace, url: str) -> dict[str, str]:
    """Return what every child process is told."""
    hosts = f"127.0.0.1,localhost,[::1],{urlsplit(url).hostname}"
    owner = getattr(options, "owner", "")
    return {
        **secrets_of(options.data),
        "ABAQUE_PUBLIC_URL": url,
        "ABAQUE_HOSTS": hosts,
        "ABAQUE_OWNER": owner,
    }


def children(options: argparse.Namespace, env: dict[str, str], *, test: bool) -> list[Child]:
    """Return the processes of a running platform, in the order in which they start."""
    python = sys.executable
    prepare = (python, "-m", "abaque.app.prepare", *(("--test",) if test else ()))
    web = (python, "-m", "abaque.app.serve", "web", options.host, str(options.port))
    return [
        Child(name="prepare", command=prepare, env=env, mode=Mode.FIRST, owner=True),
        Child(name="web", command=web, env=env),
        Child(name="worker", command=(python, "-m", "abaque.app.serve", "worker"), env=env),
    ]


def _own_url(options: argparse.Namespace) -> str:
    """Return the address on this machine; what others are to reach needs the name they reach it by."""
    if options.host not in {"127.0.0.1", "::1", "localhost"}:
        raise Stop(f"{options.host} is not loopback: say with --public-url how browsers reach it (https://…)")
    host = f"[{options.host}]" if ":" in options.host else options.host
    return f"http://{host}:{options.port}"


def check_port(host: str, port: int) -> None:
    """Stop with a sentence where the address is taken."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Stop(
                f"{host}:{port} cannot be used ({error.strerror}): choose another with --port"
            ) from None
