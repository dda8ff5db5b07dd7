"""A second judge: what a plan is, said to an answer-set solver.

Written from docs/explanation/plans.md, not from the planner.  It reads a pack and a dossier and
never looks at the planner's grounded problem, its answer classes, its search or its costs; only
the evaluation of one guard under given answers is shared.  clingo then does what its authors
proved it does: it finds the optimum over all answers and all ways together.

The days are a longest chain.  Each element carries the lengths of the chains that end in it, and
the goal's longest one is minimised as a ladder of its possible lengths: exact, at any place of
the declared order.

Source:
    Gebser, Kaminski, Kaufmann and Schaub, "Answer Set Solving in Practice" (2012).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import product
from math import ceil

import clingo

from taizhang.rules.expressions import Expression
from taizhang.rules.terms import (
    AtLeast,
    Dossier,
    Each,
    Fact,
    Held,
    Need,
    Pack,
    Plan,
    Ref,
    Share,
    Status,
    Value,
    Way,
)

__all__ = ["PLAN", "TRUTH", "Encoding", "Judge", "Verdict", "domain", "encode", "every_guard", "statuses"]

Key = tuple[str, str]  # (name, place)

# What holds under one completion: guards, what is proved, what can be had.
TRUTH = """
1 { ans(F,V) : domain(F,V) } 1 :- domain(F,_).
counts(W) :- way(W,_), holds(G) : guard(W,G).
asked(N) :- need(_,N,_), holds(G) : asks(N,G).

proved(K) :- hand(K).
proved(K) :- way(W,K), not lost(K), settled(W).
settled(W) :- counts(W), met(N) : need(W,N,_).
met(N) :- need(_,N,_), not asked(N).
met(N) :- need(_,N,C), C <= #count { K : member(N,K), proved(K) }.

can(K) :- hand(K).
can(K) :- paper(K), not lost(K).
can(K) :- way(W,K), not lost(K), open(W).
open(W) :- counts(W), meetable(N) : need(W,N,_).
meetable(N) :- need(_,N,_), not asked(N).
meetable(N) :- need(_,N,C), C <= #count { K : member(N,K), can(K) }.
"""

# One way for every node passed on the way down; what is shared is an atom and so is paid once.
PLAN = """
want(K) :- goal(K).
want(K) :- pick(_,K).
:- want(K), lost(K), not hand(K).
1 { take(W) : way(W,K) } 1 :- want(K), node(K), not hand(K).
:- take(W), not counts(W).
C { pick(N,K) : member(N,K) } C :- take(W), need(W,N,C), asked(N).
fetch(K) :- want(K), paper(K), not hand(K).
lacking :- goal(K), not proved(K).
:- fetch(_), not lacking.

spent(rank,W,C) :- take(W), rank(W,C), not settled(W).
spent(P,W,C) :- take(W), step(W,P,C), P != days.
spent(P,paper(K),C) :- fetch(K), cost(K,P,C), P != days.
#minimize { C@L,P,X : spent(P,X,C), level(P,L), lacking }.

begin(W,0) :- take(W).
begin(W,D) :- take(W), need(W,N,_), pick(N,K), end(K,D).
end(K,D) :- fetch(K), cost(K,days,D).
end(K,D+S) :- begin(W,D), way(W,K), step(W,days,S).
#minimize { X@L,D : goal(K), end(K,E), rung(D,X), D <= E, level(days,L), lacking }.

#show take/1.  #show fetch/1.  #show ans/2.
"""


@dataclass(frozen=True)
class Encoding:
    """A case as facts for the solver, and what its numbers mean."""

    text: str
    keys: tuple[Key, ...]
    ways: tuple[tuple[Key, str], ...]
    facts: tuple[Key, ...]  #: open ones
    domains: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Verdict:
    """An optimum: its parts in the declared order, and one set that has it."""

    objective: tuple[int, ...]
    papers: frozenset[Key]


def every_guard(pack: Pack) -> Iterator[Expression]:
    """Yield the guards of all ways and needs."""
    for node in pack.nodes.values():
        for way in node.ways:
            yield from (guard for guard in (way.when, *(need.when for need in way.needs)) if guard)


def domain(pack: Pack, fact: Fact, guards: Iterable[Expression]) -> tuple[Value, ...]:
    """Answers fine enough for every guard: all of an enum, every threshold and between them."""
    if fact.type == "bool":
        return (True, False)
    if fact.type == "enum":
        return tuple(fact.values)
    if fact.type not in ("decimal", "integer"):
        raise NotImplementedError(f"the judge knows no answers for a fact of type {fact.type}")
    low, high = fact.minimum, fact.maximum
    points = {Decimal(0)} | {bound for bound in (low, high) if bound is not None}
    for guard in guards:
        if fact.id in guard.names:
            points |= {Decimal(found) for found in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", guard.text)}
            values = [pack.params[name].on(pack.as_of) for name in guard.names if name in pack.params]
            points |= {value for value in values if isinstance(value, Decimal)}
    edge = Decimal(1) if fact.type == "integer" else Decimal("0.01")
    tried = {sign * point + shift for point in points for sign in (1, -1) for shift in (-edge, 0, edge)}
    return tuple(sorted(v for v in tried if (low is None or low <= v) and (high is None or v <= high)))


def encode(
    pack: Pack,
    dossier: Dossier,
    goals: Sequence[Key],
    objective: Sequence[str],
    *,
    reusable: bool = False,
) -> Encoding:
    """Say one case to the solver.

    Args:
        pack: The law on its day.
        dossier: What is known.
        goals: To be established together.
        objective: Parts in the declared order.
        reusable: Leave open what is on hand and what is lost, as externals ``hand`` and ``lost``.
    """
    return _Writer(pack, dossier, reusable).run(goals, objective)


class _Writer:
    """Walks from the goals down and writes down what it meets."""

    def __init__(self, pack: Pack, dossier: Dossier, reusable: bool) -> None:
        self.pack, self.dossier, self.reusable = pack, dossier, reusable
        self.lines: list[str] = []
        self.keys: dict[Key, int] = {}
        self.ways: dict[tuple[Key, str], int] = {}
        self.facts: dict[Key, int] = {}
        self.domains: list[tuple[Value, ...]] = []
        self.guards: dict[Key, int] = {}
        self.ends: dict[Key, frozenset[int]] = {}
        self.needs = 0
        self.every = tuple(every_guard(pack))

    def run(self, goals: Sequence[Key], objective: Sequence[str]) -> Encoding:
        for goal in goals:
            self.lines.append(f"goal({self.element(goal)}).")
        for depth, part in enumerate(objective):
            self.lines.append(f"level({part},{len(objective) - depth}).")
        below = 0
        for days in sorted(set().union(*(self.ends[goal] for goal in goals))):
            if days:
                self.lines.append(f"rung({days},{days - below}).")
                below = days
        return Encoding(
            "\n".join(self.lines), tuple(self.keys), tuple(self.ways), tuple(self.facts), tuple(self.domains)
        )

    def element(self, key: Key) -> int:
        if key in self.keys:
            return self.keys[key]
        number = self.keys[key] = len(self.keys)
        name, place = key
        if self.reusable:
            self.lines.append(f"#external hand({number}). #external lost({number}).")
        elif (state := self.dossier.state(name, place)) is not Held.MISSING:
            self.lines.append(f"{'hand' if state is Held.ON_HAND else 'lost'}({number}).")
        if name in self.pack.evidence:
            cost = self.pack.evidence[name].cost
            parts = {"money": cost.money_fen or 0, "effort": cost.effort, "items": 1, "days": cost.days}
            self.lines.append(f"paper({number}).")
            self.lines += [f"cost({number},{part},{value})." for part, value in parts.items()]
            self.ends[key] = frozenset({cost.days})
        else:
            self.lines.append(f"node({number}).")
            ends = [self.way(key, way) for way in self.pack.nodes[name].ways if self.lawful(way, place)]
            self.ends[key] = frozenset().union(*ends)
        return number

    def lawful(self, way: Way, place: str) -> bool:
        """In force on the day, adopted here, and for this estate where it is a decision's."""
        if not (way.adopted and way.effective.holds(self.pack.as_of)):
            return False
        if not way.scope or self.dossier.unnamed:
            return True
        chain = [self.dossier.places[one] for one in self.dossier.chain(place)]
        return any(one.id in way.scope or one.name in way.scope for one in chain)

    def way(self, key: Key, way: Way) -> frozenset[int]:
        """Write one way; return how many days a chain that ends in it can take."""
        number = self.ways[key, way.id] = len(self.ways)
        self.lines.append(f"way({number},{self.keys[key]}). rank({number},{way.rank}).")
        step = {"money": way.step.money_fen or 0, "effort": way.step.effort, "days": way.step.days}
        self.lines += [f"step({number},{part},{value})." for part, value in step.items()]
        if way.when:
            self.lines.append(f"guard({number},{self.guard(way.when, key[1])}).")
        ends = {0}
        for need in way.needs:
            index, self.needs = self.needs, self.needs + 1
            least, members = self.members(need, key[1])
            self.lines.append(f"need({number},{index},{least}).")
            if need.when:
                self.lines.append(f"asks({index},{self.guard(need.when, key[1])}).")
            for member in members:
                self.lines.append(f"member({index},{self.element(member)}).")
                ends |= self.ends[member]
        return frozenset(end + way.step.days for end in ends)

    def members(self, need: Need, place: str) -> tuple[int, list[Key]]:
        if isinstance(need, Ref):
            return 1, [self.seen(need.ref, place)]
        if isinstance(need, AtLeast):
            return need.k, [self.seen(name, place) for name in need.of]
        inside = [
            one.id
            for one in self.dossier.places.values()
            if one.level == need.level and place in self.dossier.chain(one.id)
        ]
        least = ceil(need.at_least * len(inside)) if isinstance(need, Share) else len(inside)
        assert isinstance(need, Share | Each)
        return least, [(need.ref, one) for one in inside]

    def seen(self, name: str, place: str) -> Key:
        at = self.dossier.ancestor(place, self.pack.level_of(name))
        assert at is not None, f"{name} has no place above {place}"
        return name, at

    def guard(self, guard: Expression, place: str) -> int:
        """Write under which answers a guard holds; return its number."""
        if (guard.text, place) in self.guards:
            return self.guards[guard.text, place]
        number = self.guards[guard.text, place] = len(self.guards)
        names = sorted(guard.names & self.pack.facts.keys())
        open_ = [n for n in names if self.reusable or self.dossier.fact(n, place) is None]
        numbers = [self.fact(self.seen(name, place)) for name in open_]
        for combo in product(*(enumerate(self.domains[one]) for one in numbers)):
            tried = {name: value for name, (_, value) in zip(open_, combo, strict=True)}
            if guard.value(partial(self.read, place, tried)) is True:
                body = [f"ans({one},{index})" for one, (index, _) in zip(numbers, combo, strict=True)]
                self.lines.append(f"holds({number}){' :- ' + ', '.join(body) if body else ''}.")
        return number

    def read(self, place: str, tried: Mapping[str, Value], name: str) -> Value | None:
        if name in tried:
            return tried[name]
        if name in self.pack.params:
            return self.pack.params[name].on(self.pack.as_of)
        value = self.dossier.fact(name, place)
        in_fen = self.pack.facts[name].type == "money" and value is not None
        return Decimal(value) / 100 if in_fen else value  # type: ignore[arg-type]

    def fact(self, key: Key) -> int:
        if key not in self.facts:
            self.facts[key] = len(self.facts)
            self.domains.append(domain(self.pack, self.pack.facts[key[0]], self.every))
            self.lines += [f"domain({self.facts[key]},{i})." for i in range(len(self.domains[-1]))]
        return self.facts[key]


class Judge:
    """The solver's answers about one case."""

    def __init__(self, pack: Pack, dossier: Dossier, goals: Sequence[Key], objective: Sequence[str]) -> None:
        self.objective = tuple(objective)
        self.case = encode(pack, dossier, goals, objective)
        self.pack = pack
        self.control = _control(self.case.text + TRUTH + PLAN)

    def best(self, assume: Sequence[tuple[clingo.Symbol, bool]] = ()) -> Verdict | None:
        """Return the optimum among the solutions that agree with ``assume``, if there is one."""
        last: Verdict | None = None
        with self.control.solve(assumptions=list(assume), yield_=True) as handle:
            for model in handle:
                fetched = [one for one in model.symbols(shown=True) if one.name == "fetch"]
                papers = frozenset(self.case.keys[one.arguments[0].number] for one in fetched)
                by_level = dict(zip(model.priority, model.cost, strict=True))
                width = len(self.objective)
                last = Verdict(tuple(by_level.get(width - i, 0) for i in range(width)), papers)
        return last

    def with_plan(self, plan: Plan) -> Verdict | None:
        """Return the optimum among the solutions that are this plan: its papers, ways and answers."""
        fetched = {(gap.item, gap.place) for gap in plan.gaps}
        ways = {((choice.node, choice.place), choice.way) for choice in plan.route}
        unknown = (fetched - set(self.case.keys)) | (ways - set(self.case.ways))
        if unknown:
            return None  # it uses what the law does not have
        assume = [
            (clingo.Function("fetch", [clingo.Number(n)]), key in fetched)
            for n, key in enumerate(self.case.keys)
            if key[0] in self.pack.evidence
        ]
        assume += [
            (clingo.Function("take", [clingo.Number(n)]), way in ways) for n, way in enumerate(self.case.ways)
        ]
        return self.best([*assume, *self._answers(plan)])

    def _answers(self, plan: Plan) -> list[tuple[clingo.Symbol, bool]]:
        """Answers that contradict what the plan assumes are ruled out; numbers are left open."""
        ruled_out = []
        for assumed in plan.assumes:
            number = self.case.facts.index((assumed.fact, assumed.place))
            for index, value in enumerate(self.case.domains[number]):
                word = str(value).lower() if isinstance(value, bool) else value
                if isinstance(word, str) and word not in assumed.answers:
                    atom = clingo.Function("ans", [clingo.Number(number), clingo.Number(index)])
                    ruled_out.append((atom, False))
        return ruled_out


def statuses(pack: Pack, dossier: Dossier, unit: str) -> dict[str, Status]:
    """Where every node and paper stands, by what holds in all completions and what in some."""
    names = [*pack.nodes, *pack.evidence]
    seen = [(name, at) for name in names if (at := dossier.ancestor(unit, pack.level_of(name)))]
    case = encode(pack, dossier, seen, ())
    shown = "#show proved/1.  #show can/1."
    always = _consequences(case.text + TRUTH + shown, "cautious")
    sometimes = _consequences(case.text + TRUTH + shown, "brave")
    number = {key: n for n, key in enumerate(case.keys)}
    return {key[0]: _status(number[key], always, sometimes) for key in seen}


def _status(number: int, always: set[tuple[str, int]], sometimes: set[tuple[str, int]]) -> Status:
    if ("proved", number) in always:
        return Status.PROVED
    if ("can", number) in always:
        return Status.OPEN
    return Status.DEPENDS if ("can", number) in sometimes else Status.BLOCKED


def _control(text: str, *options: str) -> clingo.Control:
    control = clingo.Control(["--warn=none", *options])
    control.add("base", [], text)
    control.ground([("base", [])])
    return control


def _consequences(text: str, mode: str) -> set[tuple[str, int]]:
    """Atoms of all answer sets (``cautious``) or of some (``brave``)."""
    found: set[tuple[str, int]] = set()
    control = _control(text, f"--enum-mode={mode}", "0")  # held by name: the handle does not keep it
    with control.solve(yield_=True) as handle:
        for model in handle:  # each model corrects the one before; the last is exact
            found = {(one.name, one.arguments[0].number) for one in model.symbols(shown=True)}
    return found
