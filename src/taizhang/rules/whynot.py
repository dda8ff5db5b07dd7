"""Why one home is, or is not, among those that a decision opens.

Reads from: ``assess``, ``plan``, ``explain``, ``terms``.  Read by: the commands ``whatif`` and ``leverage``.
"""

from __future__ import annotations

from dataclasses import dataclass

from taizhang.rules.assess import assess
from taizhang.rules.explain import lift_of
from taizhang.rules.plan import cheapest_plan, declared_order
from taizhang.rules.terms import Lift, Pack, Status
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
    statuses, items, told = [], [], None
    for world in (before, after):
        dossier = world.dossiers[number]
        told = assess(world.pack, dossier, place=unit)
        statuses.append(told.status[world.pack.goal])
        items.append(cheapest_plan(world.pack, dossier, place=unit).items)
    assert told is not None, "there are two worlds"
    lift = None
    if statuses[1] is Status.BLOCKED:
        order = declared_order(after.pack, None)
        lift = lift_of(after.pack, after.dossiers[number], {(after.pack.goal, unit): 1}, order)
    return WhyNot(
        statuses[0],
        statuses[1],
        told.blocked_by,
        lift,
        tuple(dict.fromkeys(one.fact for one in told.questions)) if statuses[1] is Status.DEPENDS else (),
        tuple(one for one in items[0] if one not in items[1]),
        items[1],
    )
