"""The one solver: an optimum, part by part, and how far the answer may be from it.

HiGHS works in floating point, so nothing it says is taken over as it stands.  Of its answer only the
choices are kept, which way and which answer; they are followed through the problem by our own rules,
and their costs are added up in integers.  Its bound is rounded to the next integer.  What is called
proved here has a solution of exactly that cost, and a bound that leaves no integer below it.

The work is limited by a number of nodes, never by seconds: a slow machine gives the same answer later.

Reads from: nothing but the solver.  Read by: ``programme``, ``whole``, ``keeping``.

Source:
    Branch and cut: Padberg and Rinaldi (1991); HiGHS: Huangfu and Hall, "Parallelizing the dual
    revised simplex method" (2018).  Why this solver: docs/adr/0008-one-solver.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, gcd
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import highspy


__all__ = ["ONE", "WORK", "Columns", "Judge", "Term", "Told", "minimise"]

ONE = -1  #: stands for a column that is always one

Term: TypeAlias = tuple[int, int]  # (factor, column)
Total: TypeAlias = tuple[int, ...]

#: Nodes times entries of the matrix; for one part of the objective.
WORK = 26_000_000
_MOST_NODES = 50_000
_LARGEST = 2**45  # above this a double no longer tells neighbouring sums apart with certainty
_SLACK = 1e-3  # of one unit: what a bound may lack to the next integer

Judge: TypeAlias = Callable[[Sequence[float]], "Mapping[str, int] | None"]


@dataclass(slots=True)
class Columns:
    """Columns between 0 and their upper end, rows, and what a column costs, part by part."""

    upper: list[int] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)  #: whether only integers will do
    starts: list[int] = field(default_factory=lambda: [0])
    at: list[int] = field(default_factory=list)
    factors: list[int] = field(default_factory=list)
    least: list[int] = field(default_factory=list)  #: every row is at least this
    costs: dict[str, dict[int, int]] = field(default_factory=dict)
    base: dict[str, int] = field(default_factory=dict)  #: what every solution costs

    def column(self, *, whole: bool, upper: int = 1) -> int:
        """A new column."""
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.upper) - 1

    def row(self, terms: Iterable[Term], least: int) -> None:
        """The terms together are at least so much."""
        told: dict[int, int] = {}
        for factor, column in terms:
            if column == ONE:
                least -= factor
            else:
                told[column] = told.get(column, 0) + factor
        self.at += told
        self.factors += told.values()
        self.starts.append(len(self.at))
        self.least.append(least)

    def cost(self, part: str, column: int, amount: int) -> None:
        """Add to what a column costs."""
        if not amount:
            return
        if column == ONE:
            self.base[part] = self.base.get(part, 0) + amount
        else:
            own = self.costs.setdefault(part, {})
            own[column] = own.get(column, 0) + amount


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to one programme.

    Attributes:
        values: A value for every column.
        cost: Its cost by part, added up in integers.
        bound: Nothing is below this, in the order of the parts.
        proved: Whether the cost is the optimum for certain.
    """

    values: tuple[float, ...]
    cost: Mapping[str, int]
    bound: Total
    proved: bool


def minimise(
    columns: Columns,
    parts: Sequence[str],
    judge: Judge,
    work: int = WORK,
    known: Mapping[str, int] | None = None,
) -> Told | None:
    """Return the least cost in the order of the parts; ``None`` where nothing was found.

    Args:
        columns: The programme.
        parts: Most important first; each is minimised with those before it held.
        judge: The costs of a solution in integers; ``None`` where it is none.
        work: Nodes times entries of the matrix for one part; what is left then is a bound.
        known: The optimum of the first parts, where it is known already.

    Cost:
        One search per part that tells solutions apart.
    """
    return _Search(columns, tuple(parts), judge, work).run(known or {})


class _Search:
    """One programme; parts that are settled are held while the next is minimised."""

    def __init__(self, columns: Columns, parts: tuple[str, ...], judge: Judge, work: int) -> None:
        self.columns, self.parts, self.judge, self.work = columns, parts, judge, work
        self.held: list[tuple[dict[int, int], int]] = []
        self.values: tuple[float, ...] | None = None
        self.cost: Mapping[str, int] = {}

    def run(self, known: Mapping[str, int]) -> Told | None:
        bound: list[int] = []
        for part in self.parts:
            base, divisor, unit = self._units(part)
            if not unit:  # tells no solutions apart
                bound.append(base)
            elif part in known:
                bound.append(known[part])
                self.held.append((unit, (known[part] - base) // divisor))
            elif self.values is not None and any(unit == other for other, _ in self.held):
                bound.append(self.cost[part])
            else:
                least = base + divisor * self._least(unit)
                if self.values is None:
                    return None
                if least < self.cost[part]:
                    rest = [self.columns.base.get(name, 0) for name in self.parts[len(bound) + 1 :]]
                    return Told(self.values, self.cost, (*bound, least, *rest), False)
                bound.append(self.cost[part])
                self.held.append((unit, (self.cost[part] - base) // divisor))
        if self.values is None:  # nothing costs anything: any solution will do
            self._least({})
        return None if self.values is None else Told(self.values, self.cost, tuple(bound), True)

    def _units(self, part: str) -> tuple[int, int, dict[int, int]]:
        """What every solution costs, and what a column costs beyond that, in units as large as can be."""
        factors = self.columns.costs.get(part, {})
        divisor = gcd(*factors.values()) or 1
        unit = {column: amount // divisor for column, amount in factors.items() if amount}
        return self.columns.base.get(part, 0), divisor, unit

    def _least(self, unit: Mapping[int, int]) -> int:
        """An integer that nothing is below; a better solution is kept."""
        found = _run(self.columns, unit, self.held, self.work)
        if found is None:
            return 0
        judged = self.judge(found.values)
        if judged is not None and (self.values is None or _first(judged, self.cost, self.parts)):
            self.values, self.cost = found.values, judged
        return max(0, found.least)


def _first(one: Mapping[str, int], other: Mapping[str, int], parts: Sequence[str]) -> bool:
    return tuple(one[part] for part in parts) < tuple(other[part] for part in parts)


@dataclass(frozen=True, slots=True)
class _Run:
    """What the solver says of one objective: a solution, and an integer that none is below."""

    values: tuple[float, ...]
    least: int


def _run(
    columns: Columns,
    unit: Mapping[int, int],
    held: Sequence[tuple[Mapping[int, int], int]],
    work: int,
) -> _Run | None:
    """One call of the solver; ``None`` where it found nothing."""
    # a twentieth of a second that most plans have no use for
    import highspy  # noqa: PLC0415
    from highspy._core import _Highs  # noqa: PLC0415

    if not columns.upper:
        return _Run((), 0)
    solver = _Highs()  # the public class around it prints a line whenever it is made
    nodes = max(1, min(_MOST_NODES, work // (len(columns.at) or 1)))
    for option, value in (*_OPTIONS.items(), ("mip_max_nodes", nodes)):
        solver.setOptionValue(option, value)
    program = highspy.HighsLp()
    _filled(program, columns, unit, held)
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
    program.integrality_ = [kinds[whole] for whole in columns.whole]
    # No solution to start from is handed over: where presolve settles everything, HiGHS 1.16 returns the
    # start instead of the optimum whose cost it tells.
    solver.passModel(program)
    solver.run()
    told = solver.getInfo()
    if told.primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
        return None
    mixed = any(columns.whole)
    lower = told.mip_dual_bound if mixed else told.objective_function_value
    largest = sum(map(abs, unit.values())) + max((abs(most) for _, most in held), default=0)
    sure = largest < _LARGEST and np.isfinite(lower)
    return _Run(tuple(solver.getSolution().col_value), ceil(lower - _SLACK) if sure else 0)


def _filled(
    program: highspy.HighsLp,
    columns: Columns,
    unit: Mapping[int, int],
    held: Sequence[tuple[Mapping[int, int], int]],
) -> None:
    """Columns, rows, what is held, and what is minimised."""
    starts, at, factors = list(columns.starts), list(columns.at), list(columns.factors)
    least: list[float] = list(columns.least)
    for kept, most in held:
        at += kept
        factors += [-one for one in kept.values()]
        starts.append(len(at))
        least.append(-most)
    cost = np.zeros(len(columns.upper))
    cost[list(unit)] = list(unit.values())
    program.num_col_, program.num_row_ = len(columns.upper), len(least)
    program.col_cost_ = cost
    program.col_lower_ = np.zeros(len(columns.upper))
    program.col_upper_ = np.array(columns.upper, dtype=float)
    program.row_lower_ = np.array(least, dtype=float)
    program.row_upper_ = np.full(len(least), np.inf)
    program.a_matrix_.start_ = np.array(starts, dtype=np.int32)
    program.a_matrix_.index_ = np.array(at, dtype=np.int32)
    program.a_matrix_.value_ = np.array(factors, dtype=float)


_OPTIONS: Mapping[str, bool | int | float] = {
    "output_flag": False,
    "log_to_console": False,
    "threads": 1,
    "random_seed": 0,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.0,
    "mip_feasibility_tolerance": 1e-9,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}
