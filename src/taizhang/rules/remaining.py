"""Working days from what an estate shares to the certificates of its units.

Of equally cheap solutions the one is taken whose estate is done first.  Which one that is depends on
what the units still do after it.

Reads from: ``accord``, ``columns``, ``measure``.  Read by: ``shared``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from taizhang.rules.accord import Key, Kind
from taizhang.rules.columns import Columns
from taizhang.rules.measure import NEVER, Ends, Walk

__all__ = ["Remaining"]


class Remaining:
    """Days that the units of a city need after what they share; walked once, when first asked for.

    Args:
        columns: The marginal plans of the city.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.template = columns.workshop.template
        self.finest = self.template.level[self.template.goal]
        self._latest: Mapping[int, Ends] | None = None

    def after(
        self, units: Sequence[int], kinds: Sequence[Kind], stand_in: Mapping[str, str]
    ) -> dict[Key, int]:
        """Return the days from each shared element to the end of the last unit that needs it.

        Args:
            units: Rows of one estate's units.
            kinds: Those of them with a say.
            stand_in: For buildings that another one stands for, the other one.

        Returns:
            Days by name and place; elements that no unit waits for are left out.
        """
        latest, found = self._walked(), dict[Key, int]()
        rows = np.asarray(units, np.int64)
        for number, place, late in self._asked(latest, rows, kinds):
            if late < NEVER:
                name = self.template.problem.elements[number].name
                key = name, stand_in.get(place, place)
                found[key] = max(found.get(key, 0), -late)
        return found

    def _asked(
        self,
        latest: Mapping[int, Ends],
        rows: np.ndarray[tuple[int], np.dtype[np.int64]],
        kinds: Sequence[Kind],
    ) -> Iterator[tuple[int, str, int]]:
        """Elements with a place and the day by which they are needed if the last day is day 0."""
        table, shelves = self.columns.table, self.columns.workshop.shelves
        for number in self.columns.imports:
            if number in latest:
                level = self.template.level[number]
                late = np.full(len(table.places[level]), NEVER, np.int32)
                above = table.above[self.finest][level][rows]
                np.minimum.at(late, above, latest[number][rows])
                for row in np.unique(above).tolist():
                    yield number, table.places[level][row], int(late[row])
        for kind in kinds:
            place = table.places[self.finest][kind.units[0]]
            for _, piece in kind.beyond:
                local = shelves[piece].local
                for number in (local.elements[goal] for goal in local.problem.goals):
                    if number in latest:
                        yield number, place, int(latest[number][list(kind.units)].min())

    def _walked(self) -> Mapping[int, Ends]:
        if self._latest is None:
            columns = self.columns
            size = columns.status.size
            seen = {number: np.zeros(size, np.int32) for number in columns.imports}
            rows = np.arange(size, dtype=np.int64)
            shelves = columns.workshop.shelves
            beyond = columns.workshop.per_piece("beyond", False, np.bool_, lambda n: shelves[n].beyond)
            picks = {  # what goes beyond a unit is planned with its estate
                first: np.where(beyond[columns.units.pieces[first]], np.int32(-1), column)
                for first, column in columns.hurried.items()
            }
            walk = Walk(self.template, columns.workshop, columns.units, picks, rows, seen)
            walk.walk()
            self._latest = walk.latest(np.zeros(size, np.int32))
        return self._latest
