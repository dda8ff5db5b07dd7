"""Where a case stands: the status of every node, the range of plans, the questions.

Reads from: ``ground``, ``truth``, ``completions``, ``plan``.  Read by: ``joint``, ``packtest``, the doors.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from fractions import Fraction

from taizhang.rules.completions import Range, explore
from taizhang.rules.ground import Problem, ground
from taizhang.rules.plan import declared_order, goal_place, lasting_case, papers_by_name, vector_of
from taizhang.rules.search import Solution
from taizhang.rules.solver import Library, best
from taizhang.rules.terms import Assessment, Dossier, Pack, Question, Vector
from taizhang.rules.truth import root_blockers, standing
from taizhang.rules.worktime import WorkCalendar

__all__ = ["assess", "problem_of", "questions_of"]


def assess(
    pack: Pack,
    dossier: Dossier,
    *,
    place: str | None = None,
    objective: str | Sequence[str] | None = None,
    calendar: WorkCalendar | None = None,
) -> Assessment:
    """Return where every node stands for one case.

    Args:
        pack: The law on its day.
        dossier: What is known.
        place: The unit; needed only where the dossier has more than one.
        objective: ``cheapest``, ``fewest``, ``fastest`` or the parts in order; the pack's by default.
        calendar: Tells when papers lapse; the official one that comes with this version by default.

    Returns:
        Status of every node and paper of the pack, as seen from the unit; the best and worst
        case over all answers to the open facts; the questions whose answer changes the plan.

    Raises:
        PackError: ``E-PACK-E05`` a need without a place.

    >>> from datetime import date
    >>> from taizhang.rules import Dossier, assess, load_pack
    >>> pack = load_pack("title-certificates", as_of=date(2024, 1, 28))
    >>> found = assess(pack, Dossier.of(pack, on_hand=["first_registration"]))
    >>> found.status["first_registration"].word, found.status[pack.goal].word
    ('proved', 'depends')
    >>> "purchase_basis" in [question.fact for question in found.questions]
    True

    Source:
        Status over completions: rules.md C.2; Reiter, "Towards a logical reconstruction of
        relational database theory" (1984), on open facts.
    """
    unit = goal_place(pack, dossier, place)
    dossier = lasting_case(pack, dossier, objective=objective, place=unit, calendar=calendar)
    names = [*pack.nodes, *pack.evidence]
    seen = [(name, at) for name in names if (at := dossier.ancestor(unit, pack.level_of(name)))]
    problem = ground(pack, dossier, seen)
    stands = standing(problem)
    goal = problem.number[pack.goal, unit]
    order = declared_order(pack, objective)
    papers = papers_by_name(problem)
    range_ = explore(problem, goal, order, papers)
    lowest = _case(problem, goal, order, papers, {})
    highest = _case(problem, goal, order, papers, range_.worst_answers) if range_.worst else None
    return Assessment(
        status={name: stands.status(problem.number[name, at]) for name, at in seen},
        goal=pack.goal,
        exact=range_.exact,
        best_case=lowest[0] if lowest else None,
        worst_case=highest[0] if highest else None,
        best_items=lowest[1] if lowest else (),
        worst_items=highest[1] if highest else (),
        questions=questions_of(problem, goal, order, papers, range_),
        blocked_by=root_blockers(problem, stands, goal),
        unknown_facts=tuple(problem.facts[fact].name for fact in sorted(_reached(problem, goal))),
    )


def problem_of(problem: Problem, goal: int) -> Problem:
    """The same problem for one goal alone."""
    return Problem(problem.elements, (goal,), problem.facts, problem.number, problem.closed)


def _case(
    problem: Problem, goal: int, order: tuple[str, ...], papers: Sequence[int], answers: dict[int, int]
) -> tuple[Vector, tuple[str, ...]] | None:
    found = best(problem_of(problem, goal), order, papers, given=answers)
    if found is None:
        return None
    return vector_of(found.solution), _names(problem, found.solution)


def questions_of(
    problem: Problem,
    goal: int,
    order: tuple[str, ...],
    papers: Sequence[int],
    range_: Range,
    known: Container[int] = (),
    library: Library | None = None,
) -> tuple[Question, ...]:
    """Each open fact whose answer changes the best plan, with the best plan per answer.

    Facts in ``known`` have been put already and are left out; ``library`` has pieces solved
    before.  Ordered by the regret removed per hour of finding out, then in id order.

    Source:
        Minimax regret: Savage, "The theory of statistical decision" (1951).
    """
    found: list[tuple[tuple[object, str, str], Question]] = []
    alone = problem_of(problem, goal)
    for fact in sorted(fact for fact in range_.asks if fact not in known):
        open_ = problem.facts[fact]
        outcomes, names = [], []
        for value, group in enumerate(open_.classes):
            plan = best(alone, order, papers, given={fact: value}, library=library)
            outcomes.append((group.answers, vector_of(plan.solution) if plan else None))
            names.append(_names(problem, plan.solution) if plan else None)
        question = Question(open_.name, open_.place, tuple(outcomes), papers=tuple(names))
        found.append(((_urgency(question, order, open_.effort), open_.name, open_.place), question))
    return tuple(question for _, question in sorted(found, key=lambda pair: pair[0]))


def _names(problem: Problem, solution: Solution) -> tuple[str, ...]:
    return tuple(sorted(problem.elements[one].name for one in solution.papers))


def _urgency(question: Question, order: Sequence[str], hours: int) -> tuple[bool, int, tuple[Fraction, ...]]:
    """Sorts a fact that may block first, the cheapest to find out before others; then by regret.

    The regret is what the worst answer costs more than the best, part by part of the declared
    order, for each hour that finding out takes.
    """
    told = [vector.ordered(tuple(order)) for _, vector in question.outcomes if vector is not None]
    blocks = len(told) < len(question.outcomes)
    regret = (
        [Fraction(most - least, hours) for most, least in zip(max(told), min(told), strict=True)]
        if told
        else []
    )
    return not blocks, hours if blocks else 0, tuple(-part for part in regret)


def _reached(problem: Problem, goal: int) -> set[int]:
    """Open facts that guards below the goal read."""
    seen: set[int] = set()
    facts: set[int] = set()
    pending = [goal]
    while pending:
        number = pending.pop()
        if number in seen:
            continue
        seen.add(number)
        for option in problem.elements[number].options:
            facts.update(option.when.facts if option.when else ())
            for choice in option.needs:
                pending.extend(choice.of)
    return facts
