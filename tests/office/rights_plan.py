"""One plan in earnest for the list of rights, taken for every estate of the same make.

Reads from: ``builders``, the office to plan once.  Read by: ``test_rights``.
"""

from __future__ import annotations

import pickle
from typing import Any

from taizhang.office import computing

from .builders import draft

_MODEL = "county›模拟县区›模字院"
_PLANS: dict[str, bytes] = {}


def plan_once(patch: Any) -> None:
    """Plan one estate in earnest, and take its plan for every other of the same make.

    An estate takes seconds, and rights do not depend on plans.  The names are of one length, so that a
    pickled plan is that of another estate when its name is put in.
    """
    earnest = computing.plan_city

    def plan_city(
        pack: Any, dossiers: Any, identities: Any, calendar: Any, objective: str = "cheapest"
    ) -> Any:
        if not _PLANS:
            model = draft("模字院", "模拟县区", "模拟街道", 2)
            (plan,) = earnest(pack, [model.dossier], [dict(model.identity)], calendar)
            _PLANS["plan"] = pickle.dumps(plan)
        for dossier in dossiers:
            place = next(one.id for one in dossier.places.values() if one.level == "estate")
            assert len(place.encode()) == len(_MODEL.encode())
            yield pickle.loads(_PLANS["plan"].replace(_MODEL.encode(), place.encode()))

    patch.setattr(computing, "plan_city", plan_city)
