"""The embedded database: a data folder, the PostgreSQL that serves it, and how others find it.

No Django here, and no driver unless a foreign database is checked: the supervisor stays small.
"""

from abaque.storage.server.fault import ServerError
from abaque.storage.server.folder import FORMAT, About, Folder, Secrets
from abaque.storage.server.launch import die_with_parent, make_way, spawn
from abaque.storage.server.reach import check_database, dsn_of, owner_dsn_of, session
from abaque.storage.server.server import Server

__all__ = [
    "FORMAT",
    "About",
    "Folder",
    "Secrets",
    "Server",
    "ServerError",
    "check_database",
    "die_with_parent",
    "dsn_of",
    "make_way",
    "owner_dsn_of",
    "session",
    "spawn",
]
