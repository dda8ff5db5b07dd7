"""Finished work of the office: what a forecast goes by.

Reads from: ``ledger.models``.  Read by: the counter at the terminal.
"""

from __future__ import annotations

from datetime import date

from taizhang.ledger.models import JournalEntry, Task
from taizhang.office.register import CHINA
from taizhang.rules.terms import Completed

__all__ = ["finished"]

_BEGUN, _ENDED = "acknowledge_task", "accept_evidence"


def finished(county: str = "") -> list[Completed]:
    """Return the tasks whose papers were accepted, by the day of that.

    A task was received on the day its clock began, begun when its owner acknowledged it, and ended when
    its paper was accepted; where it was not acknowledged it was begun when it was received.

    Args:
        county: Only of this county; all by default.
    """
    done = Task.objects.filter(kind="gap", state="complete")
    done = done.filter(county=county) if county else done
    days = _days()
    found = []
    for task in done.order_by("pk"):
        told = days.get(f"task:{task.pk}", {})
        ended = told.get(_ENDED)
        if ended is not None:
            received = min(task.start_on, ended)
            begun = min(max(received, told.get(_BEGUN, received)), ended)
            found.append(Completed(task.item, task.supplier, received, begun, ended))
    return sorted(found, key=lambda one: (one.ended, one.supplier, one.item, one.received, one.begun))


def _days() -> dict[str, dict[str, date]]:
    """By task, the last day of each act."""
    acts = JournalEntry.objects.filter(act__in=[_BEGUN, _ENDED], subject__startswith="task:")
    found: dict[str, dict[str, date]] = {}
    for subject, act, at in acts.order_by("pk").values_list("subject", "act", "at"):
        found.setdefault(subject, {})[act] = at.astimezone(CHINA).date()
    return found
