"""What a made-up office has achieved: a meeting held, estates registered, households billed and certified.

Reads from: ``meetings``, ``registrations``, ``certificates``, ``bills`` and other acts.  Read by:
``demonstration``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from taizhang.ledger.models import BillLine, Estate, Task, Unit
from taizhang.office.access import Person
from taizhang.office.bills import issue_bills, record_payment
from taizhang.office.cases import close_case, record_screening
from taizhang.office.certificates import CertificateDraft, hand_out_certificate, record_certificates
from taizhang.office.installation import Law
from taizhang.office.meetings import (
    Matter,
    call_meeting,
    put_on_agenda,
    record_decision,
    record_minutes,
)
from taizhang.office.papers import decision_papers
from taizhang.office.planning import propose_plans
from taizhang.office.register import CHINA
from taizhang.office.registrations import record_first_registration
from taizhang.office.workflow import OPEN
from taizhang.rules.terms import Pack, Status

__all__ = ["achieve"]

_REGISTERED = 6  # estates registered first, of which the last have no certificates yet
_SMALL = 120  # units: an estate that is dealt with as a whole


def achieve(law: Law, pack: Pack, leaders: tuple[Person, Person], now: datetime) -> None:
    """Hold a meeting, call another, and bring a few small estates to their certificates."""
    first, _ = leaders
    estates = list(Estate.objects.order_by("county", "id"))
    record_screening(1, [one.place for one in estates[::2]], actor=first.actor, now=now - timedelta(days=120))
    record_screening(2, [one.place for one in estates[1::2]], actor=first.actor, now=now - timedelta(days=60))
    touched = _meet(law, pack, leaders, now)
    small = [one for one in estates if 0 < one.units_total <= _SMALL and not _at_work(one)]
    small.sort(key=lambda one: (-_billable(one), one.pk))
    touched += _register(pack, leaders, small[:_REGISTERED], now)
    propose_plans(pack, touched, actor=first.actor, now=now)


def _at_work(estate: Estate) -> bool:
    return Task.objects.filter(estate=estate).exists()


def _billable(estate: Estate) -> int:
    """Units that still lack something and whose fees are known."""
    return Unit.objects.filter(estate=estate, fees_fen__isnull=False, status=Status.OPEN).count()


def _meet(law: Law, pack: Pack, leaders: tuple[Person, Person], now: datetime) -> list[Estate]:
    """A meeting ten days ago that took two decisions of three, and one in five days with a matter open."""
    first, second = leaders
    past, day = now - timedelta(days=10), now.astimezone(CHINA).date()
    waiting = list(
        Task.objects.filter(OPEN, kind="gap", item__in=decision_papers(pack))
        .select_related("estate")
        .order_by("-units", "id")[:4]
    )
    if not waiting:
        return []
    held = call_meeting(first, "", "历史遗留项目专题会商", day - timedelta(days=10), past)
    decisions = [
        put_on_agenda(first, law, held.pk, one.estate_id, Matter("请议定是否认定", one.item), past)
        for one in waiting[:3]
    ]
    record_minutes(first, held.pk, f"演专纪〔{day.year}〕2号", past)
    for number, one in enumerate(decisions):
        text = "同意认定，由县专班跟进" if number < 2 else "缓议，补充材料后再提"
        record_decision(second, one.pk, now, taken=number < 2, text=text)
    next_ = call_meeting(first, "", "节后遗留问题会商", day + timedelta(days=5), now)
    for task in waiting[3:]:
        put_on_agenda(first, law, next_.pk, task.estate_id, Matter("请议定是否认定", task.item), now)
    return [one.estate for one in waiting[:2]]


def _register(
    pack: Pack, leaders: tuple[Person, Person], estates: Sequence[Estate], now: datetime
) -> list[Estate]:
    """First registration everywhere; lists of fees, certificates and a closed case in some."""
    first, day = leaders[0], now.astimezone(CHINA).date()
    for number, estate in enumerate(estates):
        remark = "演示：登记机构已登簿"
        record_first_registration(
            first, estate.pk, [], f"演登首{number + 1}", day - timedelta(days=20), now, remark=remark
        )
        issue_bills(first, pack, estate.pk, now)
        units = list(Unit.objects.filter(estate=estate).order_by("id"))
        done = units if number < 2 else units[: len(units) // 2] if number < 4 else []
        made = record_certificates(
            first,
            [
                CertificateDraft(one.pk, f"演（{day.year}）不动产权第{one.pk:07d}号", day - timedelta(days=8))
                for one in done
            ],
            now,
        )
        for certificate in made[: len(made) // 2]:
            hand_out_certificate(first, certificate.pk, day - timedelta(days=3), now)
        if number == 0:
            close_case(first, estate.pk, now)
        if number == 3:  # some of its households have their certificates, some have paid, some have not
            _pay(first, estate, now)
    return list(estates)


def _pay(person: Person, estate: Estate, now: datetime) -> None:
    lines = BillLine.objects.filter(bill__estate=estate, bill__replaced_on__isnull=True, fen__gt=0)
    for number, line in enumerate(lines.select_related("bill").order_by("id")[:12]):
        day = now.astimezone(CHINA).date() - timedelta(days=2)
        record_payment(person, line.bill.unit_id, line.fee, line.fen, f"演票{number + 1:04d}", day, now)
