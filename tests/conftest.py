"""What all tests share. The database is started by `tests/settings.py`."""

import os
import socket
from collections.abc import Iterator

import hypothesis
import pytest
from pytest_django import DjangoDbBlocker
from tests.sweeping import sweep

LOOPBACK = {"127.0.0.1", "::1", "localhost", ""}

# A law holds on a busy machine too: how long an example takes is no part of it.
hypothesis.settings.register_profile("abaque", parent=hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("abaque")


APPLICATION = os.environ.get(
    "ABAQUE_TEST_APPLICATION"
)  # absent where the tests run on a database of one's own


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Give the application's role its rights in the tests' database."""
    del django_db_setup
    from abaque.storage import hot
    from abaque.storage.grants import grant

    if APPLICATION is not None:
        with django_db_blocker.unblock():
            grant(APPLICATION)
            hot.run(f"GRANT INSERT, UPDATE ON clock TO {APPLICATION}")  # tests set it, as `prepare` does


@pytest.fixture(scope="session", autouse=True)
def _swept_quickly() -> Iterator[None]:
    """Empty the database after a test that commits, in our own way instead of Django's."""
    patch = pytest.MonkeyPatch()
    patch.setattr("django.test.TransactionTestCase._fixture_teardown", lambda _: sweep())
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _as_the_application(request: pytest.FixtureRequest) -> None:
    """Let what a test does in one transaction be done by the application's role, as in a running platform.

    Tests that commit are the owner's: they empty the tables afterwards.
    """
    marker, fixtures = request.node.get_closest_marker("django_db"), set(request.fixturenames)
    commits = marker is not None and marker.kwargs.get("transaction", False)
    if commits or fixtures & {"transactional_db", "live_server"} or not (marker or "db" in fixtures):
        return
    if APPLICATION is None:
        return
    request.getfixturevalue("db")
    from abaque.storage import hot

    hot.run(f"SET LOCAL ROLE {APPLICATION}")


@pytest.fixture(autouse=True)
def _network_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection but those to this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX and isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise AssertionError(f"a test reached for the network: {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
