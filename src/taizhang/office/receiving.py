"""Bytes that come in from outside: counted while they come, on the disk before anybody relies on them.

Reads from: nothing of ours.  Read by: ``attachments``, ``uploads``.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from taizhang.errors import InputError

__all__ = ["Received", "put_in_place", "receive"]


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has been received, under a name of its own; whoever asked moves or removes it."""

    path: Path
    sha256: str
    size: int


def put_in_place(received: Path, path: Path) -> None:
    """Give a file that was received its name, for good: the folders are on the disk as well.

    A file whose name is not written down is not there after a power cut, however safe its bytes are.
    """
    missing = [one for one in path.parents if not one.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    received.replace(path)
    for folder in {path.parent, *(one.parent for one in missing)}:
        _write_down(folder)


def _write_down(folder: Path) -> None:
    if os.name != "posix":  # Windows opens no folders
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def receive(folder: Path, name: str, chunks: Iterable[bytes], largest: int) -> Received:
    """Write what comes in to a new file of a folder.

    Args:
        folder: Made where it is not there.
        name: As the sender calls the file, for messages.
        chunks: Its bytes.
        largest: So many bytes at most.

    Raises:
        InputError: ``E-FILE-SIZE``, ``E-FILE-EMPTY``; nothing is left behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, prefix="receiving-", delete=False) as file:
        path = Path(file.name)
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > largest:
                    raise InputError(
                        "'{name}' is larger than {largest} MB.",
                        hint="Send it in parts, a scan at a lower resolution, a ledger by county.",
                        zh="“{name}”超过 {largest} MB，请拆分后提交：扫描件降低分辨率，台账按县分开。",
                        code="E-FILE-SIZE",
                        name=name,
                        largest=largest // 2**20,
                    )
                digest.update(chunk)
                file.write(chunk)
            if not size:
                raise InputError(
                    "'{name}' is empty.",
                    hint="Choose the file again.",
                    zh="“{name}”是空文件，请重新选择。",
                    code="E-FILE-EMPTY",
                    name=name,
                )
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return Received(path, digest.hexdigest(), size)
