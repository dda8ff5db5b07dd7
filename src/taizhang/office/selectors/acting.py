"""Where a shared paper is acted on: its task, the gap of a plan nobody has adopted, or a meeting's agenda.

Only what the law calls a decision comes of a meeting; every other paper comes of the bureau that issues it.

Reads from: ``access``, ``papers``, ``planrecord``, ``selectors.lists``, ``ledger.models``.
Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from taizhang.ledger.models import PlanProposal, Task
from taizhang.office.access import Person, visible
from taizhang.office.papers import decision_papers
from taizhang.office.planrecord import unpack_plan
from taizhang.office.selectors.lists import RUNNING
from taizhang.rules.terms import Pack

__all__ = ["Acting", "Paper", "acting_on"]

Paper: TypeAlias = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Acting:
    """Where a paper of an estate is acted on.

    Attributes:
        decided: Whether a meeting provides it; else a bureau issues it.
        supplier: Who issues it, by the law; empty: not said.
        task: Key of its running task that the person sees; 0: there is none.
        planned: Whether the newest plan of the estate lacks it.
    """

    decided: bool
    supplier: str
    task: int
    planned: bool


def acting_on(person: Person, pack: Pack, papers: Collection[Paper]) -> Mapping[Paper, Acting]:
    """Return where each paper (key of the estate, item, place) is acted on."""
    estates, items = {one[0] for one in papers}, {one[1] for one in papers}
    rows = Task.objects.filter(estate__in=estates, item__in=items, kind="gap", state__in=RUNNING)
    tasks = {
        (estate, item, place): key
        for estate, item, place, key in visible(person, rows)
        .order_by("-id")
        .values_list("estate_id", "item", "place", "pk")
    }
    gaps = {one for estate in estates for one in _gaps(estate)}
    decided = decision_papers(pack)
    return {
        one: Acting(one[1] in decided, _supplier(pack, one[1]), tasks.get(one, 0), one in gaps)
        for one in papers
    }


def _supplier(pack: Pack, item: str) -> str:
    found = pack.evidence.get(item)
    return found.supplier if found else ""


def _gaps(estate: int) -> Iterator[Paper]:
    """What the newest plan of an estate lacks."""
    proposal = PlanProposal.objects.filter(estate=estate).first()
    for gap in unpack_plan(proposal.content)["gaps"] if proposal else ():
        yield estate, gap["item"], gap["place"]
