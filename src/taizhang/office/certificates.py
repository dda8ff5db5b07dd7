"""Certificates of title (不动产权证书): recorded one by one or in thousands, and handed to their holders.

Each rests on a transfer registration, and that on the first registration of its building.

Reads from: ``access``, ``journal``, ``papers``, ``registrations``, ``ledger.models``.  Read by: the doors.

Source:
    Background, no official text was seen: 不动产登记暂行条例实施细则, article 24; the ministry's pattern
    of the certificate of 2015 for its number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from taizhang.errors import InputError, TransitionError
from taizhang.ledger.models import Certificate, Registration, Unit
from taizhang.office.access import Person, require, visible
from taizhang.office.journal import act
from taizhang.office.papers import complete_tasks, put_on_hand, recorded
from taizhang.office.recorded_steps import CERTIFICATE, FIRST, TRANSFER
from taizhang.office.registrations import plan_anew, require_past
from taizhang.office.selectors.estate import not_seen

__all__ = ["CertificateDraft", "hand_out_certificate", "record_certificates", "unit_keys"]

# 鲁（2024）聊城市不动产权第0001234号; older ones are written in other ways, all with a number in them
_CERTIFICATE = re.compile(r".{0,60}[0-9０-９A-Za-z-]{3,20}号?")


@dataclass(frozen=True, slots=True)
class CertificateDraft:
    """A certificate as somebody enters it.

    Attributes:
        unit: Key of the unit.
        number: Of the certificate.
        issued_on: Its day, and that of the transfer registration.
        registration: Number under which the registry accepted the transfer; empty: that of the certificate.
        collected_on: Day on which the holder collected it; ``None``: not yet.
    """

    unit: int
    number: str
    issued_on: date
    registration: str = ""
    collected_on: date | None = None


def record_certificates(
    person: Person, drafts: Iterable[CertificateDraft], now: datetime
) -> list[Certificate]:
    """Record certificates, all or none; plans of their estates are to be computed anew then.

    Raises:
        AccessError: ``E-ACCESS``, ``E-NOT-SEEN``.
        InputError: ``E-CERTIFICATE-NUMBER``, ``E-CERTIFICATE-TWICE`` two units of one number,
            ``E-REGISTRATION-DAY``.
        TransitionError: ``E-NOT-REGISTERED`` the building has no first registration;
            ``E-CERTIFIED`` the unit has a certificate; ``E-CERTIFICATE-USED`` another unit has the number.
    """
    wanted = list(drafts)
    with act("record_certificate", actor=person.actor, subject="certificates", now=now) as doing:
        units = _units(person, [one.unit for one in wanted])
        _require_free(wanted, units)
        registered = _registered(units.values())
        for one in wanted:
            require_past(one.issued_on, now)
            unit = units[one.unit]
            if unit.building_id not in registered:
                raise TransitionError(
                    "{building} of {estate} has no first registration.",
                    hint="Record it first; nothing can be transferred before it.",
                    zh="{estate}{building}尚未办理首次登记，不能登记转移；请先登记首次登记结果。",
                    code="E-NOT-REGISTERED",
                    building=unit.building.name,
                    estate=unit.estate.name,
                )
        transfers = [_transfer(person, one, units[one.unit]) for one in wanted]
        doing.insert(transfers)
        rows = [
            Certificate(
                county=one.county,
                estate_id=one.estate_id,
                unit=units[draft.unit],
                registration=one,
                number=draft.number.strip(),
                issued_on=draft.issued_on,
                collected_on=draft.collected_on,
            )
            for one, draft in zip(transfers, wanted, strict=True)
        ]
        doing.insert(rows)
        places = [units[one.unit].place for one in wanted]
        for step in (TRANSFER, CERTIFICATE):
            put_on_hand(doing, places, step, None)
        for estate in {one.estate_id: one.estate for one in units.values()}.values():
            for step in (TRANSFER, CERTIFICATE):
                complete_tasks(doing, estate, recorded(doing, estate, step, "", person.official))
            plan_anew(doing, estate)
        counties = {one.county for one in rows}
        doing.county = counties.pop() if len(counties) == 1 else ""
        doing.detail["certificates"] = len(rows)
        if len(rows) == 1:
            doing.subject = f"unit:{rows[0].unit_id}"
        return rows


def hand_out_certificate(
    person: Person, certificate_id: int, collected_on: date, now: datetime
) -> Certificate:
    """Record that the holder collected a certificate.

    Raises:
        AccessError: ``E-ACCESS``, ``E-NOT-SEEN``.
        InputError: ``E-REGISTRATION-DAY`` before it was issued, or in the future.
        TransitionError: ``E-COLLECTED`` it was collected before.
    """
    with act(
        "hand_out_certificate", actor=person.actor, subject=f"certificate:{certificate_id}", now=now
    ) as doing:
        rows = Certificate.objects.filter(pk=certificate_id, cancelled_on__isnull=True)
        found = visible(person, rows).select_related("unit").first()
        if found is None:
            raise not_seen()
        require(person, "hand_out_certificate", found)
        if found.collected_on:
            raise TransitionError(
                "Certificate {number} was collected on {day}.",
                zh="证书 {number} 已于 {day} 领取。",
                code="E-COLLECTED",
                number=found.number,
                day=found.collected_on.isoformat(),
            )
        require_past(collected_on, now, found.issued_on)
        doing.county, doing.subject = found.county, f"unit:{found.unit_id}"
        return doing.update(found, collected_on=collected_on)


def unit_keys(places: Iterable[str]) -> dict[str, int]:
    """The keys of units by their places; those that the ledger does not have are left out."""
    wanted, found = list(places), dict[str, int]()
    for at in range(0, len(wanted), 500):
        found |= dict(Unit.objects.filter(place__in=wanted[at : at + 500]).values_list("place", "pk"))
    return found


def _units(person: Person, keys: Sequence[int]) -> dict[int, Unit]:
    found: dict[int, Unit] = {}
    for at in range(0, len(keys), 500):
        rows = Unit.objects.filter(pk__in=keys[at : at + 500]).select_related("estate", "building")
        seen = {one.pk: one for one in visible(person, rows)}
        may = visible(person, Unit.objects.filter(pk__in=seen), "record_certificate")
        for key in set(seen) - set(may.values_list("pk", flat=True)):
            require(person, "record_certificate", seen[key])
        found |= seen
    if set(keys) - set(found):
        raise not_seen()
    return found


def _require_free(wanted: Sequence[CertificateDraft], units: dict[int, Unit]) -> None:
    numbers: dict[str, int] = {}
    for one in wanted:
        number = one.number.strip()
        if not _CERTIFICATE.fullmatch(number):
            raise InputError(
                "'{number}' is no number of a certificate.",
                hint="Write it as it stands on the certificate.",
                zh="“{number}”不是不动产权证号，请按证书填写，如 鲁（2024）聊城市不动产权第0001234号。",
                code="E-CERTIFICATE-NUMBER",
                number=number,
            )
        if numbers.setdefault(number, one.unit) != one.unit:
            raise InputError(
                "Certificate {number} is given twice.",
                hint="Correct one of the rows.",
                zh="证号 {number} 重复出现，请更正其中一行。",
                code="E-CERTIFICATE-TWICE",
                number=number,
            )
    if len({one.unit for one in wanted}) != len(wanted):
        raise InputError(
            "A unit is given two certificates.",
            hint="Correct one of the rows.",
            zh="同一户出现两个证号，请更正其中一行。",
            code="E-CERTIFICATE-TWICE",
        )
    in_force = Certificate.objects.filter(cancelled_on__isnull=True)
    for at in range(0, len(wanted), 500):
        some = wanted[at : at + 500]
        has = in_force.filter(unit__in=[one.unit for one in some]).first()
        if has is not None:
            raise TransitionError(
                "{unit} has certificate {number}.",
                hint="Cancel its registration first, where it is wrong.",
                zh="{unit}已有证书 {number}；如有误请先撤销其登记。",
                code="E-CERTIFIED",
                unit=f"{units[has.unit_id].estate.name}{units[has.unit_id].name}",
                number=has.number,
            )
        used = in_force.filter(number__in=[one.number.strip() for one in some]).first()
        if used is not None:
            raise TransitionError(
                "Certificate {number} belongs to another unit.",
                hint="Check the number on the certificate.",
                zh="证号 {number} 已属另一户，请核对证书。",
                code="E-CERTIFICATE-USED",
                number=used.number,
            )


def _registered(units: Iterable[Unit]) -> set[int]:
    """Buildings of units whose first registration has been made, by record or by what the ledger says."""
    buildings = {one.building_id: one.building for one in units}
    rows = Registration.objects.filter(building__in=buildings, kind="first", cancelled_on__isnull=True)
    found = set(rows.values_list("building", flat=True))
    for key, one in buildings.items():
        if json.loads(one.held).get(FIRST) == "on_hand":
            found.add(key)
    return found


def _transfer(person: Person, draft: CertificateDraft, unit: Unit) -> Registration:
    return Registration(
        county=unit.county,
        estate_id=unit.estate_id,
        building_id=unit.building_id,
        unit=unit,
        kind="transfer",
        number=(draft.registration.strip() or draft.number.strip())[:60],
        registered_on=draft.issued_on,
        recorded_by_id=person.official,
    )
