"""Why a paper is needed, why not the other way and at what price, and what would lift a block.

Every statement is found by solving again: a paper forced out, a way forced in, a block lifted.
Nothing here is a guess, and every record can be replayed.

Reads from: ``favourable``, ``ground``, ``resolve``, ``terms``.  Read by: ``joint``, the doors.

Source:
    Contrastive explanation: Lipton, "Contrastive explanation" (1990); minimum correction
    sets for the lift: Reiter, "A theory of diagnosis from first principles" (1987).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from taizhang.rules.favourable import Found
from taizhang.rules.ground import Problem, ground
from taizhang.rules.plan import vector_of
from taizhang.rules.resolve import Changes
from taizhang.rules.resolver import Resolver
from taizhang.rules.solver import Library, best
from taizhang.rules.terms import Alternative, Dossier, Gap, Held, Lift, Pack, RouteChoice, Vector, Way

__all__ = ["Explainer", "lift_of"]


@dataclass(slots=True)
class Explainer:
    """Explains one solved problem.

    Attributes:
        pack: The law.
        problem: The problem.
        found: Its best solution.
        order: The objective.
        papers: Papers in the order that breaks ties.
        library: Pieces solved before.
    """

    pack: Pack
    problem: Problem
    found: Found
    order: tuple[str, ...]
    papers: Sequence[int]
    library: Library = field(default_factory=Library)
    known: dict[int, tuple[Alternative, ...]] = field(default_factory=dict)
    _resolver: Resolver = field(init=False)

    def __post_init__(self) -> None:
        """Every question changes little of the same problem."""
        self._resolver = Resolver(self.problem)

    def graded(self, gaps: Sequence[Gap]) -> tuple[Gap, ...]:
        """Give every gap its grade, the price of refusing it, its path and its alternatives."""
        by_key = {self.problem.elements[n].key: n for n in self.found.solution.papers}
        known: dict[str, Gap] = {}
        graded = []
        for gap in gaps:
            number = by_key.get((gap.item, gap.place))
            # Units alike have one representative.  Of a paper that each unit must bring, the
            # first representative is explained: its grade is that of the item in this estate.
            name = gap.item if gap.level == self.unit else f"{gap.item}@{gap.place}"
            if name not in known and number is not None:
                known[name] = self._grade(gap, number)
            graded.append(_told(gap, known[name]) if name in known else gap)
        return tuple(graded)

    @property
    def unit(self) -> str:
        """The level of the goal."""
        return self.pack.nodes[self.pack.goal].level

    def _grade(self, gap: Gap, number: int) -> Gap:
        """Force the paper out and see what the best plan costs then."""
        without = self.solve(Changes(without=frozenset({number})))
        path = self.path(number)
        alternatives = tuple(
            one
            for choice in path
            for one in self.alternatives(self.problem.number[choice.node, choice.place])
        )
        if without is None:
            return replace(gap, grade="necessary", path=path, alternatives=alternatives)
        delta = vector_of(without.solution) - vector_of(self.found.solution)
        same = without.solution.objective(self.order) == self.found.solution.objective(self.order)
        grade = "convenient" if same else "chosen"
        return replace(gap, grade=grade, price_of_refusal=delta, path=path, alternatives=alternatives)

    def solve(self, changes: Changes, problem: Problem | None = None) -> Found | None:
        """The best plan under changes and the answers the plan assumes."""
        self.library.resolver = self._resolver
        return best(
            problem or self.problem,
            self.order,
            self.papers,
            changes=changes,
            given=self.found.answers,
            library=self.library,
        )

    def path(self, number: int) -> tuple[RouteChoice, ...]:
        """The chosen ways from a goal down to a paper; the first goal that needs it."""
        chosen = self.found.solution.chosen
        above: dict[int, int] = {}
        for node in sorted(chosen, reverse=True):
            for need in chosen[node].needs:
                above[need] = node
        steps: list[RouteChoice] = []
        here = number
        while here in above:
            here = above[here]
            element = self.problem.elements[here]
            if not element.switch:
                steps.append(RouteChoice(element.place, element.name, chosen[here].option.way.id))
        return tuple(reversed(steps))

    def alternatives(self, number: int) -> tuple[Alternative, ...]:
        """Every way of a node that was not chosen, with its price or the reason it is closed."""
        element = self.problem.elements[number]
        chosen = self.found.solution.chosen.get(number)
        if chosen is None:
            return ()
        if number in self.known:
            return self.known[number]
        told = [
            self._forced(number, option.way)
            for option in element.options
            if option.way.id != chosen.option.way.id
        ]
        for way, reason in self.problem.closed.get(element.key, ()):
            facts = tuple(sorted(way.when.names & self.pack.facts.keys())) if way.when else ()
            told.append(Alternative(element.name, element.place, way.id, reason, None, facts))
        self.known[number] = tuple(told)
        return self.known[number]

    def _forced(self, number: int, way: Way) -> Alternative:
        """Force the way in and see what the best plan costs then."""
        element = self.problem.elements[number]
        # the node must be established, and by this way only
        goals = tuple(dict.fromkeys((*self.problem.goals, number)))
        found = self.solve(Changes(only={number: way.id}), replace(self.problem, goals=goals))
        if found is None:
            return Alternative(
                element.name, element.place, way.id, "blocked", None, self._blockers(number, way)
            )
        delta = vector_of(found.solution) - vector_of(self.found.solution)
        return Alternative(element.name, element.place, way.id, "dearer", delta)

    def _blockers(self, number: int, way: Way) -> tuple[str, ...]:
        """Papers below a way that cannot be had."""
        option = next(one for one in self.problem.elements[number].options if one.way.id == way.id)
        if option.when and option.when.under(self.found.answers) is False:
            return tuple(sorted({self.problem.facts[fact].name for fact in option.when.facts}))
        seen: set[int] = set()
        pending = [need for choice in option.needs for need in choice.of]
        lost: set[str] = set()
        while pending:
            here = pending.pop()
            if here in seen:
                continue
            seen.add(here)
            element = self.problem.elements[here]
            if element.held is Held.UNOBTAINABLE:
                lost.add(element.name)
            pending.extend(need for one in element.options for choice in one.needs for need in choice.of)
        return tuple(sorted(lost))


def _told(gap: Gap, told: Gap) -> Gap:
    """A gap with the explanation of another of the same kind."""
    return replace(
        gap,
        grade=told.grade,
        price_of_refusal=told.price_of_refusal,
        path=told.path,
        alternatives=told.alternatives,
    )


def lift_of(
    pack: Pack, dossier: Dossier, goals: Mapping[tuple[str, str], int], order: tuple[str, ...]
) -> Lift | None:
    """Return the fewest and then cheapest changes that open blocked goals.

    ``goals`` are ``(node, place)`` with the number of like places each stands for.

    A change is an unobtainable paper got after all, or a way adopted that is not adopted here.
    ``None`` where even all of them would not help (a fact stands in the way).
    """
    weights = {place: weight for (_, place), weight in goals.items()}
    problem = ground(pack, dossier, goals, weights=weights, adopt=True)
    papers = sorted(
        (n for n, one in enumerate(problem.elements) if not one.options),
        key=lambda n: problem.elements[n].key,
    )
    found = best(problem, order, papers, changes=Changes(lift=True))
    if found is None:
        return None
    elements = problem.elements
    lost = tuple(elements[n].key for n in found.solution.papers if elements[n].held is Held.UNOBTAINABLE)
    ways = tuple(
        RouteChoice(elements[n].place, elements[n].name, branch.option.way.id)
        for n, branch in sorted(found.solution.chosen.items())
        if not branch.option.way.adopted
    )
    vector: Vector = vector_of(found.solution)
    return Lift(lost, ways, vector)
