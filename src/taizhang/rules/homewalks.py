"""Homes that the second checker walks through, of which many are alike.

What a walk finds at a home is decided by what is asked on the way: what is held, known and taken there,
and what follows above it.  Questions and answers are remembered as a tree of forks.  A home that answers
all of them as one before it did has the same part of the route, and is not walked through again.

Reads from: ``walkdown``, ``terms``.  Read by: ``check``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from taizhang.rules.expressions import Expression, Unknown
from taizhang.rules.terms import Each, Held, Need, Pack, Share, Value, Way
from taizhang.rules.walkdown import Key, WalkDown

__all__ = ["Forks", "Homes", "Part"]

_MOST_FORKS = 100_000  # then all is forgotten: some 30 MB
_KEPT = "homes walked through"

#: What is asked of the walk through the estate, about what, and at which level above the home or its own.
_Question: TypeAlias = tuple[Callable[[WalkDown, Any, str], Hashable], Any, str]


@dataclass(frozen=True, slots=True)
class Part:
    """A home's own part of a route.

    Attributes:
        papers: Its own papers, by name.
        steps: Rank, money in fen and effort in hours of the ways it takes itself.
        days: Working days to the goal along what rests on nothing above.
        above: What it takes from above: name, level and the days from there to the goal.
    """

    papers: tuple[str, ...]
    steps: tuple[int, int, int]
    days: int
    above: tuple[tuple[str, str, int], ...]


class _Fork:
    """A question, and what follows for each answer to it."""

    __slots__ = ("after", "question")

    def __init__(self, question: _Question) -> None:
        self.question = question
        self.after: dict[Hashable, _Fork | Part] = {}


class Forks:
    """What a law's homes were asked and what followed; it holds for all estates under that law."""

    def __init__(self) -> None:
        self._after: dict[Hashable, _Fork | Part] = {}
        self._size = 0

    def find(self, walk: WalkDown, at: Mapping[str, str]) -> Part | None:
        """The part of a home, where one that answers the same was walked through before.

        Args:
            walk: Through the estate.
            at: The home and the places it lies in, by level.
        """
        found = self._after.get(tuple(at))
        while isinstance(found, _Fork):
            ask, about, level = found.question
            found = found.after.get(ask(walk, about, at[level]))
        return found

    def learn(self, at: Mapping[str, str], told: list[tuple[_Question, Hashable]], part: Part) -> None:
        """Remember what was asked, in that order, and what followed."""
        if self._size + len(told) > _MOST_FORKS:
            self._after, self._size = {}, 0
        after, answer = self._after, cast(Hashable, tuple(at))
        for question, said in told:
            fork = after.get(answer)
            if not isinstance(fork, _Fork):
                fork = after[answer] = _Fork(question)
                self._size += 1
            after, answer = fork.after, said
        after[answer] = part


class Homes:
    """The homes of one estate.

    Args:
        walk: Through the estate; what is found at homes is entered there.
    """

    def __init__(self, walk: WalkDown) -> None:
        self.walk, pack = walk, walk.pack
        self.level = pack.nodes[pack.goal].level
        self.forks = cast(
            Forks | None, pack.once.setdefault(_KEPT, None if _rests_on_homes(pack) else Forks())
        )
        self._above: dict[str | None, dict[str, str]] = {}
        self._waits: dict[object, frozenset[Key] | None] = {}

    def through(self, home: str) -> frozenset[Key] | None:
        """Walk through a home; return the papers above it that it waits for, as ``WalkDown.below``."""
        if self.forks is None:
            return self._plainly(home)
        at = self._at(home)
        part = self.forks.find(self.walk, at)
        if part is None:
            own = _OwnWalk(self.walk, home, at)
            own.reach((self.walk.pack.goal, home))
            if own.problems or own.choosy or own.elsewhere:  # nothing to be told of others
                return self._plainly(home)
            part = own.part()
            self.forks.learn(at, own.told, part)
        return self._entered(part, home, at)

    def _plainly(self, home: str) -> frozenset[Key] | None:
        goal, pack = (self.walk.pack.goal, home), self.walk.pack
        self.walk.reach(goal)
        below = self.walk.below(goal)
        return (
            None if below is None else frozenset(one for one in below if pack.level_of(one[0]) != self.level)
        )

    def _at(self, home: str) -> dict[str, str]:
        places = self.walk.dossier.places
        place = places[home]
        if place.parent not in self._above:
            chain = self.walk.dossier.chain(home)[:0:-1]
            self._above[place.parent] = {places[one].level: one for one in chain}
        return {**self._above[place.parent], place.level: home}

    def _entered(self, part: Part, home: str, at: Mapping[str, str]) -> frozenset[Key] | None:
        walk, days = self.walk, part.days
        for name, level, after in part.above:
            days = max(days, walk.reach((name, at[level])) + after)
        walk.days[walk.pack.goal, home] = days
        walk.papers.update([(name, home) for name in part.papers])
        walk.steps = [one + more for one, more in zip(walk.steps, part.steps, strict=True)]
        key = part.above, walk.dossier.places[home].parent
        if key not in self._waits:
            told = [walk.below((name, at[level])) for name, level, _ in part.above]
            known = [one for one in told if one is not None]
            self._waits[key] = frozenset[Key]().union(*known) if len(known) == len(told) else None
        return self._waits[key]


def _rests_on_homes(pack: Pack) -> bool:
    """Whether something above homes needs something of them: then a home is walked through from there too."""
    home = pack.nodes[pack.goal].level
    return any(
        isinstance(need, Each | Share) and need.level == home and node.level != home
        for node in pack.nodes.values()
        for way in node.ways
        for need in way.needs
    )


class _OwnWalk(WalkDown):
    """A walk through one home, which asks the walk through its estate and notes what it asked.

    Attributes:
        told: Questions with their answers, in the order in which they were asked.
        elsewhere: Whether it asked of a place that is neither the home nor above it.
    """

    def __init__(self, estate: WalkDown, home: str, at: Mapping[str, str]) -> None:
        super().__init__(estate.pack, estate.dossier, estate.ways, estate.assumed, estate.listed, estate.of)
        self.estate, self.home, self.speaks = estate, home, estate.speaks
        self.levels = {place: level for level, place in at.items()}
        self.told: list[tuple[_Question, Hashable]] = []
        self.elsewhere = False
        self._known: dict[Hashable, Any] = {}

    def _asked(
        self, ask: Callable[[WalkDown, Any, str], Hashable], about: Any, name: Hashable, place: str
    ) -> Any:
        key = ask, name, place
        if key not in self._known:
            self._known[key] = answer = ask(self.estate, about, place)
            level = self.levels.get(place)
            if level is None:
                self.elsewhere = True
            else:
                self.told.append(((ask, about, level), answer))
        return self._known[key]

    def reach(self, key: Key) -> int:
        """Days until an element is there; what is above is reached by the walk through the estate."""
        return super().reach(key) if key[1] == self.home else self.estate.reach(key)

    def state(self, key: Key) -> Held:
        """Whether an element is on hand."""
        return cast(Held, self._asked(_state, key[0], key[0], key[1]))

    def taken(self, key: Key) -> str | None:
        """The way the plan takes to an element."""
        return cast("str | None", self._asked(_taken, key[0], key[0], key[1]))

    def provided(self, key: Key) -> bool:
        """Whether the plan provides an element."""
        return cast(bool, self._asked(_provided, key[0], key[0], key[1]))

    def in_scope(self, way: Way, place: str) -> bool:
        """Whether a decision that brought a way in names this place, or one it lies in."""
        return not way.scope or cast(bool, self._asked(_in_scope, way, way.scope, place))

    def there(self, key: Key) -> bool:
        """Whether an element follows from what is on hand."""
        if key[1] == self.home:
            return super().there(key)
        return cast(bool, self._asked(_there, key[0], key[0], key[1]))

    def said_at(self, guard: Expression, home: str) -> bool | Unknown:
        """What a guard says at the place its facts live on."""
        if home == self.home:
            return super().said_at(guard, home)
        return cast("bool | Unknown", self._asked(_truth, guard, guard.text, home))

    def value(self, name: str, place: str) -> Value | None:
        """What a name stands for at a place."""
        if name not in self.pack.facts:
            return super().value(name, place)
        return cast("Value | None", self._asked(_value, name, name, place))

    def asked(self, need: Need, place: str) -> tuple[list[Key], int]:
        """The elements a need names, and how many of them it takes."""
        if isinstance(need, Each | Share):
            self.elsewhere = True  # how many places there are is not asked of
        return super().asked(need, place)

    def part(self) -> Part:
        """What was found at the home."""
        after: dict[Key, int] = {(self.pack.goal, self.home): 0}
        days, steps = 0, [0, 0, 0]
        for key in reversed(self.used):  # entered after all it needs
            way, needs, done = self.used[key]
            step = way.step
            steps = [
                steps[0] + (0 if done else way.rank),
                steps[1] + (step.money_fen or 0),
                steps[2] + step.effort,
            ]
            reach = after[key] + step.days
            days = max(days, reach)
            for one in needs:
                after[one] = max(after.get(one, 0), reach)
        own = sorted(name for name, _ in self.papers)
        for name in own:
            days = max(days, self.pack.evidence[name].cost.days + after[name, self.home])
        above = sorted((name, self.levels[at], left) for (name, at), left in after.items() if at != self.home)
        return Part(tuple(own), (steps[0], steps[1], steps[2]), days, tuple(above))


def _state(walk: WalkDown, name: str, place: str) -> Hashable:
    return walk.state((name, place))


def _taken(walk: WalkDown, name: str, place: str) -> Hashable:
    return walk.taken((name, place))


def _provided(walk: WalkDown, name: str, place: str) -> Hashable:
    return walk.provided((name, place))


def _there(walk: WalkDown, name: str, place: str) -> Hashable:
    return walk.there((name, place))


def _in_scope(walk: WalkDown, way: Way, place: str) -> Hashable:
    return walk.in_scope(way, place)


def _truth(walk: WalkDown, guard: Expression, place: str) -> Hashable:
    return walk.said_at(guard, place)


def _value(walk: WalkDown, name: str, place: str) -> Hashable:
    return walk.value(name, place)
