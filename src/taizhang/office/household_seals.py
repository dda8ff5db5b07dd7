"""A household's texts and their seals: written together under one key, read, compared, found, masked.

The journal forgets nothing, and a digest of a number can be guessed by trying every number.  So what is
kept to compare and to find stands in binary columns, of which the journal tells only a digest, and has
random bytes in it: once a household is erased they are gone, and nobody can tell, key file or not,
whether a number was here.

Reads from: ``sealing``, ``identity_numbers``, ``ledger.models``.  Read by: ``households``,
``household_intake``, ``undoing``, ``selectors``.

Source:
    个人信息保护法, articles 47 and 51; RFC 7693 (BLAKE2 with key, salt and purpose).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taizhang.errors import InputError
from taizhang.ledger.models import Household, Official
from taizhang.office.identity_numbers import (
    check_credit_code,
    check_identity,
    eighteen_digits,
    masked_identity,
    masked_name,
    masked_phone,
)
from taizhang.office.keeping.placing import key_file
from taizhang.office.key_ring import KeyRing

# the parts of ``seal``: a city has 130,000 households, and each data key is opened once for its three texts
from taizhang.office.sealing import (
    Chance,
    Context,
    blind_index,
    drawn,
    new_data_key,
    rewrap,
    seal,
    unseal,
    unwrap_key,
    wrap_key,
)

__all__ = [
    "COLUMNS",
    "HouseholdDraft",
    "MaskedHousehold",
    "doubt",
    "key_of",
    "masked",
    "number_range",
    "open_ring",
    "require_fitting",
    "restore_seals",
    "says_nothing_new",
    "seal_changed",
    "seal_new",
    "texts_of",
]

COLUMNS = ("holder", "id_number", "phone")
_RANDOM = 16  # bytes
_DIGEST = 16
_CHANCE = 128  # random bytes that are enough for a household: a key, four nonces, two numbers


@dataclass(frozen=True, slots=True, repr=False)  # what is printed ends up in logs
class HouseholdDraft:
    """What a ledger says of the holder of a unit, as written; an empty text says nothing."""

    holder: str = ""
    id_number: str = ""
    phone: str = ""

    def over(self, known: HouseholdDraft) -> HouseholdDraft:
        """This where it says something, else what was known."""
        return HouseholdDraft(*(getattr(self, one) or getattr(known, one) for one in COLUMNS))


@dataclass(frozen=True, slots=True)
class MaskedHousehold:
    """A household as pages show it.

    Attributes:
        doubtful: The identity number is none, or its check digit does not fit.
        erased: It cannot be read again.
    """

    holder: str = ""
    id_number: str = ""
    phone: str = ""
    doubtful: bool = False
    erased: bool = False


def open_ring(*, make_at: datetime | None = None) -> KeyRing:
    """The keys of the installation.

    Args:
        make_at: Make a file where there is none and nothing was ever sealed.

    Raises:
        InputError: ``E-SEAL-MISSING`` and others of :meth:`KeyRing.open`.
    """
    path = key_file()
    if make_at is not None and not path.exists() and not _anything_sealed():
        return KeyRing.create(path, make_at)
    return KeyRing.open(path)


def _anything_sealed() -> bool:
    return Household.objects.exists() or Official.objects.exclude(subject_key=b"").exists()


def require_fitting(ring: KeyRing, wrapped: Iterable[str]) -> None:
    """Refuse a key file that is not the one of these keys; one key of each kind is tried.

    Raises:
        TaizhangError: ``E-SEAL-KEY``, ``E-SEAL-TAMPERED``.
    """
    for one in {told.split(":", 2)[1]: told for told in wrapped if told.count(":") > 1}.values():
        rewrap(ring, one)


# -- writing


def seal_new(ring: KeyRing, row: Household, draft: HouseholdDraft) -> None:
    """Seal the texts of a household that has its number but no key yet."""
    chance = drawn(_CHANCE)
    data_key = new_data_key(chance)
    row.subject_key = wrap_key(ring, data_key, chance).encode()
    _seal(ring, data_key, row, draft, chance)


def seal_changed(ring: KeyRing, row: Household, draft: HouseholdDraft) -> None:
    """Seal other texts under the household's key.

    Raises:
        TaizhangError: ``E-SEAL-KEY``, ``E-SEAL-TAMPERED``.
        TransitionError: ``E-SEAL-ERASED``.
    """
    _seal(ring, unwrap_key(ring, key_of(row)), row, draft, drawn(_CHANCE))


def restore_seals(ring: KeyRing, row: Household) -> None:
    """Let what is kept to compare and to find follow from sealed texts that were put back."""
    _note(ring, row, texts_of(ring, row), drawn(_CHANCE))


def _seal(ring: KeyRing, data_key: bytes, row: Household, draft: HouseholdDraft, chance: Chance) -> None:
    for name in COLUMNS:
        text = getattr(draft, name)
        column = f"{name}_sealed"
        place = Context("ledger_household", column, str(row.pk))
        setattr(row, column, seal(data_key, text, place, chance) if text else "")
    _note(ring, row, draft, chance)


def _note(ring: KeyRing, row: Household, draft: HouseholdDraft, chance: Chance) -> None:
    number, salt = draft.id_number, chance(_RANDOM)
    row.id_number_index = _found_by(ring, number) + chance(_RANDOM) if number else b""
    row.told = salt + b"".join([_digest(ring, salt, name, getattr(draft, name)) for name in COLUMNS])


def _digest(ring: KeyRing, salt: bytes, name: str, text: str) -> bytes:
    key, person = ring.index_key, name.encode()
    return hashlib.blake2b(_bytes(text), digest_size=_DIGEST, key=key, salt=salt, person=person).digest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # as ``seal`` does


def _found_by(ring: KeyRing, text: str) -> bytes:
    """32 bytes by which a number is found, however it was typed, on an old card or a new one."""
    try:
        number = eighteen_digits(check_identity(text))
    except InputError:
        number = "".join(text.split()).upper()
    return bytes.fromhex(blind_index(ring, number, "identity"))


# -- reading


def key_of(row: Household) -> str:
    """The wrapped key; empty once the household was erased."""
    return bytes(row.subject_key).decode()


def says_nothing_new(ring: KeyRing, told: bytes, draft: HouseholdDraft) -> bool:
    """Whether everything a draft says is what a household's ``told`` stands for; nothing is unsealed."""
    salt = told[:_RANDOM]
    for at, name in enumerate(COLUMNS):
        start = _RANDOM + at * _DIGEST
        text = getattr(draft, name)
        if text and _digest(ring, salt, name, text) != told[start : start + _DIGEST]:
            return False
    return True


def texts_of(ring: KeyRing, row: Household) -> HouseholdDraft:
    """The texts of a household.

    Raises:
        TaizhangError: ``E-SEAL-KEY``, ``E-SEAL-SUBJECT``, ``E-SEAL-TAMPERED``.
        TransitionError: ``E-SEAL-ERASED``.
    """
    wrapped = key_of(row)
    found = []
    for name in COLUMNS:
        column = f"{name}_sealed"
        sealed = getattr(row, column)
        place = Context("ledger_household", column, str(row.pk))
        found.append(unseal(ring, wrapped, sealed, place) if sealed else "")
    return HouseholdDraft(*found)


def number_range(ring: KeyRing, text: str) -> dict[str, Any]:
    """The condition by which households of an identity number are found."""
    prefix = _found_by(ring, text)
    return {"id_number_index__gte": prefix, "id_number_index__lt": prefix + b"\xff" * (_RANDOM + 1)}


def masked(ring: KeyRing, row: Household) -> MaskedHousehold:
    """A household as pages show it.

    Raises:
        TaizhangError: ``E-SEAL-KEY``, ``E-SEAL-SUBJECT``, ``E-SEAL-TAMPERED``.
    """
    if not row.subject_key:
        return MaskedHousehold(erased=True)
    told = texts_of(ring, row)
    return MaskedHousehold(
        masked_name(told.holder),
        masked_identity(told.id_number),
        masked_phone(told.phone),
        bool(told.id_number and doubt(told.id_number)),
    )


def doubt(number: str) -> InputError | None:
    """What is wrong with an identity number; nothing where it is a company's code, a passport or a permit."""
    try:
        check_identity(number)
    except InputError as refused:
        if refused.code == "E-ID-FORM" and (number[:1].isalpha() or _is_credit_code(number)):
            return None
        return refused
    return None


def _is_credit_code(text: str) -> bool:
    try:
        check_credit_code(text)
    except InputError:
        return False
    return True
