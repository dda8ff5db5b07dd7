"""Steiner triple systems as packs: a household that needs one paper out of every triple.

The least number of papers is the covering number of the system.  The systems are made here: the
smallest by Bose's construction, the larger ones by tripling.

Source:
    Fulkerson, Nemhauser and Trotter, "Two computationally difficult set covering problems that arise in
    computing the 1-width of incidence matrices of Steiner triple systems" (1974); Bose, "On the
    construction of balanced incomplete block designs" (1939).
"""

from __future__ import annotations

from itertools import combinations, permutations

from taizhang.rules.terms import Cost, Evidence, Node, Pack, Ref, Way

from .packs import label, make_pack

Triples = tuple[int, list[tuple[int, int, int]]]

#: Covering numbers as published; of A81 proved in 2010 with weeks of computing.
COVERS = {"A9": 5, "A15": 9, "A27": 18, "A45": 30, "A81": 61}


def bose(order: int) -> Triples:
    """The system on ``3 * order`` points, ``order`` odd."""
    half = (order + 1) // 2
    triples = [(x, x + order, x + 2 * order) for x in range(order)]
    for x, y in combinations(range(order), 2):
        for layer in range(3):
            middle = (x + y) * half % order + (layer + 1) % 3 * order
            triples.append((x + layer * order, y + layer * order, middle))
    return 3 * order, sorted(_sorted(one) for one in triples)


def tripled(system: Triples) -> Triples:
    """Three copies of a system and what joins them."""
    points, triples = system
    found = {_sorted((x, x + points, x + 2 * points)) for x in range(points)}
    for triple in triples:
        for layers in [(at, at, at) for at in range(3)] + list(permutations(range(3))):
            a, b, c = (point + layer * points for point, layer in zip(triple, layers, strict=True))
            found.add(_sorted((a, b, c)))
    return 3 * points, sorted(found)


def _sorted(triple: tuple[int, int, int]) -> tuple[int, int, int]:
    a, b, c = sorted(triple)
    return a, b, c


def system(name: str) -> Triples:
    """A9, A15, A27, A45 or A81."""
    if name in ("A9", "A15"):
        return bose(int(name[1:]) // 3)
    return tripled(system(f"A{int(name[1:]) // 3}"))


def steiner_pack(name: str) -> Pack:
    """A goal with one way that needs a node per triple; each node has three ways of one paper each."""
    points, triples = system(name)
    papers = {f"e{point:02}": Cost(100, 1, 1) for point in range(points)}
    evidence = {one: Evidence(one, "unit", label(one), "", cost) for one, cost in papers.items()}
    nodes = {}
    for number, triple in enumerate(triples):
        ways = tuple(Way(f"w{point:02}", label(f"w{point:02}"), (Ref(f"e{point:02}"),)) for point in triple)
        nodes[f"t{number:04}"] = Node(f"t{number:04}", "unit", label(f"t{number:04}"), ways)
    goal = Way("all", label("all"), tuple(Ref(one) for one in nodes), step=Cost(0, 1, 1))
    nodes["n0"] = Node("n0", "unit", label("n0"), (goal,))
    return make_pack(nodes, evidence)
