"""What is said where rows contradict each other, or the law: always with the other cell.

Reads from: ``citing``, ``headings``, ``rules.terms``.  Read by: ``alike``, ``gathering``,
``merging``, ``sheets.differences``.
"""

from __future__ import annotations

from collections.abc import Sequence

from taizhang.exchange.excel.headings import IDENTITY
from taizhang.exchange.excel.joining.citing import cell_of
from taizhang.rules.terms import Cited, Complaint, Label, Ledger, LedgerRow, Pack

__all__ = ["contradiction", "estate_twice", "label_of", "misplaced", "several_counties", "spot"]


def label_of(pack: Pack, name: str) -> Label:
    """What a fact, a paper or an identity field is called; the name itself where it is none of them."""
    if name in pack.facts or name in pack.evidence or name in pack.nodes:
        return pack.label_of(name)
    zh = pack.headings.get(name, (IDENTITY.get(name, name),))[0]
    return Label(zh, name.replace("_", " "))


def spot(cited: Cited) -> str:
    """File, sheet and cell, as a person reads them."""
    return f"{cited.ledger} {cited.sheet}!{cited.cell}"


def estate_twice(first: LedgerRow, ledger: Ledger, row: LedgerRow) -> Complaint:
    """An estate in two ledgers."""
    at = f"{ledger.path} {first.sheet}!{cell_of(first, 'estate')}"
    return Complaint(
        "C-ESTATE-TWICE",
        row.sheet,
        cell_of(row, "estate"),
        row.estate[:200],
        f"{at} has this estate too; what stands there comes first, and this row fills what is open there. "
        "Keep one row, or see that both agree.",
        f"{at} 中也有该小区，以该处内容为先，该处未填的采用本行；请只保留一行，或使两处一致。",
    )


def several_counties(row: LedgerRow, counties: Sequence[str]) -> Complaint:
    """An estate without a county, where other ledgers have its name in several."""
    return Complaint(
        "C-UNIT-ESTATE",
        row.sheet,
        cell_of(row, "estate"),
        row.estate[:200],
        f"Several counties have an estate of this name ({', '.join(counties)}), and this row names none; "
        "it is planned apart. Add a column with the county.",
        f"{'、'.join(counties)} 均有同名小区，本行未写明县区，暂单独测算；请增加“县区”列。",
    )


def misplaced(pack: Pack, row: LedgerRow, name: str, value: str) -> Complaint:
    """An amount of one unit on a row of many."""
    label = pack.label_of(name)
    return Complaint(
        "C-LEVEL",
        row.sheet,
        cell_of(row, name),
        value,
        f"'{label.en}' belongs to each unit and is not taken from this row; enter it on the unit sheet.",
        f"“{label.zh}”应逐户填写，不能取自本行；请填入户台账。",
    )


def contradiction(pack: Pack, name: str, used: Cited, other: Cited) -> Complaint:
    """A cell that says something else than another, which counts."""
    label = label_of(pack, name)
    return Complaint(
        "C-CONFLICT",
        other.sheet,
        other.cell,
        other.text[:200],
        f"'{label.en}' is '{used.text[:200]}' in {spot(used)}; that is used. Make the two agree.",
        f"“{label.zh}”在 {spot(used)} 处为“{used.text[:200]}”，现采用该处的值，请统一。",
    )
