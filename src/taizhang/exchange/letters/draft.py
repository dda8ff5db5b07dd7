"""A paper being written: its sections, its citations, and what it is written from.

Reads from: ``paper``, ``report``, ``diagram.wording``.  Read by: ``dossier_plan``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from taizhang.exchange.diagram.wording import due_text
from taizhang.exchange.letters.paper import Paper
from taizhang.exchange.report.estate import EstateView
from taizhang.exchange.report.identity import given
from taizhang.rules.terms import EstatePlan, Pack

__all__ = ["Draft"]

_NUMBERS = "一二三四五六七八九十"
_OPEN = "待定"


@dataclass(slots=True)
class Draft:
    """One paper being written, with what it is written from."""

    pack: Pack
    plan: EstatePlan
    view: EstateView
    paper: Paper = field(default_factory=Paper)
    cited: dict[str, int] = field(default_factory=dict)
    sections: int = 0

    def section(self, name: str) -> None:
        """Begin the next section."""
        self.paper.heading(f"{_NUMBERS[self.sections]}、{name}")
        self.sections += 1

    def cite(self, sources: tuple[str, ...]) -> str:
        """Return the numbers of sources, counted as they are first cited."""
        known = [name for name in dict.fromkeys(sources) if name in self.pack.sources]
        return ", ".join(str(self.cited.setdefault(name, len(self.cited) + 1)) for name in known)

    def cite_in_text(self, sources: tuple[str, ...]) -> str:
        """Return the numbers as they stand in a sentence."""
        numbers = self.cite(sources)
        return f"（依据{numbers}）" if numbers else ""

    def due(self, offset: int) -> str:
        """Return a date as short as a table needs it."""
        day = self.plan.start if offset == 0 else self.plan.due.get(offset)
        return f"{day.year}.{day.month}.{day.day}" if day else due_text(self.plan, offset)

    def who(self, name: str) -> str:
        """Return an identity field, or that it is still open."""
        return given(self.plan, name) or _OPEN
