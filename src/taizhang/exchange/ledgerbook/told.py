"""What became of a workbook that came back, in words: three values, and who changed ours.

Reads from: ``cellwords``, ``office.ledgerbook``, ``rules.terms``.  Read by: the doors, ``working``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from taizhang.exchange.excel.headings import Headings
from taizhang.exchange.ledgerbook.cellwords import CellWords, shown
from taizhang.office.ledgerbook import HOLDER, CellConflict
from taizhang.rules.terms import Pack

__all__ = ["CONFLICT_HEADINGS", "ConflictTold", "conflicts_told"]

_CHINA = ZoneInfo("Asia/Shanghai")
_EMPTY = ("（空）", "(empty)")
_SEALED = ("（个人信息，不显示）", "(personal, not shown)")
CONFLICT_HEADINGS = (
    ("工作表", "sheet"),
    ("单元格", "cell"),
    ("位置", "place"),
    ("项目", "what"),
    ("导出时", "as exported"),
    ("工作簿", "workbook"),
    ("台账", "ledger"),
    ("台账由谁改动", "changed by"),
    ("改动时间", "changed at"),
    ("处理", "written"),
)


@dataclass(frozen=True, slots=True)
class ConflictTold:
    """A conflict in words."""

    sheet: str
    cell: str
    place: str
    what: str
    base: str
    theirs: str
    ours: str
    by: str
    at: str
    done: str

    def cells(self) -> Sequence[str]:
        """In the order of :data:`CONFLICT_HEADINGS`."""
        return (
            *(self.sheet, self.cell, self.place, self.what, self.base, self.theirs, self.ours),
            *(self.by, self.at, self.done),
        )


def conflicts_told(conflicts: Sequence[CellConflict], pack: Pack, language: str) -> list[ConflictTold]:
    """Say conflicts in a language.

    Args:
        conflicts: As they were found.
        pack: Names papers and facts.
        language: ``zh`` or ``en``.
    """
    en = int(language != "zh")
    words, headings = CellWords(pack), Headings(pack)
    found = []
    for one in conflicts:
        sealed = one.what == HOLDER
        base, theirs, ours = (
            _SEALED[en] if sealed else shown(words, one.what, value) or _EMPTY[en]
            for value in (one.base, one.theirs, one.ours)
        )
        at = one.at.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M") if one.at else ""
        done = (("保留台账", "ledger kept"), ("采用工作簿", "workbook taken"))[one.taken][en]
        place = " ".join(one.place.split("›")[1:])
        what = headings.name_of(one.what)
        found.append(ConflictTold(one.sheet, one.cell, place, what, base, theirs, ours, one.by, at, done))
    return found
