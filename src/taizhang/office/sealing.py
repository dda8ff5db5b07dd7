"""Personal data at rest: sealed under a key of each person, kept apart from the database.

Every person has a random *data key*, and the database holds it *wrapped*, that is, encrypted by a key of
the ring.  The ring is a file outside the database.  So a stolen database tells nothing; taking away a
person's wrapped key makes every text of that person unreadable, wherever copies of it remain; and a new
key of the ring changes the wrapped keys alone, never a sealed text.

Three things are left to whoever stores them.  A wrapped key must not enter the journal, which forgets
nothing: keep it in a binary column, of which the journal tells the digest only.  When a person is
erased, take away the blind indexes as well.  And copies: a backup holds the wrapped keys of its day.

====================  =====================================================================
text                  form
====================  =====================================================================
sealed text           ``v1:<id of the data key>:<nonce>:<ciphertext and tag>``
wrapped key           ``w1:<id of the ring's key>:<nonce>:<ciphertext and tag>``
====================  =====================================================================

Nonce and ciphertext are base64 of the web alphabet without padding; one text has one spelling only.

Reads from: ``key_ring``.  Read by: acts and pages of the office that show a person.

Source:
    NIST SP 800-38D (AES-GCM; fresh random nonces of 96 bits, few texts under one key); NIST
    SP 800-88 rev. 1, 2.6 (erasing by destroying the key); RFC 2104 (HMAC); 个人信息保护法, articles
    47 (erasing) and 51 (encryption).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from taizhang.errors import TaizhangError, TransitionError
from taizhang.office.key_ring import KeyRing, base64_bytes, base64_text, rotate

__all__ = [
    "Chance",
    "Context",
    "KeyRing",
    "blind_index",
    "drawn",
    "new_data_key",
    "rewrap",
    "rotate",
    "seal",
    "unseal",
    "unwrap_key",
    "wrap_key",
]

_KEY = 32  # bytes
_NONCE = 12  # bytes

#: Gives so many random bytes, never the same ones twice.
Chance: TypeAlias = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Context:
    """Where a sealed text stands; it cannot be read anywhere else.

    Args:
        table: Name of the table.
        column: Name of the column.
        row: Key of the row, as text.
    """

    table: str
    column: str
    row: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column} {self.row}"


def drawn(count: int) -> Chance:
    """Return a source of ``count`` random bytes, all asked of the system at once.

    A person needs a key and several nonces, and asking is what takes longest.  A source is for one
    person, in one process.

    >>> source = drawn(5)
    >>> len(source(2)), len(source(3))
    (2, 3)
    >>> source(1)
    Traceback (most recent call last):
    ValueError: all random bytes of this source were given out
    """
    rest = BytesIO(secrets.token_bytes(count))

    def take(count: int) -> bytes:
        found = rest.read(count)
        if len(found) < count:
            raise ValueError("all random bytes of this source were given out")
        return found

    return take


def new_data_key(chance: Chance = secrets.token_bytes) -> bytes:
    """Return a random data key for one person; it is kept wrapped (:func:`wrap_key`) and nowhere else."""
    return chance(_KEY)


def rewrap(ring: KeyRing, wrapped: str) -> str:
    """Return the same data key, wrapped by the active key; unchanged where it is already.

    Raises:
        TaizhangError: ``E-SEAL-KEY``, ``E-SEAL-TAMPERED``.
        TransitionError: ``E-SEAL-ERASED``.
    """
    data_key = unwrap_key(ring, wrapped)
    return wrapped if wrapped.split(":")[1] == ring.active else wrap_key(ring, data_key)


def seal(data_key: bytes, text: str, context: Context, chance: Chance = secrets.token_bytes) -> str:
    """Return ``text`` sealed under a person's data key, for this place alone; never twice the same.

    Args:
        data_key: The person's, as :func:`unwrap_key` returns it.
        text: What nobody else shall read; its length is not hidden.
        context: Where the result will stand.
        chance: Where the nonce comes from.

    >>> from taizhang.office.key_ring import KeyRing
    >>> ring = KeyRing("k1", {"k1": bytes(32)}, {"k1": "2024-01-28T00:00:00Z"}, bytes(32))
    >>> key, here = new_data_key(), Context("party", "identity", "7")
    >>> unseal(ring, wrap_key(ring, key), seal(key, "王小明", here), here)
    '王小明'
    """
    plain = text.encode("utf-8", "surrogatepass")
    return _encrypted("v1", _data_key_id(data_key), data_key, plain, context, chance)


def unseal(ring: KeyRing, wrapped: str, sealed: str, context: Context) -> str:
    """Return the text that was sealed for this person and place.

    Raises:
        TaizhangError: ``E-SEAL-KEY``, ``E-SEAL-SUBJECT``, ``E-SEAL-TAMPERED``.
        TransitionError: ``E-SEAL-ERASED``.
    """
    data_key = unwrap_key(ring, wrapped)
    key_id = _parted("v1", sealed, context)[0]
    if key_id != _data_key_id(data_key):
        raise TaizhangError(
            "The text was sealed under the key of another person.",
            hint="Run taizhang verify; the row or the key has been exchanged.",
            zh="该内容是用另一人的密钥加密的，记录或密钥可能已被调换，请运行 taizhang verify 核查。",
            code="E-SEAL-SUBJECT",
            where=str(context),
        )
    return _decrypted("v1", sealed, data_key, context).decode("utf-8", "surrogatepass")


def blind_index(ring: KeyRing, text: str, kind: str = "") -> str:
    """Return 64 hexadecimal digits by which equal texts are found without reading any.

    Args:
        ring: The keys; the index has one of its own.
        text: In the one form in which it is kept: an identity number as ``eighteen_digits`` tells it.
        kind: What it is; equal texts of two kinds have nothing in common.

    Source: RFC 2104 with SHA-256.
    """
    told = json.dumps([kind, text]).encode()
    return hmac.digest(ring.index_key, told, "sha256").hex()


# -- keys and texts


def wrap_key(ring: KeyRing, data_key: bytes, chance: Chance = secrets.token_bytes) -> str:
    """Encrypt a data key by the ring's key in use."""
    return _encrypted("w1", ring.active, ring.keys[ring.active], data_key, None, chance)


def unwrap_key(ring: KeyRing, wrapped: str) -> bytes:
    """Return the data key of a wrapped key.

    Raises:
        TransitionError: The person has been erased.
        TaizhangError: It was tampered with, or no key of the ring opens it.
    """
    if not wrapped:
        raise TransitionError(
            "The key of this person has been destroyed; what was sealed under it cannot be read again.",
            hint="Nothing can be done: the data was erased.",
            zh="该人员的密钥已销毁，其个人信息已删除，无法恢复。",
            code="E-SEAL-ERASED",
        )
    key_id = _parted("w1", wrapped, None)[0]
    if key_id not in ring.keys:
        raise TaizhangError(
            "The key file has no key {key}.",
            hint="Use the key file of this database, or the copy that was kept with its backup.",
            zh="密钥文件中没有密钥{key}，请使用与该数据库对应的密钥文件或其备份。",
            code="E-SEAL-KEY",
            key=key_id,
        )
    return _decrypted("w1", wrapped, ring.keys[key_id], None)


def _data_key_id(data_key: bytes) -> str:
    """It survives rewrapping, and tells nothing of a random key."""
    return hashlib.sha256(b"taizhang data key id" + data_key).hexdigest()[:8]


def _encrypted(
    version: str, key_id: str, key: bytes, plain: bytes, context: Context | None, chance: Chance
) -> str:
    """Return a text of one of the two forms above, with a fresh nonce."""
    nonce = chance(_NONCE)
    sealed = AESGCM(key).encrypt(nonce, plain, _associated(version, key_id, context))
    return f"{version}:{key_id}:{base64_text(nonce)}:{base64_text(sealed)}"


def _decrypted(version: str, text: str, key: bytes, context: Context | None) -> bytes:
    key_id, nonce, sealed = _parted(version, text, context)
    try:
        return AESGCM(key).decrypt(nonce, sealed, _associated(version, key_id, context))
    except InvalidTag:
        raise _tampered(context) from None


def _associated(version: str, key_id: str, context: Context | None) -> bytes:
    place = [context.table, context.column, str(context.row)] if context else []
    return json.dumps([version, key_id, *place]).encode()


def _parted(version: str, text: str, context: Context | None) -> tuple[str, bytes, bytes]:
    parts = text.split(":")
    if len(parts) != 4 or parts[0] != version:
        raise _tampered(context)
    try:
        nonce, sealed = base64_bytes(parts[2]), base64_bytes(parts[3])
    except ValueError:
        raise _tampered(context) from None
    if len(nonce) != _NONCE:
        raise _tampered(context)
    return parts[1], nonce, sealed


def _tampered(context: Context | None) -> TaizhangError:
    return TaizhangError(
        "A sealed text has been changed, or moved from another place.",
        hint="Run taizhang verify, and restore what it names.",
        zh="加密内容已被改动或从别处移来，请运行 taizhang verify 核查并恢复。",
        code="E-SEAL-TAMPERED",
        where=str(context) if context else "",
    )
