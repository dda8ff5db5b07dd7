"""Why one home is, or is not, among those that a decision opens.

Reads from: ``completions``, ``truth``, ``plan``, ``explain``, ``terms``.  Read by: the doors.
"""

from __future__ import annotations

from dataclasses import dataclass

from taizhang.rules.completions import explore
from taizhang.rules.explain import lift_of
from taizhang.rules.ground import Problem, ground
from taizhang.rules.plan import cheapest_plan, declared_order, lasting_case, papers_by_name
from taizhang.rules.terms import Lift, Pack, Status
from taizhang.rules.truth import root_blockers, standing
from taizhang.rules.whatif import World

__all__ = ["WhyNot", "why_not"]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """One home in two worlds; every list is found by solving.

    Attributes:
        before, after: Where it stands.
        blocked_by: Root blockers that remain.
        lift: What would open it still.
        questions: Open facts on which it then depends.
        gone: Papers of its plan that it no longer needs.
        items: Papers it still lacks.
    """

    before: Status
    after: Status
    blocked_by: tuple[str, ...]
    lift: Lift | None
    questions: tuple[str, ...]
    gone: tuple[str, ...]
    items: tuple[str, ...]

    def lift_text(self, pack: Pack, language: str) -> str:
        """The lift in words of the pack."""
        if self.lift is None:
            return ""
        labels = [pack.label_of(name).in_(language) for name, _ in self.lift.items]
        for choice in self.lift.ways:
            label = next(way.label for way in pack.nodes[choice.node].ways if way.id == choice.way)
            labels.append(f"{pack.label_of(choice.node).in_(language)}·{label.in_(language)}")
        return ("、" if language == "zh" else ", ").join(dict.fromkeys(labels))


def why_not(before: World, after: World, number: int, unit: str) -> WhyNot:
    """Return why a home is, or is not, opened.

    Args:
        before: What is.
        after: What would be.
        number: Number of its dossier.
        unit: Its place id.
    """
    was, now = (_Stand.of(world, number, unit) for world in (before, after))
    gone = tuple(one for one in was.items if one not in now.items)
    order, lift = declared_order(after.pack, None), None
    if now.status is Status.BLOCKED:
        lift = lift_of(after.pack, after.dossiers[number], {(after.pack.goal, unit): 1}, order)
    asks = now.asks(order) if now.status is Status.DEPENDS else ()
    return WhyNot(was.status, now.status, now.blockers, lift, asks, gone, now.items)


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where one home stands in one world."""

    problem: Problem
    goal: int
    status: Status
    blockers: tuple[str, ...]
    items: tuple[str, ...]

    @classmethod
    def of(cls, world: World, number: int, unit: str) -> _Stand:
        pack, dossier = world.pack, world.dossiers[number]
        problem = ground(pack, lasting_case(pack, dossier, place=unit), [(pack.goal, unit)])
        goal, stands = problem.number[pack.goal, unit], standing(problem)
        items = cheapest_plan(pack, dossier, place=unit).items
        return cls(problem, goal, stands.status(goal), root_blockers(problem, stands, goal), items)

    def asks(self, order: tuple[str, ...]) -> tuple[str, ...]:
        """Open facts whose answer changes its plan; what each answer leads to is not worked out here."""
        found = explore(self.problem, self.goal, order, papers_by_name(self.problem)).asks
        return tuple(dict.fromkeys(self.problem.facts[fact].name for fact in sorted(found)))
