"""An estate as a ledger tells it, and the canonical text of what is recorded.

Reads from: ``household_seals``, ``rules.terms``.  Read by: ``register``, ``merging`` and the exchange.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

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
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str | dict[str, str]:
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    raise TypeError(f"no fact is of type {type(value).__name__}")
