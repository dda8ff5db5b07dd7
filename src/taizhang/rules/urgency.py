"""Which households cannot wait: the pack's urgencies (school, sale, mortgage) that hold for a unit.

Reads from: ``answers``, ``terms``.  Read by: ``estate``, ``portrait``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from taizhang.rules.answers import as_read
from taizhang.rules.terms import Dossier, Gap, Pack, UnitPlan, Value

__all__ = ["Urgencies", "pressed"]


class Urgencies:
    """The urgencies of a pack; units of which the same is known are asked once.

    Args:
        pack: The law on its day.
    """

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        asked = {name for one in pack.urgency for name in one.when.names}
        self._facts = sorted(asked & pack.facts.keys())
        self._known: dict[object, tuple[str, ...]] = {}

    def of(self, dossier: Dossier, unit: str) -> tuple[str, ...]:
        """Return the ids of those that hold for a unit, most pressing first."""
        if not self.pack.urgency:
            return ()
        facts = {name: dossier.fact(name, unit) for name in self._facts}
        key = tuple(facts.values())
        if key not in self._known:

            def read(name: str) -> Value | None:
                if name in self.pack.params:
                    return self.pack.params[name].on(self.pack.as_of)
                return as_read(self.pack.facts[name], facts[name])

            self._known[key] = tuple(one.id for one in self.pack.urgency if one.when.truth(read) is True)
        return self._known[key]


def pressed(gaps: Sequence[Gap], units: Iterable[UnitPlan]) -> tuple[Gap, ...]:
    """Return gaps with the number of urgent units that wait for each, its own papers told unit by unit."""
    waits: Counter[tuple[str, str]] = Counter()
    for unit in units:
        if unit.urgent:
            waits.update(unit.shared)
            waits.update((item, unit.place.id) for item in unit.own)
    return tuple(replace(gap, urgent=waits[gap.item, gap.place]) for gap in gaps)
