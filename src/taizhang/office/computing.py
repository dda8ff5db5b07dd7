"""The plans of estates computed, on all cores where there are many; nothing is written here.

Reads from: ``dossier``, ``planrecord``, ``rules``.  Read by: ``planning`` and the doors.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from django.db import connections

from taizhang.ledger.models import Estate
from taizhang.office.dossier import dossiers_of, identity_of
from taizhang.office.journal import in_line
from taizhang.office.planrecord import pack_plan
from taizhang.rules.canonical import digest
from taizhang.rules.city import plan_city
from taizhang.rules.plan import declared_order
from taizhang.rules.plancontent import plan_digest
from taizhang.rules.terms import Dossier, EstatePlan, Pack
from taizhang.rules.worktime import WorkCalendar

__all__ = ["Computed", "compute", "law_digest", "plan_of", "planned"]

_EDITION = 4  # of the planner; raised whenever it says something else of the same facts
_CHUNK = 24  # estates planned together; what their pieces share is kept by the process
_FEW = 12  # estates for which no further process is started
_MANY = 200_000  # new objects after which a process that computes looks for garbage


@dataclass(frozen=True, slots=True)
class Computed:
    """The plan of one estate as it will be kept."""

    place: str
    status: int
    classes: tuple[str, ...]
    proved: bool
    gaps: int
    vector: tuple[int, int, int, int, int]  #: rank, fen, hours, papers, working days
    dossier_digest: str
    plan_digest: str
    content: bytes


def compute(pack: Pack, estates: Sequence[Estate], prefer: str) -> Iterator[Computed]:
    """Yield the plan of every estate, in order; many are spread over the cores, each reading its own."""
    if len(estates) <= _FEW:
        yield from _read_and_planned(pack, estates, prefer)
        return
    context = multiprocessing.get_context(
        "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    )
    chunks = [list(estates[at : at + _CHUNK]) for at in range(0, len(estates), _CHUNK)]
    begin = (pack, prefer, os.getpid())
    with ProcessPoolExecutor(mp_context=context, initializer=_begin, initargs=begin) as pool:
        with in_line():  # nobody writes while processes are forked off: SQLite must not be carried over
            connections.close_all()
            chunks_done = pool.map(_chunk, chunks)  # hands all out, and so forks, at once
        for found in chunks_done:
            yield from found


_LAW: list[tuple[Pack, str]] = []  # of a process that computes


def _begin(pack: Pack, prefer: str, parent: int) -> None:
    _LAW[:] = [(pack, prefer)]
    gc.freeze()  # what the process was born with is not looked through again and again,
    gc.set_threshold(_MANY)  # and what it learns while it lives is kept: there is little garbage to find

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)  # nobody is left who would read what is computed

    threading.Thread(target=watch, daemon=True).start()


def _chunk(estates: Sequence[Estate]) -> list[Computed]:
    return list(_read_and_planned(_LAW[0][0], estates, _LAW[0][1]))


def _read_and_planned(pack: Pack, estates: Sequence[Estate], prefer: str) -> Iterator[Computed]:
    dossiers = list(dossiers_of(estates, pack.as_of))
    return planned(pack, dossiers, [dict(identity_of(one)) for one in estates], prefer)


def planned(
    pack: Pack, dossiers: Sequence[Dossier], identities: Sequence[dict[str, str]], prefer: str
) -> Iterator[Computed]:
    """Yield the plan of every estate, in order, within this process."""
    calendar = WorkCalendar.china()
    plans = plan_city(pack, dossiers, identities, calendar, objective=prefer)
    law = law_digest(pack, prefer)
    for dossier, plan in zip(dossiers, plans, strict=True):
        yield _computed(law, dossier, plan, declared_order(pack, prefer))


def law_digest(pack: Pack, prefer: str) -> str:
    """The digest of what a plan follows from beside its dossier: documents, their day, the order wanted.

    And the planner: a plan that an earlier edition computed is computed anew before it is adopted.
    """
    return digest((pack.as_of, pack.lock, prefer, _EDITION))


def _computed(law: str, dossier: Dossier, plan: EstatePlan, order: tuple[str, ...]) -> Computed:
    joint = plan.joint
    vector = joint.vector
    return Computed(
        plan.place.id,
        int(plan.status),
        plan.classes,
        joint.proved,
        sum(one.count for one in joint.gaps),
        (vector.rank, vector.money_fen, vector.effort, vector.items, vector.days),
        digest(dossier),
        plan_digest(plan),
        pack_plan(plan, law, order),
    )


def plan_of(pack: Pack, estate: Estate) -> EstatePlan:
    """The best plan of an estate as things stand, with all that is said of it; nothing is written.

    Cost:
        0.1 s for most estates, up to 2 s with many open facts; the last 64 are remembered.
    """
    dossier = next(dossiers_of([estate], pack.as_of))
    # what is said in words decides the order of the work and stands in the plan: it is no part of the dossier
    key = (pack.id, pack.version, pack.lock, digest(dossier), estate.identity)
    plan = _PLANS.get(key)
    if plan is None:
        calendar = WorkCalendar.china()
        (plan,) = plan_city(pack, [dossier], [dict(identity_of(estate))], calendar)
        _PLANS[key] = plan
        if len(_PLANS) > 64:
            _PLANS.pop(next(iter(_PLANS)), None)
    return plan


_PLANS: dict[tuple[object, ...], EstatePlan] = {}  # a plan is a pure function of its key
