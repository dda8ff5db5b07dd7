"""A PostgreSQL server for the tests alone: made in a second, gone with the process that made it.

The cluster lies in a folder of its own, reached by a socket in that folder and by a free port of
127.0.0.1; a cluster that the machine already runs is neither asked nor touched.  PostgreSQL refuses
to run as root: root lends it the account ``postgres``.

A *keeper* stops it and removes its folder.  The keeper reads from a pipe that only the test process
holds open, so it wakes however that process ends: leaving the ``with``, an exception, ``kill -9``.

Nothing is forced to the disk here, and where memory serves as a disk the cluster lies in it.  Times of
writing taken on this cluster flatter PostgreSQL; that what was acknowledged survives a power cut cannot be
tested on it.

Reads from: psycopg and the server's programs.  Read by: ``tests/conftest.py``.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

OLDEST = 15
MEMORY = Path("/dev/shm")  # a database of 600 files is made there in a tenth of the time
ROOM = 4 << 30  # bytes: what all databases of a test process that are there at once stay well below
SUPERUSER = "tester"
APPLICATION = "application"  # may sign in and nothing else, until a test grants it more

SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = '{folder}'
unix_socket_permissions = 0700
port = {port}
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_connections = 100
timezone = 'UTC'
"""
NEW_ROLE = "create role {} login nosuperuser nocreatedb nocreaterole password {}"
#: Waits for the end of the pipe, then leaves nothing behind: ``$1`` pg_ctl, ``$2`` data, ``$3`` folder.
KEEPER = """
read -r _
"$1" stop -D "$2" -m immediate -w -t 30 >/dev/null 2>&1
rm -rf "$3"
"""


class NoServerError(Exception):
    """Why no cluster can be made on this machine."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server.

    Attributes:
        folder: Its data, its log and its socket.
        port: Where it listens on 127.0.0.1; the socket has the same number.
        password: Of both roles, ``SUPERUSER`` and ``APPLICATION``.
    """

    folder: Path
    port: int
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """Address of the database ``postgres`` for the superuser."""
        return self.address("postgres")

    def address(self, database: str, role: str = SUPERUSER) -> str:
        """Address of a database for a role, as the setting ``TAIZHANG_DATABASE`` takes it."""
        return f"postgresql://{role}:{self.password}@127.0.0.1:{self.port}/{quote(database)}"

    def socket_address(self, database: str, role: str = SUPERUSER) -> str:
        """The same by the socket, without a password."""
        return f"postgresql://{role}@localhost:{self.port}/{quote(database)}?host={quote(str(self.folder))}"

    def fresh_database(self, name: str, template: str = "template0") -> str:
        """Make a database like another one, in place of one of that name; return its address.

        Whoever is still connected to the old one is thrown out.
        """
        with psycopg.connect(self.url, autocommit=True) as connection:
            quoted = sql.Identifier(name)
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(quoted))
            copied = "create database {} template {} strategy file_copy"
            connection.execute(sql.SQL(copied).format(quoted, sql.Identifier(template)))
        return self.address(name)

    def drop(self, name: str) -> None:
        """Remove a database; whoever is still connected to it is thrown out."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )


def binaries() -> Path:
    """The folder of ``initdb`` and ``pg_ctl``: the newest that Debian keeps, else what is on the path.

    Raises:
        NoServerError: There is none, or none of ``OLDEST`` or later.
    """
    found = {path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")}
    if (on_path := shutil.which("initdb")) is not None:
        found.add(Path(on_path).resolve().parent)
    versions = sorted((_version(folder), folder) for folder in found)
    if not versions:
        raise NoServerError("PostgreSQL is not installed: run tools/system-packages.sh as root")
    version, folder = versions[-1]
    if version < OLDEST:
        raise NoServerError(f"PostgreSQL {version} is too old: {OLDEST} or later is needed")
    return folder


def _version(folder: Path) -> int:
    said = subprocess.run([folder / "initdb", "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"\d+", said.stdout)
    return int(number.group()) if number else 0


def _account() -> dict[str, Any]:
    """How ``subprocess`` runs the server's programs: as ourselves, or for root as ``postgres``."""
    if os.geteuid() != 0:
        return {}
    import pwd

    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        raise NoServerError("root cannot run PostgreSQL, and there is no account 'postgres'") from None
    # root's own folder is often closed to others: the programs start elsewhere
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"}


def _roomy() -> Path | None:
    """Memory that serves as a disk, where there is enough of it; else where temporary files are kept."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A server that runs while the ``with`` does; 1 to 2 seconds to start.

    Raises:
        NoServerError: There are no programs of PostgreSQL, or nobody who may run them.
        RuntimeError: The server did not start; its log is in the message.
    """
    programs, account = binaries(), _account()
    folder = Path(tempfile.mkdtemp(prefix="taizhang-pg-", dir=_roomy()))
    if account:
        os.chown(folder, account["user"], account["group"])
    arguments = [programs / "pg_ctl", folder / "data", folder]
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, "keeper", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C ends the tests, not the one who cleans up after them
        **account,
    )
    try:
        _initialise(programs, folder, account)
        running = Cluster(folder, _start(programs, folder, account), secrets.token_urlsafe(16))
        with psycopg.connect(running.socket_address("postgres"), autocommit=True) as connection:
            for role, act in ((SUPERUSER, "alter role {} password {}"), (APPLICATION, NEW_ROLE)):
                connection.execute(sql.SQL(act).format(sql.Identifier(role), sql.Literal(running.password)))
        yield running
    finally:
        assert keeper.stdin is not None
        keeper.stdin.close()
        keeper.wait(timeout=60)


def _initialise(programs: Path, folder: Path, account: dict[str, Any]) -> None:
    command: list[str | Path] = [
        *(programs / "initdb", "--pgdata", folder / "data", "--no-sync", "--no-instructions"),
        *("--encoding=UTF8", "--locale=C", f"--username={SUPERUSER}"),
        *("--auth-local=trust", "--auth-host=scram-sha-256"),  # the socket's folder is closed to others
    ]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        **account,
    )
    if done.returncode != 0:
        raise RuntimeError(f"initdb said: {done.stderr or done.stdout}")


def _start(programs: Path, folder: Path, account: dict[str, Any]) -> int:
    """Start the server; another port when somebody took ours in the meantime."""
    log = folder / "log"
    for _ in range(3):
        port = _free_port()
        settings = SETTINGS.format(folder=folder, port=port)
        with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(settings)  # the last word on a setting counts
        done = subprocess.run(
            [programs / "pg_ctl", "start", "-D", folder / "data", "-l", log, "-w", "-t", "30", "-s"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=60,
            **account,
        )
        if done.returncode == 0:
            return port
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace') if log.exists() else ''}")
