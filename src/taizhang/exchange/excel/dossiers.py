"""From ledger rows to one dossier an estate, without planning anything.

Reads from: ``joining``, ``rules.terms``.  Read by: ``cli``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from taizhang.exchange.excel.joining.gathering import gather_all
from taizhang.exchange.excel.joining.regrouping import regroup
from taizhang.exchange.excel.returned.receiving import Received
from taizhang.rules.terms import Dossier, Pack

__all__ = ["Estates", "dossiers_of"]


@dataclass(frozen=True, slots=True)
class Estates:
    """What ledgers say, estate by estate.

    Attributes:
        dossiers: One estate each.
        identities: What the ledger says of each in words.
        people: What the row of a unit says in words, by its place: ``holder``, ``id_number``, ``phone`` …
        complaints: How many places of the ledgers could not be used as they stand.
    """

    dossiers: tuple[Dossier, ...]
    identities: tuple[Mapping[str, str], ...]
    people: Mapping[str, Mapping[str, str]]
    complaints: int


def dossiers_of(received: Received, pack: Pack) -> Estates:
    """Return the estates of ledgers as received.

    Args:
        received: The ledgers, with estates to merge and to split.
        pack: The law on its day.
    """
    regrouped = regroup(received.ledgers, received.regrouping, pack)
    found = gather_all(regrouped.ledgers, pack, regrouped.part_of)
    told = len(regrouped.told) + len(found.told)
    return Estates(
        tuple(Dossier(pack.as_of, one.places, one.held, one.facts, one.valid_until) for one in found.estates),
        tuple(one.identity for one in found.estates),
        found.people,
        told + sum(len(ledger.complaints) for ledger in received.ledgers),
    )
