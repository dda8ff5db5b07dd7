"""What a plan says about every node and paper: held, missing, blocked, chosen, and until when.

Reads from: ``wording``.  Read by: ``chosen``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from taizhang.exchange.diagram.reasons import known_value
from taizhang.rules.terms import (
    Alternative,
    EstatePlan,
    Gap,
    Need,
    Pack,
    Ref,
    Status,
    Step,
    Value,
    Way,
)

__all__ = ["Progress"]


@dataclass(frozen=True, slots=True)
class Progress:
    """A plan, indexed by node and paper; places are put together."""

    pack: Pack
    plan: EstatePlan
    gaps: dict[str, list[Gap]] = field(default_factory=dict)
    route: dict[str, dict[str, set[str]]] = field(default_factory=dict)  #: node -> way -> places
    steps: dict[tuple[str, str], list[Step]] = field(default_factory=dict)  #: (node, way)
    others: dict[tuple[str, str], Alternative] = field(default_factory=dict)  #: (node, way), cheapest first
    barred: frozenset[str] = frozenset()  #: root blockers
    lifted: frozenset[str] = frozenset()  #: papers and ways of the lift
    working: frozenset[str] = frozenset()  #: missing papers that somebody is at work on

    @classmethod
    def of(cls, pack: Pack, plan: EstatePlan, working: frozenset[str] = frozenset()) -> Progress:
        """Index a plan; ``working`` are papers that somebody is at work on."""
        gaps: dict[str, list[Gap]] = defaultdict(list)
        for gap in plan.joint.gaps:
            gaps[gap.item].append(gap)
        route: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for choice in plan.joint.route:
            route[choice.node][choice.way].add(choice.place)
        steps: dict[tuple[str, str], list[Step]] = defaultdict(list)
        for step in plan.joint.steps:
            steps[step.node, step.way].append(step)
        others: dict[tuple[str, str], Alternative] = {}
        for other in plan.alternatives:
            others.setdefault((other.node, other.way), other)
        barred = frozenset(plan.blocked_by).union(*(unit.blocked_by for unit in plan.units))
        lifted: set[str] = set()
        if plan.lift is not None:
            lifted = {name for name, _ in plan.lift.items}
            lifted |= {f"{way.node}.{way.way}" for way in plan.lift.ways}
        kept = dict(gaps), dict(route), dict(steps)
        return cls(pack, plan, *kept, others, barred, frozenset(lifted), working)

    def truth(self, guarded: Way | Need) -> bool | None:
        """Return what the guard of a way or need comes to for the estate, ``None`` where facts are open."""
        if guarded.when is None:
            return True

        def fact(name: str) -> Value | None:
            if name in self.pack.params:
                return self.pack.params[name].on(self.pack.as_of)
            return known_value(self.plan, name)

        try:
            found = guarded.when.truth(fact)
        except ValueError:
            return None
        return found if isinstance(found, bool) else None

    def holds(self, need: Need) -> bool:
        """Whether the guard of a need is known to hold."""
        return self.truth(need) is True

    def state(self, name: str) -> str:
        """Return held, missing, working, blocked, route or pale."""
        status = self.plan.node_status.get(name)
        if name in self.gaps:
            return "working" if name in self.working else "missing"
        if name in self.route:
            return "route"
        if name in self.barred:
            return "blocked"
        if status is Status.BLOCKED:
            return "blocked"
        if status is Status.PROVED or (name in self.pack.evidence and status is None):
            return "held"
        return "pale"

    def matters(self, name: str, need: Need) -> bool:
        """Whether a need of a drawn way is drawn."""
        if name in self.gaps or name in self.route or name in self.barred:
            return True
        if not isinstance(need, Ref) and self.state(name) == "pale":
            return False
        return self.holds(need) and self.state(name) != "pale"

    def chosen(self, name: str) -> list[Way]:
        """Return the ways of a node that the plan goes, in the pack's order."""
        return [way for way in self.pack.nodes[name].ways if way.id in self.route.get(name, {})]

    def is_critical(self, name: str) -> bool:
        """Whether the last date hangs on a node or paper."""
        if any(gap.critical for gap in self.gaps.get(name, ())):
            return True
        ways = self.route.get(name, {})
        return any(step.critical for way in ways for step in self.steps.get((name, way), ()))
