"""Lists of fees for households (缴费清单), and what was paid on them.

A list is issued once the unit has been measured and every line of its bill is known; another one takes
its place where the amounts have changed.  What is paid for a fee in full puts its receipt on hand.  What
the developer owes stands on no household's list and holds no certificate up (证缴分离).

Reads from: ``access``, ``computing``, ``journal``, ``papers``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from taizhang.errors import InputError, TransitionError
from taizhang.ledger.models import Bill, BillLine, Estate, Payment, Unit
from taizhang.office.access import Person, require, visible
from taizhang.office.computing import plan_of
from taizhang.office.journal import Act, act
from taizhang.office.papers import complete_tasks, put_on_hand, recorded, take_from
from taizhang.office.recorded_steps import FEE_LIST, RECEIPTS, paid_fen
from taizhang.office.register import CHINA, packed
from taizhang.office.registrations import plan_anew, require_past
from taizhang.office.selectors.estate import not_seen
from taizhang.office.workflow import given_reason
from taizhang.rules.terms import Pack, UnitPlan

__all__ = ["Issued", "cancel_payment", "issue_bills", "record_payment"]

MEASURED = "unit_survey_sheet"


@dataclass(frozen=True, slots=True)
class Issued:
    """What issuing did.

    Attributes:
        issued: Lists that are new, of ``replaced`` units in the place of another one.
        same: Units whose list stays as it is.
        unknown: Units of whose bill something is not known.
        unmeasured: Units that have not been measured.
    """

    issued: int
    replaced: int
    same: int
    unknown: int
    unmeasured: int


def issue_bills(person: Person, pack: Pack, estate_id: int, now: datetime) -> Issued:
    """Issue the list of fees of every unit of an estate that can have one.

    Args:
        person: Who issues them.
        pack: The law of the day; its rates count.
        estate_id: Key of the estate.
        now: The instant.

    Raises:
        AccessError: ``E-ACCESS``.

    Cost:
        That of :func:`~taizhang.office.computing.plan_of`, and a few rows a unit.
    """
    estate = Estate.objects.get(pk=estate_id)
    require(person, "issue_bills", estate)
    planned = {one.place.id: one for one in plan_of(pack, estate).units}  # before the act: others may write
    with act("issue_bills", actor=person.actor, subject=f"estate:{estate_id}", now=now) as doing:
        doing.county = estate.county
        standing = {
            one.unit_id: one
            for one in Bill.objects.filter(estate=estate, replaced_on__isnull=True).prefetch_related("lines")
        }
        fresh: list[tuple[Unit, UnitPlan]] = []
        counts = dict.fromkeys(("replaced", "same", "unknown", "unmeasured"), 0)
        day = now.astimezone(CHINA).date()
        for unit in Unit.objects.filter(estate=estate).order_by("id"):
            plan = planned.get(unit.place)
            if plan is None or plan.bill.unknown:
                counts["unknown"] += 1
                continue
            if MEASURED in plan.own:
                counts["unmeasured"] += 1
                continue
            old = standing.get(unit.pk)
            if old and {line.fee: line.fen for line in old.lines.all()} == dict(plan.bill.lines):
                counts["same"] += 1
                continue
            if old:
                doing.update(old, replaced_on=day)
                counts["replaced"] += 1
            fresh.append((unit, plan))
        _write(doing, person, pack, fresh)
        doing.detail |= {"issued": len(fresh), **counts}
        if fresh:
            put_on_hand(doing, [unit.place for unit, _ in fresh], FEE_LIST, None)
            complete_tasks(doing, estate, recorded(doing, estate, FEE_LIST, "", person.official))
            plan_anew(doing, estate)
    return Issued(len(fresh), **counts)


def _write(doing: Act, person: Person, pack: Pack, fresh: Sequence[tuple[Unit, UnitPlan]]) -> None:
    if not fresh:
        return
    day = doing.now.astimezone(CHINA).date()
    numbers = doing.numbers(f"bill:{day.year}", len(fresh))
    bills = [
        Bill(
            county=unit.county,
            estate_id=unit.estate_id,
            unit=unit,
            number=f"{day.year}-{number:07d}",
            issued_on=day,
            issued_by_id=person.official,
            law_on=pack.as_of,
            pack=pack.id,
            pack_version=pack.version,
            total_fen=plan.bill.total_fen,
        )
        for (unit, plan), number in zip(fresh, numbers, strict=True)
    ]
    doing.insert(bills)
    lines = [
        BillLine(county=bill.county, bill=bill, fee=line.fee, fen=line.fen, inputs=packed(dict(line.inputs)))
        for bill, (_, plan) in zip(bills, fresh, strict=True)
        for line in plan.bill.details
    ]
    doing.insert(lines)


def record_payment(
    person: Person, unit_id: int, fee: str, fen: int, receipt: str, paid_on: date, now: datetime
) -> Payment:
    """Record that a fee of a unit was paid, or a part of it.

    Args:
        person: Who records it.
        unit_id: Key of the unit.
        fee: A line of its list.
        fen: How much.
        receipt: Number of the receipt.
        paid_on: The day.
        now: The instant.

    Raises:
        AccessError: ``E-ACCESS``, ``E-NOT-SEEN``.
        InputError: ``E-PAYMENT-SUM`` nothing, or more than is open; ``E-RECEIPT`` no number;
            ``E-REGISTRATION-DAY`` a day that has not come.
        TransitionError: ``E-NO-BILL`` no list with this fee; ``E-RECEIPT-USED`` a receipt used before.
    """
    with act("record_payment", actor=person.actor, subject=f"unit:{unit_id}", now=now) as doing:
        unit = _unit(person, "record_payment", unit_id)
        require_past(paid_on, now)
        line = BillLine.objects.filter(bill__unit=unit, bill__replaced_on__isnull=True, fee=fee).first()
        if line is None:
            raise TransitionError(
                "No list of fees of this unit has this line.",
                hint="Issue the list first.",
                zh="该户的缴费清单中没有此项费用，请先开具清单。",
                code="E-NO-BILL",
            )
        number = receipt.strip()[:80]
        if not number:
            raise InputError(
                "The receipt has no number.",
                hint="Write the number that stands on it.",
                zh="未填写票据号，请按票据填写。",
                code="E-RECEIPT",
            )
        same = Payment.objects.filter(county=unit.county, fee=fee, receipt=number, cancelled_on__isnull=True)
        if same.exists():
            raise TransitionError(
                "Receipt {receipt} was recorded before.",
                hint="Check its number; a wrong payment can be cancelled.",
                zh="票据 {receipt} 已登记过，请核对票据号；如系误登可撤销。",
                code="E-RECEIPT-USED",
                receipt=number,
            )
        before = paid_fen(unit).get(fee, 0)
        if not 0 < fen <= line.fen - before:
            raise InputError(
                "{fen} fen cannot be paid: {open} fen of this fee are open.",
                hint="Check the sum on the receipt.",
                zh="金额不成立：本项尚欠 {open} 分，登记 {fen} 分；请核对票据金额。",
                code="E-PAYMENT-SUM",
                fen=fen,
                open=line.fen - before,
            )
        row = Payment(
            county=unit.county,
            unit=unit,
            fee=fee,
            fen=fen,
            paid_on=paid_on,
            receipt=number,
            recorded_by_id=person.official,
        )
        doing.insert([row])
        doing.county, doing.detail["fee"] = unit.county, fee
        if before + fen == line.fen and fee in RECEIPTS:
            put_on_hand(doing, [unit.place], RECEIPTS[fee], None)
            told = recorded(doing, unit.estate, RECEIPTS[fee], number, person.official)
            complete_tasks(doing, unit.estate, told)
            plan_anew(doing, unit.estate)
        return row


def cancel_payment(person: Person, payment_id: int, now: datetime, reason: str) -> Payment:
    """Cancel a payment that was recorded wrongly; its receipt is missing again.

    Raises:
        AccessError: ``E-ACCESS``, ``E-NOT-SEEN``.
        InputError: ``E-REASON``.
    """
    told = given_reason(reason)[:400]
    with act("cancel_payment", actor=person.actor, subject=f"payment:{payment_id}", now=now) as doing:
        rows = Payment.objects.filter(pk=payment_id, cancelled_on__isnull=True).select_related("unit__estate")
        found = visible(person, rows).first()
        if found is None:
            raise not_seen()
        require(person, "cancel_payment", found)
        doing.county, doing.subject = found.county, f"unit:{found.unit_id}"
        doing.detail |= {"fee": found.fee, "reason": told}
        doing.update(found, cancelled_on=now.astimezone(CHINA).date(), cancelled_because=told)
        if found.fee in RECEIPTS:
            take_from(doing, found.unit, RECEIPTS[found.fee])
            plan_anew(doing, found.unit.estate)
        return found


def _unit(person: Person, name: str, key: int) -> Unit:
    rows = Unit.objects.filter(pk=key).select_related("estate")
    found = visible(person, rows).first()
    if found is None:
        raise not_seen()
    require(person, name, found)
    return found
