"""One walk from the goals of a finished plan down to its papers, for the second checker.

It shares no code with the planner, only the records, the evaluation of expressions and the answers that
guards tell apart.

Reads from: ``terms``, ``expressions``, ``answers``.  Read by: ``check``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import product
from math import prod
from typing import TypeAlias

from taizhang.rules.answers import answer_classes
from taizhang.rules.expressions import Expression, Unknown
from taizhang.rules.terms import (
    AtLeast,
    Dossier,
    Each,
    Held,
    Need,
    Pack,
    Ref,
    Share,
    Value,
    Vector,
    Way,
)

__all__ = ["Key", "WalkDown"]

Key: TypeAlias = tuple[str, str]  #: (name, place)

_MOST_TRIED = 4_096  # combinations of answers to the open facts of one guard


class WalkDown:
    """One walk from the goals down; every element is visited once.

    Args:
        pack: The law on its day.
        dossier: What is known.
        ways: The way taken, by ``(node, place)``.
        assumed: Answers that open facts are assumed to have, by ``(fact, place)``.
        listed: The papers that the plan lists.
        of: Unit -> the one that stands for it, at which its assumptions are told.

    Attributes:
        problems: What is wrong, one sentence each.
        papers: The papers that the route uses.
        used: The way that counts at each node, what it needs, and whether it follows from what is on hand.
        days: Working days until each element is there.
    """

    def __init__(
        self,
        pack: Pack,
        dossier: Dossier,
        ways: Mapping[Key, str],
        assumed: Mapping[Key, tuple[str, ...]],
        listed: set[Key],
        of: Mapping[str, str] | None = None,
    ) -> None:
        self.pack, self.dossier, self.ways = pack, dossier, ways
        self.assumed, self.of, self.listed = assumed, of or {}, listed
        self.problems: list[str] = []
        self.papers: set[Key] = set()
        self.used: dict[Key, tuple[Way, tuple[Key, ...], bool]] = {}
        self.days: dict[Key, int] = {}
        # what homes share is asked of once for each of them
        self.follows: dict[Key, bool] = {}
        self.said: dict[Key, bool | Unknown] = {}
        self.speaks: dict[str, str] = {}
        self.waits: dict[Key, frozenset[Key] | None] = {}
        self.choosy: set[Key] = set()  # who needs some of several things that the route provides
        self.steps = [0, 0, 0]  # rank, money and effort of ways that were walked elsewhere

    def reach(self, key: Key) -> int:
        """Check an element and return the working days until it is there."""
        if key in self.days:
            return self.days[key]
        self.days[key] = 0  # a cycle cannot pass the loader; this ends the walk if it did
        name, place = key
        state = self.state(key)
        if state is Held.ON_HAND:
            return 0
        if state is Held.UNOBTAINABLE:
            self.problems.append(f"{name}@{place}: cannot be had")
        if name in self.pack.evidence:
            self.papers.add(key)
            self.days[key] = self.pack.evidence[name].cost.days
            return self.days[key]
        told = self.taken(key)
        way = next((one for one in self.pack.nodes[name].ways if one.id == told), None)
        if way is None:
            self.problems.append(f"{name}@{place}: no way was chosen")
            return 0
        if not self.pack.in_force(way) or not self.in_scope(way, place) or not self.true(way.when, place):
            self.problems.append(f"{name}@{place}: way {way.id} does not count here")
        needs = tuple(one for need in way.needs for one in self.needed(need, place, name))
        self.days[key] = way.step.days + max((self.reach(one) for one in needs), default=0)
        self.used[key] = way, needs, self.met(way, place)
        return self.days[key]

    def state(self, key: Key) -> Held:
        """Whether an element is on hand."""
        return self.dossier.state(*key)

    def taken(self, key: Key) -> str | None:
        """The way the plan takes to an element."""
        return self.ways.get(key)

    def provided(self, key: Key) -> bool:
        """Whether the plan provides an element."""
        return key in self.ways or key in self.listed

    def in_scope(self, way: Way, place: str) -> bool:
        """Whether a decision that brought a way in names this place, or one it lies in."""
        if not way.scope or all(one.id == one.level for one in self.dossier.places.values()):
            return True
        named = [self.dossier.places[one] for one in self.dossier.chain(place)]
        return any(one.name in way.scope or one.id in way.scope for one in named)

    def needed(self, need: Need, place: str, node: str = "") -> list[Key]:
        """The elements that meet a need: what is there first, then what the route provides."""
        if not self.true(need.when, place):
            return []
        keys, k = self.asked(need, place)
        if k == len(keys):
            return keys
        there = [key for key in keys if self.state(key) is Held.ON_HAND]
        provided = [key for key in keys if key not in there and self.provided(key)]
        wanted = max(0, k - len(there))
        if len(provided) < wanted:
            self.problems.append(f"{place}: {k} of {keys} are needed")
        if len(provided) > wanted:
            self.choosy.add((node, place))
        return sorted(provided, key=self.reach)[:wanted]

    def asked(self, need: Need, place: str) -> tuple[list[Key], int]:
        """The elements a need names, and how many of them it takes."""
        if isinstance(need, Ref):
            return [self.at(need.ref, place)], 1
        if isinstance(need, AtLeast):
            return [self.at(name, place) for name in need.of], need.k
        assert isinstance(need, Each | Share)
        keys = [(need.ref, one) for one in self.dossier.below(place, need.level)]
        if isinstance(need, Each):
            return keys, len(keys)
        return keys, -(-len(keys) * need.at_least.numerator // need.at_least.denominator)

    def at(self, name: str, place: str) -> Key:
        """The element of a name that a place looks to: its own, or that of a place it lies in."""
        found = self.dossier.ancestor(place, self.pack.level_of(name))
        return name, found or place

    def there(self, key: Key) -> bool:
        """Whether an element follows from what is on hand."""
        if key not in self.follows:
            self.follows[key] = self.follows_now(key)
        return self.follows[key]

    def follows_now(self, key: Key) -> bool:
        """The same, worked out."""
        name, place = key
        state = self.state(key)
        if state is Held.ON_HAND:
            return True
        if name in self.pack.evidence or state is Held.UNOBTAINABLE:
            return False
        for way in self.pack.nodes[name].ways:
            if self.pack.in_force(way) and self.true(way.when, place, quiet=True) and self.met(way, place):
                return True
        return False

    def met(self, way: Way, place: str) -> bool:
        """Whether all that a way needs follows from what is on hand."""
        for need in way.needs:
            if need.when and not self.true(need.when, place, quiet=True):
                if self.still_open(need.when, place):
                    return False
                continue
            keys, k = self.asked(need, place)
            if sum(self.there(key) for key in keys) < k:
                return False
        return True

    def true(self, guard: Expression | None, place: str, quiet: bool = False) -> bool:
        """A guard under what is known and what the plan assumes; still open counts as not true."""
        if guard is None:
            return True
        found = self.truth(guard, place)
        if isinstance(found, Unknown) and quiet:
            return False
        if isinstance(found, Unknown):
            self.problems.append(f"{place}: '{guard.text}' is still open")
            return False
        return found

    def still_open(self, guard: Expression, place: str) -> bool:
        """Whether a guard hangs on answers that are neither known nor assumed."""
        return isinstance(self.truth(guard, place), Unknown)

    def truth(self, guard: Expression, place: str) -> bool | Unknown:
        """What a guard says at a place: the same at all places below the one its facts live on."""
        level = self.speaks.get(guard.text)
        if level is None:
            levels = self.pack.levels
            depths = [levels.index(self.pack.level_of(name)) for name in guard.names & self.pack.facts.keys()]
            level = self.speaks[guard.text] = levels[max(depths, default=0)]
        return self.said_at(guard, self.dossier.ancestor(place, level) or place)

    def said_at(self, guard: Expression, home: str) -> bool | Unknown:
        """What a guard says at the place its facts live on."""
        key = guard.text, home
        if key not in self.said:
            found = guard.truth(lambda name: self.value(name, home))
            self.said[key] = self.whatever(guard, home, found) if isinstance(found, Unknown) else found
        return self.said[key]

    def whatever(self, guard: Expression, home: str, found: Unknown) -> bool | Unknown:
        """What a guard says whatever the open answers are; still unknown where it hangs on them."""
        classes, names = answer_classes(self.pack), sorted(found.names & self.pack.facts.keys())
        if prod(len(classes.get(name, ())) for name in names) > _MOST_TRIED:
            return found

        def under(tried: Mapping[str, Value]) -> bool | Unknown:
            return guard.truth(lambda name: tried.get(name, self.value(name, home)))

        answers = product(*(classes.get(name, ()) for name in names))
        said = {under({name: one.value for name, one in zip(names, some, strict=True)}) for some in answers}
        return said.pop() if len(said) == 1 else found

    def value(self, name: str, place: str) -> Value | None:
        """What a name stands for at a place: what is known, or one of the answers that are assumed."""
        if name not in self.pack.facts:
            return self.pack.params[name].on(self.pack.as_of)
        fact = self.pack.facts[name]
        known = self.dossier.fact(name, place)
        if known is not None:
            return known / Decimal(100) if fact.type == "money" and isinstance(known, int) else known
        home = self.dossier.ancestor(place, fact.level) or place
        answers = self.assumed.get((name, self.of.get(home, home)))
        classes = answer_classes(self.pack).get(name, ())
        return next((one.value for one in classes if one.answers == answers), None)

    def uses(self, ends: Mapping[Key, date]) -> tuple[dict[Key, int], dict[Key, int]]:
        """For what is on hand and what is obtained, the last working day on which work begins with it.

        ``ends``: the last day of what is obtained and counts for a time only.
        """
        begin: dict[Key, int] = {}
        wanted: dict[Key, int] = {}  # by the ways above it
        for key in reversed(self.used):  # entered after all it needs: so these come first here
            way, _, _ = self.used[key]
            at = self.days[key] - way.step.days
            if not (way.step.days or way.step.effort):  # no work of its own: the use is above it
                at = wanted.get(key, at)
            begin[key] = at
            for one in self.kept_for(way, key[1], at, ends):
                wanted[one] = max(wanted.get(one, 0), at)
        found: dict[Key, int] = {}
        for key, at in begin.items():
            for one in self.there_for(key):
                found[one] = max(found.get(one, 0), at)
        return found, {key: wanted[key] for key in self.papers if key in wanted}

    def kept_for(self, way: Way, place: str, at: int, ends: Mapping[Key, date]) -> list[Key]:
        """What a way takes of what the route provides: where there is a choice, what lasts longest."""
        found: list[Key] = []
        for need in way.needs:
            told = self.needed(need, place)
            keys, k = self.asked(need, place) if told else ([], 0)
            if k < len(keys):
                ready = [one for one in keys if one in self.days and self.days[one] <= at]
                ready = [one for one in ready if self.dossier.state(*one) is not Held.ON_HAND]
                told = sorted(ready, key=lambda one: ends.get(one, date.max), reverse=True)[: len(told)]
            found += told
        return found

    def there_for(self, key: Key) -> list[Key]:
        """What is on hand that a way on the route counts on; where more is there than needed, what lasts."""
        place, found = key[1], []
        for need in self.used[key][0].needs:
            if need.when and not self.true(need.when, place, quiet=True):
                continue
            keys, k = self.asked(need, place)
            there = [one for one in keys if self.dossier.state(*one) is Held.ON_HAND]
            there.sort(key=lambda one: (self.dossier.last_day(*one) or date.max, one), reverse=True)
            found += there[:k]
        return found

    def below(self, key: Key) -> frozenset[Key] | None:
        """The papers that an element waits for; ``None`` where it could as well wait for others of them."""
        if key not in self.waits:
            needs = self.used[key][1] if key in self.used else ()
            told = [self.below(one) for one in needs]
            known = [one for one in told if one is not None]
            sure = len(known) == len(told) and key not in self.choosy
            self.waits[key] = frozenset({key} & self.papers).union(*known) if sure else None
        return self.waits[key]

    def unlike(self, listed: set[Key], vector: Vector | None, *, sooner: bool = False) -> Iterator[str]:
        """What is listed and not used, or the reverse, and what does not add up.

        ``sooner``: all may be there before the day that is told, as where that is not proved.
        """
        if listed != self.papers:
            unused, unlisted = listed - self.papers, self.papers - listed
            yield f"gaps: listed but not used {unused}; used but not listed {unlisted}"
        for part, total in self.totals().items() if vector else ():
            told = getattr(vector, part)
            if total > told or (total < told and not (sooner and part == "days")):
                yield f"{part}: adds up to {total}, the plan says {told}"

    def totals(self) -> dict[str, int]:
        """What the route takes, element by element."""
        costs = [self.pack.evidence[name].cost for name, _ in self.papers]
        ways = list(self.used.values())
        rank, money, effort = self.steps
        return {
            "rank": rank + sum(0 if done else way.rank for way, _, done in ways),
            "money_fen": money
            + sum(c.money_fen or 0 for c in costs)
            + sum(way.step.money_fen or 0 for way, _, _ in ways),
            "effort": effort + sum(c.effort for c in costs) + sum(way.step.effort for way, _, _ in ways),
            "items": len(costs),
            "days": max(self.days.values(), default=0),
        }
