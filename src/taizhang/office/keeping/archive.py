"""The form of a backup: a tar file whose first member is the manifest and whose last is the digest.

The manifest's place is kept free at the beginning and filled at the end, so that everything is written
once and nothing is held in memory.  The last member tells the SHA-256 of every byte before it, paddings
and headings included; from there on a file has exactly one spelling.  Any other byte is a damage.

Reads from: ``manifest``.  Read by: ``backing_up``, ``restoring``.

Source:
    POSIX.1-1988 (ustar), with the base-256 sizes of GNU tar for members above 8 GiB.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from taizhang.errors import InputError
from taizhang.office.keeping.manifest import FORMAT, Manifest

__all__ = ["MANIFEST", "PIECE", "Archive", "Members", "Sink", "check", "damaged", "read_manifest"]

MANIFEST = "manifest.json"
PIECE = 2**20  # bytes read or written at a time
_SEAL = "sha256.txt"
_BLOCK = 512
_TAIL = 4 * _BLOCK  # heading and text of the seal, and two blocks of zeros
_MOST = 2**30  # bytes of a manifest; a larger one is none


class Sink:
    """Where the bytes of one member go: counted and digested on their way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Write some bytes of the member."""
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back; a compressor asks for it."""

    @property
    def sha256(self) -> str:
        """Digest of what was written, 64 hexadecimal digits."""
        return self._digest.hexdigest()


class Archive:
    """A backup while it is written.

    Args:
        file: Empty, open for reading and writing.
        room: Bytes to keep free for the manifest.
        now: Seconds since 1970 that every member is dated with.
    """

    def __init__(self, file: BinaryIO, room: int, now: float) -> None:
        self._file, self._now = file, int(now)
        self._room = -(-room // _BLOCK) * _BLOCK
        file.seek(_BLOCK + self._room)

    @contextmanager
    def member(self, name: str) -> Iterator[Sink]:
        """Write one member; its heading follows when its size is known; after an error it is gone."""
        start = self._file.tell()
        self._file.seek(_BLOCK, os.SEEK_CUR)
        sink = Sink(self._file)
        try:
            yield sink
        except BaseException:
            self._file.seek(start)
            self._file.truncate()
            raise
        self._file.write(bytes(-sink.size % _BLOCK))
        end = self._file.tell()
        self._file.seek(start)
        self._file.write(_heading(name, sink.size, self._now))
        self._file.seek(end)

    def close(self, manifest: Manifest) -> str:
        """Fill in the manifest, read everything back, and seal it; return the digest.

        Raises:
            ValueError: The manifest needs more room than was kept free.
        """
        text = manifest.text()
        if len(text) > self._room:
            raise ValueError("too little room for the manifest")
        end = self._file.tell()
        self._file.seek(0)
        self._file.write(_heading(MANIFEST, self._room, self._now) + text.ljust(self._room))
        self._file.flush()
        self._file.seek(0)
        digest = _digest_of(self._file, end)
        self._file.seek(end)
        self._file.write(_tail(digest, self._now))
        return digest


class Members:
    """The members of a backup, to be read by name.

    Args:
        path: Of the backup.

    Raises:
        InputError: ``E-BACKUP-DAMAGED`` a heading cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("rb")
        try:
            with tarfile.open(fileobj=self._file, mode="r:") as tar:
                self._places = {one.name: (one.offset_data, one.size) for one in tar}
        except (tarfile.TarError, EOFError, UnicodeDecodeError):
            self.close()
            raise damaged(path, MANIFEST) from None

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a member, piece by piece.

        Raises:
            InputError: ``E-BACKUP-DAMAGED`` there is none of that name, or it ends too early.
        """
        at, size = self._places.get(name, (0, -1))
        self._file.seek(at)
        while size > 0 and (piece := self._file.read(min(size, PIECE))):
            size -= len(piece)
            yield piece
        if size:
            raise damaged(self._path, name)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def check(path: Path) -> str:
    """Read a whole backup and return its digest, if every byte is as it was written.

    Raises:
        InputError: ``E-BACKUP-FORM`` no backup; ``E-BACKUP-DAMAGED`` not all, or not as it was.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END) - _TAIL
        file.seek(0)
        if size < 0 or file.read(len(MANIFEST) + 1) != f"{MANIFEST}\0".encode():
            raise _no_backup(path)
        file.seek(0)
        digest = _digest_of(file, size)
        tail = file.read()
        try:
            whole = tail == _tail(digest, tarfile.TarInfo.frombuf(tail[:_BLOCK], "utf-8", "strict").mtime)
        except (tarfile.HeaderError, UnicodeDecodeError):
            whole = False
        if not whole:
            file.seek(0)
            raise damaged(path, _place_of_damage(file))
    return digest


def read_manifest(path: Path) -> Manifest:
    """What a backup says of itself.

    Raises:
        InputError: ``E-BACKUP-FORM`` no backup, or of a later form.
    """
    try:
        with path.open("rb") as file:
            return _manifest_of(file)
    except (OSError, ValueError, tarfile.TarError):
        raise _no_backup(path) from None


def damaged(path: Path, place: str) -> InputError:
    """A backup that may not be used."""
    return InputError(
        "The backup is damaged: {place}.",
        hint="Nothing was restored. Copy it again from where it is kept, or take the backup before it.",
        zh="备份文件已损坏（{place}），没有恢复任何内容；请从存放处重新复制，或使用更早的备份。",
        code="E-BACKUP-DAMAGED",
        where=str(path),
        place=place,
    )


# -- bytes


def _heading(name: str, size: int, now: float) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(now)
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "strict")


def _tail(digest: str, now: float) -> bytes:
    text = f"{digest}\n".encode()
    return _heading(_SEAL, len(text), now) + text.ljust(_BLOCK, b"\0") + bytes(2 * _BLOCK)


def _digest_of(file: BinaryIO, size: int) -> str:
    digest = hashlib.sha256()
    while size > 0 and (piece := file.read(min(size, PIECE))):
        digest.update(piece)
        size -= len(piece)
    return digest.hexdigest()


def _manifest_of(file: BinaryIO) -> Manifest:
    info = tarfile.TarInfo.frombuf(file.read(_BLOCK), "utf-8", "strict")
    if info.name != MANIFEST or info.size > _MOST:
        raise ValueError
    return Manifest.of(file.read(info.size))


def _place_of_damage(file: BinaryIO) -> str:
    """The first member that is not as the manifest says, or where the file ends."""
    try:
        due = _manifest_of(file).members()
    except (ValueError, tarfile.TarError):
        return MANIFEST
    file.seek(0)
    try:
        with tarfile.open(fileobj=file, mode="r:") as tar:
            for info in tar:
                file.seek(info.offset_data)
                if info.name in due and _digest_of(file, info.size) != due.pop(info.name):
                    return info.name
    except (tarfile.TarError, EOFError, OSError, UnicodeDecodeError):
        pass
    return min(due, default="between its members, or at its end")


def _no_backup(path: Path) -> InputError:
    return InputError(
        "This is no backup of the form '{form}', or its beginning is damaged.",
        hint="Give a file that `taizhang backup` wrote, to this version of Taizhang or a later one.",
        zh="这不是“{form}”格式的备份文件，或开头已损坏；"
        "请使用 taizhang backup 写出的文件，并用同版或更新的台账恢复。",
        code="E-BACKUP-FORM",
        where=str(path),
        form=FORMAT,
    )
