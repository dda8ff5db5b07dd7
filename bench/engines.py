"""The engines that answer for the same households, one small object each.

To add one, write ``prepare`` and put an :class:`Engine` into :data:`ENGINES`.  ``prepare(pack)`` may
take its time and is not counted.  It returns two functions: ``load(cases)`` brings records into the
engine's own form (counted as *input*), ``answer(loaded)`` gives the answers in the order of the
cases (counted as *answer*).  An answer is a bool for ``yes/no`` (does the certificate follow from
what is on hand?) and for ``plan`` the parts of the best plan in the declared order, ``None`` where
there is none.  An import that fails in ``prepare`` shows as SKIPPED.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from bench import peer_clingo, peer_openfisca, peer_zen
from bench.cases import Case, dossier_of, status_of
from taizhang.rules import Dossier, cheapest_plan
from taizhang.rules.columns import plan_columns
from taizhang.rules.table import Table, tabulate
from taizhang.rules.template import compile_pack
from taizhang.rules.terms import Pack, Status

__all__ = ["ENGINES", "Answer", "Engine", "Prepared"]

Answer: TypeAlias = "bool | tuple[int, ...] | None"
Prepared: TypeAlias = tuple[Callable[[Sequence[Case]], Any], Callable[[Any], Sequence[Answer]]]


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to answer.

    Attributes:
        name: As the table shows it.
        task: ``yes/no`` or ``plan``.
        prepare: From the pack to ``(load, answer)``.
        most: How many of the cases it is given; the slow ones get fewer.
        package: Distribution whose version is noted; empty for our own.
    """

    name: str
    task: str
    prepare: Callable[[Pack], Prepared]
    most: int
    package: str = ""


def _dossiers(pack: Pack) -> Callable[[Sequence[Case]], list[Dossier]]:
    return lambda cases: [dossier_of(pack, case) for case in cases]


def _our_plan(pack: Pack) -> Prepared:
    def answer(dossiers: list[Dossier]) -> list[Answer]:
        plans = [cheapest_plan(pack, dossier) for dossier in dossiers]
        return [plan.objective if plan.feasible else None for plan in plans]

    return _dossiers(pack), answer


def _our_truth(pack: Pack) -> Prepared:
    def answer(dossiers: list[Dossier]) -> list[Answer]:
        return [status_of(pack, dossier) is Status.PROVED for dossier in dossiers]

    return _dossiers(pack), answer


def _our_columns(pack: Pack) -> Prepared:
    template = compile_pack(pack)

    def load(cases: Sequence[Case]) -> tuple[Table, list[Dossier]]:
        dossiers = [dossier_of(pack, case) for case in cases]
        return tabulate(template, dossiers), dossiers

    def answer(loaded: tuple[Table, list[Dossier]]) -> list[Answer]:
        table, dossiers = loaded
        columns = plan_columns(template, table, pack.objective)
        told: list[Answer] = []
        for row, (status, costs, days) in enumerate(
            zip(columns.status.tolist(), columns.cost.T.tolist(), columns.days.tolist(), strict=True)
        ):
            if columns.alone[row]:
                plan = cheapest_plan(pack, dossiers[row])
                told.append(plan.objective if plan.feasible else None)
            elif status == Status.PROVED:
                told.append((0,) * 5)
            else:
                told.append(None if status == Status.BLOCKED else (*costs, days))
        return told

    return load, answer


#: The first engine of a task is the one the others are compared with.
ENGINES: list[Engine] = [
    Engine("taizhang cheapest_plan, case by case", "plan", _our_plan, 400),
    Engine("taizhang columns", "plan", _our_columns, 20_000),
    Engine("clingo, ground and solve per case", "plan", peer_clingo.per_case, 100, "clingo"),
    Engine("clingo, multi-shot", "plan", peer_clingo.multi_shot, 200, "clingo"),
    Engine("taizhang status, case by case", "yes/no", _our_truth, 1_000),
    Engine("ZEN, one call per record", "yes/no", peer_zen.one_by_one, 1_000, "zen-engine"),
    Engine("ZEN, evaluate_batch", "yes/no", peer_zen.in_batches, 1_000, "zen-engine"),
    Engine("OpenFisca, calculate", "yes/no", peer_openfisca.calculate, 20_000, "openfisca-core"),
    Engine("OpenFisca, set_input and calculate", "yes/no", peer_openfisca.whole, 20_000, "openfisca-core"),
]
