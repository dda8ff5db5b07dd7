"""Putting files in their place whole or not at all; where the files of an installation lie.

Reads from: ``settings``.  Read by: ``backing_up``, ``restoring``, ``health``.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import BinaryIO

from taizhang.settings import data_folder, setting

try:
    import fcntl
except ImportError:  # Windows: what a run that was cut off left behind stays there
    fcntl = None  # type: ignore[assignment]

__all__ = ["alone_in", "attachment", "key_file", "replacing", "settle", "stored"]

_SHA256 = re.compile(r"[0-9a-f]{64}")


def key_file() -> Path:
    """Where the keys of the installation lie."""
    told = setting("TAIZHANG_KEYS")
    return Path(told).expanduser() if told else data_folder() / "keys.json"


def attachment(folder: Path, sha256: str) -> Path:
    """Where the bytes of an attachment lie."""
    return folder / "attachments" / sha256[:2] / sha256


def stored(folder: Path) -> Iterator[str]:
    """SHA-256 by name of every attachment that lies in a data folder."""
    with suppress(FileNotFoundError):
        for below in os.scandir(folder / "attachments"):
            if len(below.name) == 2 and below.is_dir():
                for one in os.scandir(below.path):
                    if _SHA256.fullmatch(one.name) and one.name.startswith(below.name):
                        yield one.name


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """A new file, readable by its owner alone, that takes the name when it is whole and on the disk.

    Raises:
        OSError: It cannot be written.
    """
    _sweep(target)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            _lock(file.fileno())  # who sweeps knows that somebody is still at it
            yield file
            file.flush()
            os.fsync(file.fileno())
            if fcntl:
                beside.replace(target)
        if not fcntl:
            beside.replace(target)  # Windows renames no open file
    finally:
        beside.unlink(missing_ok=True)
    settle(target.parent)


def _sweep(target: Path) -> None:
    """Remove what runs that were killed have left beside the target."""
    for left in target.parent.glob(f".{escape(target.name)}.*.part") if fcntl else ():
        with suppress(OSError), left.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _lock(handle: int) -> None:
    if fcntl:
        fcntl.flock(handle, fcntl.LOCK_EX)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep everybody else who asks for the same out of a folder."""
    if not fcntl:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)


def settle(folder: Path) -> None:
    """Force the names in a folder to the disk."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
