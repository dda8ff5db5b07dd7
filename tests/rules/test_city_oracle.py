"""A city's plan of an estate, put together from pieces and like homes, against the estate planned whole.

The laws are random: homes need papers of their buildings and of the estate, and go on to what other homes
share; some needs are of every building; facts are known or not on every level.  Every home lacks one paper
of its own, for a home that lacks nothing takes no part.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, note
from hypothesis import strategies as st

from taizhang.rules.city import plan_city
from taizhang.rules.expressions import parse
from taizhang.rules.joint import plan_estate
from taizhang.rules.terms import AtLeast, Cost, Dossier, Each, Evidence, Held, Need, Node, Pack, Ref, Way
from taizhang.rules.worktime import WorkCalendar

from .compact import shown
from .packs import estate, examples, fact, label, make_pack

LEVELS = ("estate", "building", "unit")
PAPERS = {"id": 2, "u0": 2, "u1": 2, "u2": 2, "b0": 1, "b1": 1, "s0": 0, "s1": 0}
NODES = {"n0": 2, "nu1": 2, "nu2": 2, "nu3": 2, "nb0": 1, "nb1": 1, "ns0": 0, "ns1": 0}
costs = st.builds(Cost, st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))


@st.composite
def laws(draw: st.DrawFn) -> Pack:
    evidence = {
        name: Evidence(name, LEVELS[level], label(name), "", draw(costs)) for name, level in PAPERS.items()
    }
    asked = {name: draw(st.integers(0, 2)) for name in ("f", "g")}
    names, nodes = list(NODES), {}
    for at, (name, level) in enumerate(NODES.items()):
        below = [one for one in names[at + 1 :] if NODES[one] <= level]
        below += [one for one, of in PAPERS.items() if of <= level and one != "id"]
        guards = [guard for one in asked if asked[one] <= level for guard in (one, f"not {one}")]
        ways = []
        for number in range(draw(st.integers(1, 3))):
            needs: list[Need] = [Ref("id")] if name == "n0" else []
            for _ in range(draw(st.integers(1, 3))):
                if draw(st.integers(0, 8)) == 0:
                    of = draw(st.lists(st.sampled_from(below), min_size=2, max_size=3, unique=True))
                    needs.append(AtLeast(draw(st.integers(1, len(of))), tuple(of)))
                else:
                    open_ = bool(guards) and draw(st.integers(0, 6)) == 0
                    when = parse(draw(st.sampled_from(guards))) if open_ else None
                    needs.append(Ref(draw(st.sampled_from(below)), when))
            if level == 0 and draw(st.integers(0, 3)) == 0:
                needs.append(Each("building", draw(st.sampled_from(["b0", "b1"]))))
            guarded = bool(guards) and draw(st.integers(0, 3)) == 0
            when = parse(draw(st.sampled_from(guards))) if guarded else None
            rank = draw(st.sampled_from([0, 0, 1]))
            ways.append(Way(f"w{number}", label(f"w{number}"), tuple(needs), rank, when, draw(costs)))
        nodes[name] = Node(name, LEVELS[level], label(name), tuple(ways))
    facts = {name: fact(name, LEVELS[level]) for name, level in asked.items()}
    return make_pack(nodes, evidence, levels=LEVELS, facts=facts)


@st.composite
def known(draw: st.DrawFn, pack: Pack) -> Dossier:
    dossier = estate(draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    held: dict[tuple[str, str], Held] = {}
    facts: dict[tuple[str, str], object] = {}
    for place in dossier.places.values():
        for name in (*pack.evidence, *pack.nodes):
            if pack.level_of(name) == place.level and name not in ("n0", "id"):
                roll = draw(st.integers(0, 19))
                if roll < 4:
                    held[name, place.id] = Held.ON_HAND
                elif roll == 19:
                    held[name, place.id] = Held.UNOBTAINABLE
        for one in pack.facts.values():
            if one.level == place.level and draw(st.booleans()):
                facts[one.id, place.id] = draw(st.booleans())
    return replace(dossier, held=held, facts=facts)


@examples(250, 6_000)
@given(st.data())
def test_what_a_city_says_of_an_estate_is_what_planning_it_whole_says(data):
    """Its cost and days, who waits for which shared paper, and what all homes lack of their own."""
    pack = data.draw(laws())
    dossier = data.draw(known(pack))
    note(shown(pack, dossier))
    (city,) = plan_city(pack, [dossier], [{}], WorkCalendar.china())
    whole = plan_estate(pack, dossier).plan
    joint = city.joint
    if not (joint.proved and whole.proved) or joint.left_out != whole.left_out:
        return

    shared = {(gap.item, gap.place): gap.units for gap in joint.gaps if gap.level != "unit"}
    assert joint.vector == whole.vector
    if shared.keys() == {(gap.item, gap.place) for gap in whole.gaps if gap.level != "unit"}:
        assert Counter(one for unit in city.units for one in unit.shared) == {
            k: n for k, n in shared.items() if n
        }
    assert joint.vector.items == sum(len(unit.own) for unit in city.units) + len(shared)
    assert all(shared.values()), "every shared paper has somebody who waits for it"
