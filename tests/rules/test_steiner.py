"""Pure covering, where every exact method ends somewhere: what is proved is proved, the rest says so."""

from __future__ import annotations

import os
from functools import partial
from itertools import combinations

import pytest

from taizhang.rules import solver, whole
from taizhang.rules.check import check_plan
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.terms import Dossier

from .steiner import COVERS, steiner_pack, system

in_check = pytest.mark.skipif(
    os.environ.get("TAIZHANG_PROFILE") != "check", reason="takes half a minute: in `make check` only"
)


@pytest.mark.parametrize("name", COVERS)
def test_every_pair_of_points_is_in_exactly_one_triple(name):
    points, triples = system(name)

    pairs = [pair for triple in triples for pair in combinations(triple, 2)]
    assert sorted(pairs) == sorted(combinations(range(points), 2))


@pytest.mark.parametrize("name", ["A9", "A15", "A27", pytest.param("A45", marks=in_check)])
def test_the_published_covering_number_is_found_and_proved(name):
    pack = steiner_pack(name)
    plan = cheapest_plan(pack, Dossier.of(pack))

    assert (plan.proved, plan.bound) == (True, None)
    assert plan.vector.items == COVERS[name]
    assert check_plan(pack, Dossier.of(pack), plan)


def test_what_is_not_proved_says_how_far_it_may_be_off(monkeypatch):
    """A81: the best known cover, with a bound below it; never called proved."""
    if os.environ.get("TAIZHANG_PROFILE") != "check":  # a tenth of the work
        monkeypatch.setattr(solver, "solved_whole", partial(whole.solved_whole, work=1_300_000))
    pack = steiner_pack("A81")
    plan = cheapest_plan(pack, Dossier.of(pack))

    assert not plan.proved
    assert plan.vector.items == COVERS["A81"]
    assert plan.bound is not None
    rank, money, *_ = plan.bound
    assert rank == 0
    assert 27 * 100 <= money < plan.vector.money_fen  # every point is on few triples: 27 are a floor
    assert plan.bound < plan.objective
    assert check_plan(pack, Dossier.of(pack), plan)


def test_the_same_work_gives_the_same_plan(monkeypatch):
    monkeypatch.setattr(solver, "solved_whole", partial(whole.solved_whole, work=20_000))
    pack = steiner_pack("A45")

    assert cheapest_plan(pack, Dossier.of(pack)) == cheapest_plan(pack, Dossier.of(pack))
