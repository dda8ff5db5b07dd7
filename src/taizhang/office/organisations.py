"""Offices and people: those a ledger names, and those somebody enters.

Reads from: ``journal``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from taizhang.errors import InputError
from taizhang.ledger.models import Estate, Grant, Official, Organisation
from taizhang.office.access import require_role
from taizhang.office.journal import Act, act
from taizhang.office.register import CHINA

__all__ = ["establish_offices", "find_official", "grant_role", "office_named"]

_STREET_SUPPLIERS = frozenset({"street_office", "household", "applicant", "agency"})
_NAME = re.compile(r"^[一-鿿·]{2,12}")
_NO_BUREAU = frozenset({"developer", "co_developer", "successor", "employer", "administrator", "bank"})


def establish_offices(suppliers: Mapping[str, str], *, city: str, actor: str, now: datetime) -> int:
    """Open an office for every county, street and neighbourhood of the ledger, and every bureau of a county.

    Args:
        suppliers: Supplier of the pack -> its name in Chinese.
        city: Name of the city's task force.
        actor: Who does it.
        now: The instant.

    Returns:
        How many offices and officials are new; a second time none.
    """
    with act("establish_offices", actor=actor, subject="organisations", now=now) as doing:
        work = _Offices(doing)
        top = work.office("city", city, None)
        places = Estate.objects.order_by("county", "street").values_list("county", "street").distinct()
        counties = {county: work.office("county", county, top, county=county) for county, _ in places}
        streets = {
            (county, street): work.office("street", street, counties[county], county=county, street=street)
            for county, street in places
            if street
        }
        below = Estate.objects.exclude(neighbourhood="").order_by("county", "street", "neighbourhood")
        for county, street, name in below.values_list("county", "street", "neighbourhood").distinct():
            if street:
                work.office("neighbourhood", name, streets[county, street], county=county, street=street)
        for county, above in counties.items():
            for supplier, name in sorted(suppliers.items()):
                if supplier not in _STREET_SUPPLIERS | _NO_BUREAU:
                    work.office("bureau", f"{county}{name}", above, county=county, supplier=supplier)
        for county, street, told in Estate.objects.values_list("county", "street", "identity"):
            found = _NAME.match(json.loads(told).get("responsible_official", ""))
            if found and (county, street) in streets:
                work.official(found.group(), streets[county, street])
        return work.write()


class _Offices:
    """What is there, and what is new."""

    def __init__(self, doing: Act) -> None:
        self.doing = doing
        self.known = {
            (one.kind, one.county, one.street, one.supplier or one.name): one
            for one in Organisation.objects.all()
        }
        self.people = {(one.organisation_id, one.name) for one in Official.objects.all()}
        self.fresh: list[Organisation] = []
        self.officials: list[Official] = []

    def office(self, kind: str, name: str, parent: Organisation | None, **where: str) -> Organisation:
        key = (kind, where.get("county", ""), where.get("street", ""), where.get("supplier", "") or name)
        if key not in self.known:
            one = Organisation(
                id=self.doing.number("ledger_organisation"), kind=kind, name=name, parent=parent, **where
            )
            self.known[key] = one
            self.fresh.append(one)
        return self.known[key]

    def official(self, name: str, organisation: Organisation) -> None:
        if (organisation.pk, name) not in self.people:
            self.people.add((organisation.pk, name))
            self.officials.append(Official(name=name, organisation=organisation, county=organisation.county))

    def write(self) -> int:
        self.doing.insert(self.fresh)
        self.doing.insert(self.officials)
        self.doing.insert(_street_grants(self.officials, self.doing.now.astimezone(CHINA).date()))
        return len(self.fresh) + len(self.officials)


def _street_grants(officials: Sequence[Official], since: date) -> list[Grant]:
    """Who is named in the ledger as responsible is an officer of the street."""
    return [
        Grant(official=one, role="officer", organisation=one.organisation, since=since) for one in officials
    ]


def grant_role(
    name: str,
    role: str,
    organisation: Organisation,
    *,
    actor: str,
    now: datetime,
) -> Official:
    """Give a person a role for an office and all below it; a new person is entered.

    Args:
        name: The person; of several of the same name in the office, the first.  A number is that of an
            official who works elsewhere too: one person is one official, wherever there is a role.
        role: One of :data:`~taizhang.office.access.ROLES`.
        organisation: The office.
        actor: Who grants it.
        now: The instant.

    Raises:
        InputError: ``E-ROLE`` no such role.
    """
    require_role(role)
    with act("grant_role", actor=actor, subject=f"official:{name}", now=now) as doing:
        official = _known(name, organisation)
        if official is None:
            official = Official(name=name, organisation=organisation, county=organisation.county)
            doing.insert([official])
        elif not official.active:
            doing.update(official, active=True)  # who left has come back; the roles of before have ended
        _grant(doing, official, role, organisation)
        doing.detail["role"] = role
        return official


def _known(name: str, organisation: Organisation) -> Official | None:
    if name.isdecimal():
        return find_official(name)
    return Official.objects.filter(name=name, organisation=organisation).first()


def _grant(doing: Act, official: Official, role: str, organisation: Organisation) -> None:
    """Write a grant, unless one is there that nobody has withdrawn."""
    today = doing.now.astimezone(CHINA).date()
    known = Grant.objects.filter(official=official, role=role, organisation=organisation)
    if known.filter(until=None).exists():
        return
    same_day = known.filter(since=today).first()  # given and withdrawn on this day
    if same_day is not None:
        doing.update(same_day, until=None)
        return
    doing.insert([Grant(official=official, role=role, organisation=organisation, since=today)])


def office_named(name: str) -> Organisation:
    """The office of a name.

    Raises:
        InputError: ``E-OFFICE`` none or several.
    """
    found = list(Organisation.objects.filter(name=name)[:2])
    if len(found) != 1:
        raise InputError(
            "'{office}' names {count} offices.",
            hint="Import a ledger first: its counties and streets become offices.",
            zh="“{office}”对应 {count} 个机构；请先导入台账，其县、街道将建立为机构。",
            code="E-OFFICE",
            office=name,
            count="several" if found else "no",
        )
    return found[0]


def find_official(name: str) -> Official:
    """The official of a name or number.

    Raises:
        InputError: ``E-OFFICIAL-NAME`` nobody or several.
    """
    found = list(Official.objects.filter(active=True, name=name)[:2])
    if name.isdecimal():
        found = list(Official.objects.filter(active=True, pk=int(name)))
    if len(found) != 1:
        raise InputError(
            "'{name}' names {count} officials.",
            hint="Give the number of the official; `taizhang officials` lists them.",
            zh="“{name}”对应 {count} 名人员，请改用编号，可用 taizhang officials 查看。",
            code="E-OFFICIAL-NAME",
            name=name,
            count="several" if found else "no",
        )
    return found[0]
