"""ROOM 1, the rules: what the law says, and what follows from it for a case.

Pure: no database, no network, no office file, no clock.  The names below are the door.
"""

from taizhang.rules.assess import assess
from taizhang.rules.check import check_plan
from taizhang.rules.fees import bill
from taizhang.rules.graph import Graph
from taizhang.rules.joint import plan_estate
from taizhang.rules.minimal import minimal_sets
from taizhang.rules.pack import load_pack
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.terms import AtLeast, Dossier
from taizhang.rules.worktime import WorkCalendar

__all__ = [
    "AtLeast",
    "Dossier",
    "Graph",
    "WorkCalendar",
    "assess",
    "bill",
    "cheapest_plan",
    "check_plan",
    "load_pack",
    "minimal_sets",
    "plan_estate",
]
