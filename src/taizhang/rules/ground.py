"""From a pack and a dossier to the numbered AND/OR graph of one scope.

Every node and paper that the goals can reach becomes one element per place.  Guards over
known facts are settled here; guards over open facts stay, as conditions over the classes
of answers.  Elements are numbered goal first: whatever an element needs has a higher number,
finer places come before coarser ones, so that what is shared is decided last.

Reads from: ``answers``, ``expressions``, ``problem``, ``terms``.  Read by: ``truth``, ``search``, ``assess``,
``plan``, ``joint`` and ``explain``.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import ceil
from typing import cast

from taizhang.errors import PackError
from taizhang.rules.answers import answer_classes, as_read
from taizhang.rules.expressions import Expression, Unknown
from taizhang.rules.problem import (
    SWITCH,
    Choice,
    Condition,
    Element,
    Key,
    OpenFact,
    Option,
    Problem,
    condition_of,
    plain_need,
)
from taizhang.rules.terms import (
    AtLeast,
    Cost,
    Dossier,
    Each,
    Held,
    Label,
    Need,
    Pack,
    Ref,
    Share,
    Value,
    Way,
    by_place,
)

__all__ = [
    "Choice",
    "Condition",
    "Element",
    "OpenFact",
    "Option",
    "Problem",
    "condition_of",
    "ground",
    "plain_need",
]

_MOST_REMEMBERED = 30_000  # guards with what they read
_NOTHING = Cost(0, 0, 0)
_WITH = Way("with", Label("", ""), (), step=_NOTHING)
_WITHOUT = Way("without", Label("", ""), (), step=_NOTHING)


def ground(
    pack: Pack,
    dossier: Dossier,
    goals: Iterable[Key],
    *,
    weights: Mapping[str, int] | None = None,
    adopt: bool = False,
) -> Problem:
    """Build the problem of a scope.

    Args:
        pack: The law on its day.
        dossier: What is known.
        goals: ``(node, place)`` pairs to be established together.
        weights: How many identical places a place stands for; 1 by default.
        adopt: Let ways that are not adopted here count too (for the lift).

    Raises:
        PackError: ``E-PACK-E05`` a need for which the dossier has no place.
    """
    return _Grounding(pack, dossier, weights or {}, adopt).run(tuple(goals))


class _Grounding:
    """Collects elements depth first, then numbers them."""

    def __init__(self, pack: Pack, dossier: Dossier, weights: Mapping[str, int], adopt: bool) -> None:
        self.pack = pack
        self.dossier = dossier
        self.weights = weights
        self.adopt = adopt
        self.classes = answer_classes(pack)
        self.levels = {level: depth for depth, level in enumerate(pack.levels)}
        self.needs: dict[Key, tuple[_Way, ...]] = {}
        self.closed: dict[Key, tuple[tuple[Way, str], ...]] = {}
        self.facts: dict[Key, None] = {}
        self.switches: dict[Key, tuple[_Way, ...]] = {}
        self.below: dict[tuple[str, str], tuple[str, ...]] = {}
        self.values: dict[Key, Value | None] = {}
        self.settled: dict[Key, bool | Unknown] = {}
        self.ancestors: dict[str, Mapping[str, str]] = {}
        self.held = by_place(dossier.held)
        self.told_held: dict[str, Mapping[str, Held]] = {}
        self.truths = _remembered(pack, "truths of guards")

    def run(self, goals: tuple[Key, ...]) -> Problem:
        pending = list(goals)
        while pending:
            key = pending.pop()
            if key in self.needs:
                continue
            self.needs[key] = self._ways(key)
            for way in self.needs[key]:
                pending.extend(name for need in way.needs for name in need.of)
        order = self._order()
        number = {key: index for index, key in enumerate(order)}
        facts = tuple(sorted(self.facts, key=lambda f: (self.levels[self.pack.facts[f[0]].level], f)))
        fact_number = {key: index for index, key in enumerate(facts)}
        conditions = _Conditions(self, fact_number)
        elements = tuple(self._element(key, number, conditions) for key in order)
        opens = tuple(
            OpenFact(name, place, self.classes[name], max(1, self.pack.facts[name].find.effort))
            for name, place in facts
        )
        return Problem(elements, tuple(number[goal] for goal in goals), opens, number, self.closed)

    # -- collecting

    def _ways(self, key: Key) -> tuple[_Way, ...]:
        name, place = key
        if SWITCH in name:
            if key not in self.switches:  # a goal of its own, without the node that has the need
                self._switched(name, place)
            return self.switches[key]
        if name not in self.pack.nodes:
            return ()
        state = self.state(name, place)
        if state is Held.ON_HAND:
            return ()
        open_, closed = [], []
        for way in self.pack.nodes[name].ways:
            reason = self._why_closed(way, place)
            if reason:
                closed.append((way, reason))
            else:
                open_.append(self._grounded(name, way, place))
        if closed:
            self.closed[key] = tuple(closed)
        if state is Held.UNOBTAINABLE:
            return ()
        return tuple(open_)

    def state(self, name: str, place: str) -> Held:
        """As the dossier tells it; the states that speak at a place are put together once."""
        found = self.told_held.get(place)
        if found is None:
            found = self.told_held[place] = self._told_held(place)
        return found.get(name, Held.MISSING)

    def _told_held(self, place: str) -> Mapping[str, Held]:
        told: dict[str, Held] = {}
        for one in reversed(self.dossier.chain(place)):
            told.update(self.held.at(one))  # the finest place speaks last
        if self.dossier.valid_until:
            return {name: self.dossier.state(name, place) for name in told}
        return told

    def _why_closed(self, way: Way, place: str) -> str:
        if not way.effective.holds(self.pack.as_of):
            return "not_in_force"
        if way.scope and not self._in_scope(way, place):
            return "not_adopted"  # a decision for other estates
        if not way.adopted and not self.adopt:
            return "not_adopted"
        if way.when and self._settle(way.when, place) is False:
            return "guard_false"
        return ""

    def _in_scope(self, way: Way, place: str) -> bool:
        if self.dossier.unnamed:
            return True  # the decision was loaded for this case
        chain = [self.dossier.places[one] for one in self.dossier.chain(place)]
        return any(one.id in way.scope or one.name in way.scope for one in chain)

    def _settle(self, guard: Expression, place: str) -> bool | Unknown:
        here = guard.text, place
        settled = self.settled.get(here)
        if settled is None:
            key = guard.text, self.told(guard, place)
            found = self.truths.get(key)
            if found is None:
                found = self.truths[key] = guard.truth(lambda name: self.read(name, place))
            settled = self.settled[here] = cast("bool | Unknown", found)
        return settled

    def told(self, guard: Expression, place: str) -> tuple[object, ...]:
        """Everything that a guard reads at a place, with its type: ``True`` is not 1."""
        values = [self.read(name, place) for name in _in_order(guard.names)]
        return (*values, *map(type, values))

    def read(self, name: str, place: str) -> Value | None:
        """A fact as seen from ``place``, or a parameter."""
        key = name, place
        if key not in self.values:
            if name in self.pack.facts:
                self.values[key] = as_read(self.pack.facts[name], self.dossier.fact(name, place))
            else:
                self.values[key] = self.pack.params[name].on(self.pack.as_of)
        return self.values[key]

    def truth_with(self, guard: Expression, place: str, tried: Mapping[str, Value]) -> bool | Unknown:
        """A guard's truth when the open facts take the tried values."""
        return guard.truth(lambda name: tried[name] if name in tried else self.read(name, place))

    def _grounded(self, node: str, way: Way, place: str) -> _Way:
        needs: list[_Need] = []
        for need in way.needs:
            settled = self._settle(need.when, place) if need.when else True
            if settled is False:
                continue
            if need.when and isinstance(settled, Unknown):
                before = sum(_said(other) < _said(need) for other in way.needs)
                switch = (f"{node}.{way.id}{SWITCH}{before}", place)  # wherever in the way it is written
                self._switch(switch, need)
                needs.append(_Need(1, (switch,)))
            else:
                needs.append(self._need(need, place))
        guard = way.when if way.when and isinstance(self._settle(way.when, place), Unknown) else None
        self._note(guard, place)
        return _Way(way, tuple(needs), guard)

    def _switch(self, key: Key, need: Need) -> None:
        """A need whose guard is still open."""
        self._note(need.when, key[1])
        self.switches[key] = (
            _Way(_WITH, (self._need(need, key[1]),), need.when),
            _Way(_WITHOUT, (), need.when, negated=True),
        )

    def _switched(self, name: str, place: str) -> None:
        head, _, before = name.rpartition(SWITCH)
        node, _, id_ = head.partition(".")
        way = next(one for one in self.pack.nodes[node].ways if one.id == id_)
        self._switch((name, place), sorted(way.needs, key=_said)[int(before)])

    def _note(self, guard: Expression | None, place: str) -> None:
        for key in self.open_facts(guard, place):
            self.facts[key] = None

    def open_facts(self, guard: Expression | None, place: str) -> list[Key]:
        """The open facts a guard reads, each at the place where it lives."""
        found = []
        for name in _in_order(guard.names) if guard else ():
            if name in self.pack.facts and self.read(name, place) is None:
                found.append((name, self._at(name, self.pack.facts[name].level, place)))
        return found

    def _at(self, name: str, level: str, place: str) -> str:
        around = self.ancestors.get(place)
        if around is None:
            chain = [self.dossier.places[one] for one in self.dossier.chain(place)]
            around = self.ancestors[place] = {one.level: one.id for one in reversed(chain)}
        found = around.get(level)
        if found is None:
            raise PackError(
                "'{name}' lives on level {level}, and {place} has no such place.",
                hint="Use {{each: {level}, ref: {name}}} in the pack, or add the place to the case.",
                zh="“{name}”属于“{level}”层级，而“{place}”没有该层级的对象。",
                code="E-PACK-E05",
                name=name,
                level=level,
                place=place,
            )
        return found

    def _need(self, need: Need, place: str) -> _Need:
        if isinstance(need, Ref):
            return _Need(1, (self._key(need.ref, place),))
        if isinstance(need, AtLeast):
            return _Need(need.k, tuple(self._key(name, place) for name in need.of))
        under = self._below(place, need.level)
        keys = tuple((need.ref, one) for one in under)
        if isinstance(need, Each):
            return _Need(len(keys), keys)
        assert isinstance(need, Share)
        total = sum(self.weights.get(one, 1) for one in under)
        if total != len(under):
            raise ValueError("a share cannot be planned over grouped places")
        return _Need(ceil(need.at_least * total), keys)

    def _below(self, place: str, level: str) -> tuple[str, ...]:
        if (place, level) not in self.below:
            self.below[place, level] = self.dossier.below(place, level)
        return self.below[place, level]

    def _key(self, name: str, place: str) -> Key:
        return name, self._at(name, self.pack.level_of(name), place)

    # -- numbering

    def _order(self) -> list[Key]:
        """Topological, needs after what needs them; among the free ones the finest place first."""
        parents = dict.fromkeys(self.needs, 0)
        children: dict[Key, list[Key]] = {}
        for key, ways in self.needs.items():
            children[key] = sorted({name for way in ways for need in way.needs for name in need.of})
            for child in children[key]:
                parents[child] += 1
        free = [self._priority(key) for key, count in parents.items() if count == 0]
        heapq.heapify(free)
        order: list[Key] = []
        while free:
            key = heapq.heappop(free)[-1]
            order.append(key)
            for child in children[key]:
                parents[child] -= 1
                if parents[child] == 0:
                    heapq.heappush(free, self._priority(child))
        assert len(order) == len(self.needs), "the pack loader refuses cycles"
        return order

    def _priority(self, key: Key) -> tuple[int, str, bool, Key]:
        name, place = key
        return (-self.levels[self.dossier.places[place].level], place, name not in self.pack.evidence, key)

    def _element(self, key: Key, number: Mapping[Key, int], conditions: _Conditions) -> Element:
        name, place = key
        options = tuple(
            Option(
                way.way,
                tuple(
                    plain_need(number[need.of[0]])
                    if need.k == 1 == len(need.of)
                    else Choice(need.k, tuple(number[one] for one in need.of))
                    for need in way.needs
                ),
                conditions.of(way.guard, place, way.negated),
            )
            for way in self.needs[key]
        )
        paper = self.pack.evidence.get(name)
        weight = self.weights.get(place, 1)
        return Element(name, place, self.state(name, place), options, paper.cost if paper else None, weight)


@lru_cache(maxsize=10_000)
def _said(need: Need) -> tuple[str, ...]:
    """What a need says, in an order of its own."""
    guard = need.when.text if need.when else ""
    if isinstance(need, AtLeast):
        return guard, "at least", str(need.k), *sorted(need.of)
    if isinstance(need, Ref):
        return guard, "one", need.ref
    share = str(need.at_least) if isinstance(need, Share) else ""
    return guard, need.level, need.ref, share


@lru_cache(maxsize=10_000)
def _in_order(names: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


@dataclass(frozen=True, slots=True)
class _Need:
    k: int
    of: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    way: Way
    needs: tuple[_Need, ...]
    guard: Expression | None
    negated: bool = False


def _remembered(pack: Pack, what: str) -> dict[object, object]:
    """What was worked out of a pack's guards before; begun anew where it is too much."""
    found = cast("dict[object, object]", pack.once.setdefault(what, {}))
    if len(found) > _MOST_REMEMBERED:
        found = pack.once[what] = {}
    return found


class _Conditions:
    """Open guards as combinations of answer classes, each computed once."""

    def __init__(self, grounding: _Grounding, number: Mapping[Key, int]) -> None:
        self.grounding = grounding
        self.number = number
        self.known: dict[tuple[str, str, bool], Condition] = {}
        self.alike = _remembered(grounding.pack, "answers under which guards hold")

    def of(self, guard: Expression | None, place: str, negated: bool) -> Condition | None:
        """The condition of an open guard seen from ``place``; ``None`` for no guard."""
        if guard is None:
            return None
        key = guard.text, place, negated
        if key not in self.known:
            self.known[key] = self._compute(guard, place, not negated)
        return self.known[key]

    def _compute(self, guard: Expression, place: str, wanted: bool) -> Condition:
        keys: Sequence[Key] = sorted(self.grounding.open_facts(guard, place), key=self.number.__getitem__)
        classes = [self.grounding.classes[name] for name, _ in keys]
        # places at which the same is known of the names a guard reads need be tried once
        told = guard.text, wanted, self.grounding.told(guard, place), tuple(name for name, _ in keys)
        holds = self.alike.get(told)
        if holds is None:
            holds = self.alike[told] = self._holds(guard, place, wanted, keys)
        numbers = tuple(self.number[key] for key in keys)
        widths = tuple(len(one) for one in classes)
        return condition_of(numbers, cast("frozenset[tuple[int, ...]]", holds), widths)

    def _holds(
        self, guard: Expression, place: str, wanted: bool, keys: Sequence[Key]
    ) -> frozenset[tuple[int, ...]]:
        classes = [self.grounding.classes[name] for name, _ in keys]
        holds = set()
        for combo in product(*(range(len(one)) for one in classes)):
            tried = {
                name: group[index].value for (name, _), group, index in zip(keys, classes, combo, strict=True)
            }
            if self.grounding.truth_with(guard, place, tried) is wanted:
                holds.add(combo)
        return frozenset(holds)
