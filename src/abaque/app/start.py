"""Set Django up in a process of ours."""

import os
from pathlib import Path


def setup() -> None:
    """Set Django up from the environment. Idempotent."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abaque.app.settings")
    import django

    django.setup()
    connect_archive()


def connect_archive() -> None:
    """Tell the read side where archived months lie."""
    from django.conf import settings

    from abaque.connectors.parquet import ParquetArchive
    from abaque.storage import archived

    archived.connect(ParquetArchive(settings.ARCHIVE))


def secrets_of(path: Path) -> dict[str, str]:
    """Return a data folder's secrets as the environment its processes get."""
    from abaque.storage.server import Folder

    secrets = Folder(path).secrets
    return {"ABAQUE_SIGNING_KEY": secrets.signing.hex(), "ABAQUE_HASHING_KEY": secrets.hashing.hex()}
