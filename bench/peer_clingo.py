"""clingo as a planner: the encoding of ``tests/rules/clingo_encoding.py``, in two ways of use.

Per case, writing the facts is input and grounding and solving are the answer.  Multi-shot, the law
is grounded once with everything open; a case is a set of externals and assumptions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from bench.cases import Case, dossier_of
from taizhang.rules import Dossier
from taizhang.rules.terms import Pack

if TYPE_CHECKING:
    import clingo

__all__ = ["multi_shot", "per_case"]


def _best(control: clingo.Control, width: int, assumptions: Sequence[int] = ()) -> tuple[int, ...] | None:
    best = None
    with control.solve(assumptions=assumptions, yield_=True) as handle:
        for model in handle:
            best = dict(zip(model.priority, model.cost, strict=True))
    return None if best is None else tuple(best.get(width - i, 0) for i in range(width))


def per_case(pack: Pack) -> tuple[Callable[[Sequence[Case]], Any], Callable[[Any], Any]]:
    """Ground and solve every case anew."""
    import clingo  # noqa: PLC0415 - a peer that may be missing
    from tests.rules.clingo_encoding import PLAN, TRUTH, encode  # noqa: PLC0415 - imports clingo

    goals, order = [(pack.goal, pack.levels[-1])], pack.objective

    def load(cases: Sequence[Case]) -> list[str]:
        return [encode(pack, dossier_of(pack, case), goals, order).text + TRUTH + PLAN for case in cases]

    def one(text: str) -> tuple[int, ...] | None:
        control = clingo.Control(["--warn=none"])
        control.add("base", [], text)
        control.ground([("base", [])])
        return _best(control, len(order))

    return load, lambda texts: [one(text) for text in texts]


def multi_shot(pack: Pack) -> tuple[Callable[[Sequence[Case]], Any], Callable[[Any], Any]]:
    """Ground the law once, then change only what a case says."""
    import clingo  # noqa: PLC0415 - a peer that may be missing
    from tests.rules.clingo_encoding import PLAN, TRUTH, encode  # noqa: PLC0415 - imports clingo

    nothing = Dossier.of(pack)
    case_ = encode(pack, nothing, [(pack.goal, pack.levels[-1])], pack.objective, reusable=True)
    control = clingo.Control(["--warn=none"])
    control.add("base", [], case_.text + TRUTH + PLAN)
    control.ground([("base", [])])

    def literal(name: str, *numbers: int) -> int:
        atom = control.symbolic_atoms[clingo.Function(name, [clingo.Number(n) for n in numbers])]
        assert atom is not None
        return atom.literal

    hand = [literal("hand", n) for n in range(len(case_.keys))]
    lost = [literal("lost", n) for n in range(len(case_.keys))]
    index = [{value: i for i, value in enumerate(values)} for values in case_.domains]

    def load(cases: Sequence[Case]) -> list[tuple[list[bool], list[bool], list[int]]]:
        return [
            (
                [name in case.on_hand for name, _ in case_.keys],
                [name in case.unobtainable for name, _ in case_.keys],
                [literal("ans", n, index[n][case.facts[f]]) for n, (f, _) in enumerate(case_.facts)],
            )
            for case in cases
        ]

    def answer(loaded: list[tuple[list[bool], list[bool], list[int]]]) -> list[tuple[int, ...] | None]:
        found = []
        for there, gone, answers in loaded:
            for lit, value in zip(hand, there, strict=True):
                control.assign_external(lit, value)
            for lit, value in zip(lost, gone, strict=True):
                control.assign_external(lit, value)
            found.append(_best(control, len(pack.objective), answers))
        return found

    return load, answer
