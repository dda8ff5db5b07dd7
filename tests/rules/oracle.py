"""The plan by trying everything: every answer, every way at every node.

Shares no code with the planner.  It reads the same records and follows the definitions of
docs/explanation/plans.md literally, slowly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product

from taizhang.rules.terms import AtLeast, Dossier, Each, Held, Need, Pack, Ref, Value, Way

ENUM = ("red", "green", "blue")
Key = tuple[str, str]


@dataclass(frozen=True)
class OraclePlan:
    vector: Mapping[str, int]
    items: tuple[str, ...]
    ways: tuple[tuple[str, str, str], ...]


class Oracle:
    """One case under one complete set of answers."""

    def __init__(self, pack: Pack, dossier: Dossier, answers: Mapping[Key, Value]) -> None:
        self.pack, self.dossier, self.answers = pack, dossier, answers

    def fact(self, name: str, place: str) -> Value | None:
        known = self.dossier.fact(name, place)
        if known is not None:
            return known
        at = self.dossier.ancestor(place, self.pack.facts[name].level)
        assert at is not None
        return self.answers[name, at]

    def holds(self, guard, place: str) -> bool:  # type: ignore[no-untyped-def]
        return guard is None or guard.value(lambda n: self.fact(n, place)) is True

    def keys(self, need: Need, place: str) -> tuple[int, list[Key]]:
        def at(name: str) -> Key:
            found = self.dossier.ancestor(place, self.pack.level_of(name))
            assert found is not None
            return name, found

        if isinstance(need, Ref):
            return 1, [at(need.ref)]
        if isinstance(need, AtLeast):
            return need.k, [at(name) for name in need.of]
        assert isinstance(need, Each)
        under = self.dossier.below(place, need.level)
        return len(under), [(need.ref, one) for one in under]

    def state(self, key: Key) -> Held:
        return self.dossier.state(*key)

    def options(self, key: Key) -> list[tuple[Way, list[tuple[int, list[Key]]]]]:
        name, place = key
        if name not in self.pack.nodes or self.state(key) is Held.UNOBTAINABLE:
            return []
        return [
            (way, [self.keys(need, place) for need in way.needs if self.holds(need.when, place)])
            for way in self.pack.nodes[name].ways
            if self.pack.in_force(way) and self.holds(way.when, place)
        ]

    def follows(self, key: Key, missing_too: bool) -> bool:
        if self.state(key) is Held.ON_HAND:
            return True
        if key[0] in self.pack.evidence:
            return missing_too and self.state(key) is not Held.UNOBTAINABLE
        return any(
            all(sum(self.follows(one, missing_too) for one in of) >= k for k, of in needs)
            for _, needs in self.options(key)
        )

    def plans(self, goals: list[Key]) -> Iterator[tuple[dict[str, int], frozenset[Key], dict[Key, str]]]:
        """Every complete choice of ways, with what it takes."""
        proved = [goal for goal in goals if self.follows(goal, False)]
        settled = len(proved) == len(goals)
        self.kept = self._cone(proved)  # what is proved stays with what is on hand
        for chosen in self._choices(goals, {}, settled):
            papers = {k for k in chosen if chosen[k] is None}
            vector = {"rank": 0, "money": 0, "effort": 0, "items": len(papers), "days": 0}
            for paper in papers:
                cost = self.pack.evidence[paper[0]].cost
                vector["money"] += cost.money_fen or 0
                vector["effort"] += cost.effort
            for key, pick in chosen.items():
                if pick is not None:
                    way, _ = pick
                    done = all(
                        sum(self.follows(o, False) for o in of) >= k for k, of in self._needs_of(key, way)
                    )
                    vector["rank"] += 0 if done else way.rank
                    vector["money"] += way.step.money_fen or 0
                    vector["effort"] += way.step.effort
            vector["days"] = max(self._days(goal, chosen) for goal in goals)
            yield vector, frozenset(papers), {k: v[0].id for k, v in chosen.items() if v is not None}

    def _cone(self, proved: list[Key]) -> set[Key]:
        kept: set[Key] = set()
        pending = list(proved)
        while pending:
            key = pending.pop()
            if key in kept or self.state(key) is Held.ON_HAND:
                continue
            kept.add(key)
            for _, needs in self._proved_options(key):
                pending += [o for _, of in needs for o in of if self.follows(o, False)]
        return kept

    def _proved_options(self, key: Key) -> list[tuple[Way, list[tuple[int, list[Key]]]]]:
        return [
            (way, needs)
            for way, needs in self.options(key)
            if all(sum(self.follows(o, False) for o in of) >= k for k, of in needs)
        ]

    def _needs_of(self, key: Key, way: Way) -> list[tuple[int, list[Key]]]:
        return [self.keys(need, key[1]) for need in way.needs if self.holds(need.when, key[1])]

    def _choices(self, pending: list[Key], chosen: dict, settled: bool) -> Iterator[dict]:  # type: ignore[type-arg]
        pending = [k for k in pending if k not in chosen and self.state(k) is not Held.ON_HAND]
        if not pending:
            yield chosen
            return
        key, rest = pending[0], pending[1:]
        if key[0] in self.pack.evidence:
            if self.state(key) is not Held.UNOBTAINABLE and not settled:
                yield from self._choices(rest, chosen | {key: None}, settled)
            return
        for way, needs in self._proved_options(key) if key in self.kept else self.options(key):
            # what is on hand counts first: nobody fetches a paper beside one that is there
            picks = []
            for k, of in needs:
                there = [o for o in of if self.state(o) is Held.ON_HAND]
                others = [o for o in of if self.state(o) is not Held.ON_HAND]
                if key in self.kept:
                    others = [o for o in others if self.follows(o, False)]
                picks.append(list(combinations(others, max(0, k - len(there)))))
            for combo in product(*picks):
                wanted = [one for group in combo for one in group]
                yield from self._choices([*rest, *wanted], chosen | {key: (way, wanted)}, settled)

    def _days(self, key: Key, chosen: dict) -> int:  # type: ignore[type-arg]
        if key not in chosen:
            return 0
        if chosen[key] is None:
            return self.pack.evidence[key[0]].cost.days
        way, needs = chosen[key]
        return way.step.days + max((self._days(need, chosen) for need in needs), default=0)

    def best(self, goals: list[Key], objective: tuple[str, ...]) -> OraclePlan | None:
        """The plan by definition: objective, then papers, then ways, in id order."""
        best = None
        for vector, papers, ways in self.plans(goals):
            rank = (tuple(vector[name] for name in objective), sorted(papers))
            if best is None or rank < best[0]:
                best = (rank, vector, papers, ways)
        if best is None:
            return None
        return OraclePlan(
            best[1],
            tuple(sorted(name for name, _ in best[2])),
            tuple(sorted((place, node, way) for (node, place), way in best[3].items())),
        )


def completions(pack: Pack, dossier: Dossier) -> Iterator[dict[Key, Value]]:
    """Every way the open facts may turn out."""
    open_: list[Key] = []
    for name, fact in pack.facts.items():
        for place in dossier.places.values():
            if place.level == fact.level and dossier.fact(name, place.id) is None:
                open_.append((name, place.id))
    domains = [(True, False) if pack.facts[name].type == "bool" else ENUM for name, _ in open_]
    for values in product(*domains):
        yield dict(zip(open_, values, strict=True))
