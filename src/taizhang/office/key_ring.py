"""The keys of an installation, in one file outside the database.

The file is JSON: the id of the active key, every key as base64 with the day on which it was made, and
the key of the blind index.  It belongs to its owner alone (0600), is replaced as a whole or not at all,
and whoever loses it loses what was sealed: keep a copy apart from the copies of the database.

Reads from: nothing of ours but the errors.  Read by: ``sealing``, and the commands that make and turn keys.

Source:
    NIST SP 800-57 part 1, 5.3 (life of a key).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from taizhang.errors import InputError

try:
    import fcntl
except ImportError:  # Windows: nothing to wait with; one person turns the keys
    fcntl = None  # type: ignore[assignment]

__all__ = ["KeyRing", "alone_in", "base64_bytes", "base64_text", "rotate", "write_ring"]

_FORMAT = "taizhang keys 1"
_KEY = 32  # bytes


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of an installation.

    Args:
        active: Id of the key that wraps from now on.
        keys: 256-bit keys by id; those before the active one remain for reading.
        created: When each was made, ISO 8601, by id.
        index_key: 256-bit key of the blind index; it is never replaced, for the indexes could not be found.
    """

    active: str
    keys: Mapping[str, bytes] = field(repr=False)
    created: Mapping[str, str]
    index_key: bytes = field(repr=False)

    @classmethod
    def create(cls, path: Path, now: datetime) -> KeyRing:
        """Make a ring with one key and write its file, readable by its owner alone.

        Args:
            path: The file; its folder exists.
            now: When, with a zone.

        Raises:
            InputError: ``E-SEAL-EXISTS``, ``E-SEAL-WRITE``.
        """
        ring = _with_new_key(cls("", {}, {}, secrets.token_bytes(_KEY)), now)
        with alone_in(path):
            if path.exists():
                raise InputError(
                    "There is a key file already; without it what was sealed is lost.",
                    hint="Use it, or name another file.",
                    zh="密钥文件已存在，覆盖将使已加密的数据无法读取；请沿用该文件或另指定文件。",
                    code="E-SEAL-EXISTS",
                    where=str(path),
                )
            write_ring(path, ring)
        return ring

    @classmethod
    def open(cls, path: Path) -> KeyRing:
        """Read a ring.

        Raises:
            InputError: ``E-SEAL-MISSING``, ``E-SEAL-READ``, ``E-SEAL-EXPOSED``, ``E-SEAL-FORM``.
        """
        text = _read(path)
        try:
            return _ring_of(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError):
            # without the cause: a parser's complaint may quote a key
            raise InputError(
                "The key file is not of its form.",
                hint="Restore it from its copy; do not edit it.",
                zh="密钥文件内容不正确，请从备份恢复，勿手工修改。",
                code="E-SEAL-FORM",
                where=str(path),
            ) from None


def rotate(path: Path, now: datetime) -> KeyRing:
    """Add a key to the ring and make it the active one; those before remain for reading.

    Afterwards :func:`rewrap` the wrapped key of every person.  The file is replaced as a whole or not at all.

    Args:
        path: The key file.
        now: When, with a zone.

    Raises:
        InputError: As :meth:`KeyRing.open`, and ``E-SEAL-WRITE``.
    """
    with alone_in(path):
        ring = _with_new_key(KeyRing.open(path), now)
        write_ring(path, ring)
    return ring


def base64_text(data: bytes) -> str:
    """Return base64 of the web alphabet without padding.

    >>> base64_text(bytes([255, 254]))
    '__4'
    """
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def base64_bytes(text: str) -> bytes:
    """The opposite of ``base64_text``; of the spellings that mean the same bytes only its own is taken."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as damaged:
        raise ValueError from damaged
    if base64_text(data) != text:
        raise ValueError
    return data


def _with_new_key(ring: KeyRing, now: datetime) -> KeyRing:
    if now.tzinfo is None:
        raise ValueError("now has no zone")
    name = secrets.token_hex(4)
    while name in ring.keys:
        name = secrets.token_hex(4)
    made = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return replace(
        ring,
        active=name,
        keys={**ring.keys, name: secrets.token_bytes(_KEY)},
        created={**ring.created, name: made},
    )


def _ring_of(document: Mapping[str, Any]) -> KeyRing:
    if document["format"] != _FORMAT:
        raise ValueError
    keys = {name: base64_bytes(one["key"]) for name, one in document["keys"].items()}
    created = {name: str(one["created_at"]) for name, one in document["keys"].items()}
    ring = KeyRing(document["active"], keys, created, base64_bytes(document["index_key"]))
    if ring.active not in keys or any(len(key) != _KEY for key in (*keys.values(), ring.index_key)):
        raise ValueError
    return ring


def _read(path: Path) -> str:
    try:
        if os.name == "posix" and path.stat().st_mode & stat.S_IROTH:
            raise InputError(
                "Everybody on this machine may read the key file.",
                hint="Run chmod 600 on it, and rotate the keys if others have accounts here.",
                zh="本机所有用户都能读取密钥文件，请执行 chmod 600；如有他人账户，请更换密钥。",
                code="E-SEAL-EXPOSED",
                where=str(path),
            )
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise InputError(
            "There is no key file; without it personal data cannot be read.",
            hint="Put it back from its copy, or name the right file.",
            zh="找不到密钥文件，无法读取个人信息；请从备份恢复，或指定正确的文件。",
            code="E-SEAL-MISSING",
            where=str(path),
        ) from None
    except OSError as refused:
        raise InputError(
            "The key file cannot be read: {reason}.",
            hint="Give the account under which Taizhang runs the right to read it.",
            zh="无法读取密钥文件（{reason}），请授予台账运行账户读取权限。",
            code="E-SEAL-READ",
            where=str(path),
            reason=refused.strerror,
        ) from refused


@contextmanager
def alone_in(path: Path) -> Iterator[None]:
    """Two who turn the keys at once would lose one of the new keys, and what it has sealed."""
    try:
        folder = os.open(path.resolve().parent, os.O_RDONLY) if fcntl else None
    except OSError as refused:
        raise _not_written(path, refused) from refused
    if folder is None:
        yield
        return
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def write_ring(path: Path, ring: KeyRing) -> None:
    """Replace the file as a whole; its owner and rights stay, those of a new one are 0600."""
    keys = {
        name: {"created_at": ring.created[name], "key": base64_text(key)} for name, key in ring.keys.items()
    }
    document = {
        "format": _FORMAT,
        "active": ring.active,
        "index_key": base64_text(ring.index_key),
        "keys": keys,
    }
    path = path.resolve()  # where the file is a link, its target is replaced
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.unlink(missing_ok=True)  # of a run that was cut off
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            if path.exists() and os.name == "posix":
                before = path.stat()
                os.fchown(file.fileno(), before.st_uid, before.st_gid)
                os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode))
            file.write(json.dumps(document, indent=1).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        _settle(path.parent)
    except OSError as refused:
        raise _not_written(path, refused) from refused


def _settle(folder: Path) -> None:
    """The name of a file is on the disk only once its folder is."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _not_written(path: Path, refused: OSError) -> InputError:
    return InputError(
        "The key file cannot be written: {reason}.",
        hint="Name a file in a folder that exists and that you may write.",
        zh="无法写入密钥文件（{reason}），请指定存在且可写的文件夹。",
        code="E-SEAL-WRITE",
        where=str(path),
        reason=refused.strerror,
    )
