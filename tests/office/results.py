"""One estate and its people, for the way from a meeting to the certificate.

Reads from: ``builders``, ``office``.  Read by: the tests of meetings and of results.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from taizhang.ledger.models import (
    Estate,
    Official,
    Organisation,
    Unit,
)
from taizhang.office.access import person_of
from taizhang.office.bills import issue_bills, record_payment
from taizhang.office.cases import close_case, record_screening
from taizhang.office.certificates import CertificateDraft, record_certificates
from taizhang.office.computing import plan_of
from taizhang.office.installation import Law
from taizhang.office.meetings import (
    Matter,
    call_meeting,
    put_on_agenda,
    record_decision,
    record_minutes,
)
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.planning import propose_plans
from taizhang.office.register import register
from taizhang.office.registrations import record_first_registration

from .builders import DAY, NOON, OVERLAYS, draft, law

LAW = Law("title-certificates", tuple(OVERLAYS), "市专班", DAY.isoformat())
TOMORROW = DAY + timedelta(days=1)
MINUTES = "专题会议纪要〔2024〕3号"


def furnished(made) -> None:
    """One estate imported and planned, and the people of the story."""
    register(
        [made],
        programme="title-certificates",
        file_name="台账.xlsx",
        sha256="0" * 64,
        actor="test",
        now=NOON,
    )
    pack = law()
    suppliers = {name: one.zh for name, one in pack.suppliers.items()}
    establish_offices(suppliers, city="市专班", actor="test", now=NOON)
    city = Organisation.objects.get(kind="city")
    roles = {"王建国": "leader", "周立": "leader", "马瑞": "registrar", "钱芳": "cashier"}
    for name, role in roles.items():
        grant_role(name, role, city, actor="test", now=NOON)
    propose_plans(pack, list(Estate.objects.all()), actor="test", now=NOON)


def lost():
    """An estate whose developer has been lost: a finding of a meeting is among what it lacks."""
    made = draft()
    facts = dict(made.dossier.facts) | {("developer_status", made.place): "lost_contact"}
    return replace(made, dossier=replace(made.dossier, facts=facts))


def someone(name: str):
    return person_of(Official.objects.get(name=name), DAY)


def lacking(pack) -> set[str]:
    """Papers the estate's plan lacks now."""
    return {gap.item for gap in plan_of(pack, Estate.objects.get()).joint.gaps}


def achieved(estate: Estate) -> None:
    """One of every record on the way to the certificate, in an estate whose units are measured and priced."""
    wang, unit = someone("王建国"), Unit.objects.filter(estate=estate).order_by("id")[0]
    record_screening(1, [estate.place], actor="test", now=NOON)
    meeting = call_meeting(wang, "", "会商", DAY, NOON)
    matter = put_on_agenda(wang, LAW, meeting.pk, estate.pk, Matter("请研究进度"), NOON)
    record_minutes(wang, meeting.pk, MINUTES, NOON)
    record_decision(wang, matter.pk, NOON, taken=True, text="加快办理")
    issue_bills(wang, law(), estate.pk, NOON)
    record_payment(wang, unit.pk, "registration_fee", 8_000, "票据1", DAY, NOON)
    record_first_registration(wang, estate.pk, [], "登首1", DAY, NOON, remark="已登簿")
    units = Unit.objects.filter(estate=estate).order_by("id")
    drafts = [CertificateDraft(one.pk, f"鲁（2024）不动产权第{one.pk:07d}号", DAY) for one in units]
    record_certificates(wang, drafts, NOON)
    close_case(wang, estate.pk, NOON)
