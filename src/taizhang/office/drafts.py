"""An estate as a ledger tells it, and the canonical text of what is recorded.

Reads from: ``household_seals``, ``rules.terms``.  Read by: ``register``, ``merging`` and the exchange.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import msgspec

from taizhang.office.household_seals import HouseholdDraft
from taizhang.rules.terms import Dossier

__all__ = ["CaseDraft", "packed"]


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """An estate as a ledger tells it.

    Attributes:
        dossier: Its places, papers and facts.
        identity: What the ledger says of it in words.
        households: Whom it names as holder, by place of the unit.
    """

    dossier: Dossier
    identity: Mapping[str, str]
    households: Mapping[str, HouseholdDraft] = field(default_factory=dict)

    @property
    def where(self) -> tuple[str, str]:
        """County and street."""
        return self.identity.get("county", ""), self.identity.get("street", "")

    @property
    def place(self) -> str:
        """The estate's place."""
        return next(one.id for one in self.dossier.places.values() if one.level == "estate")


def packed(value: object) -> str:
    """Canonical JSON of facts, papers or words."""
    return _ENCODE(_plain(value)).decode()


_ENCODE = msgspec.json.Encoder(order="sorted").encode  # the bytes of the standard library without spaces
_AS_IT_IS = frozenset({str, int, bool, type(None)})


def _plain(value: object) -> object:
    """The same in words and numbers that JSON has."""
    if isinstance(value, Mapping):
        return {str(name): one if type(one) in _AS_IT_IS else _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, str | int | None):
        return value
    raise TypeError(f"no fact is of type {type(value).__name__}")
