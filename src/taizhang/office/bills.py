"""Lists of fees for households (缴费清单), and what was paid on them.

A list is issued once the unit has been measured and every line of its bill is known; another one takes
its place where the amounts have changed.  What is paid for a fee in full puts its receipt on hand.  What
the developer owes stands on no household's list and holds no certificate up (证缴分离).

Reads from: ``access``, ``computing``, ``journal``, ``papers``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
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
from taizhang.rules.terms import BillLine as PlannedLine
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
        nothing: Units that have nothing to pay now: certified, paid before, or blocked.
    """

    issued: int
    replaced: int
    same: int
    unknown: int
    unmeasured: int
    nothing: int


def issue_bills(person: Person, pack: Pack, estate_id: int, now: datetime) -> Issued:
    """Issue the list of fees of every unit of an estate that can have one.

    A fee stands on it where its receipt is lacking in the unit's plan, or was paid here; what the ledger
    calls paid or not required is not asked for again.

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
    plan_of(pack, estate)  # before the act, for others may write; within it the plan is remembered
    with act("issue_bills", actor=person.actor, subject=f"estate:{estate_id}", now=now) as doing:
        work = _Issuing(doing, person, pack, Estate.objects.get(pk=estate_id))
        told = work.issue()
        doing.county = estate.county
        doing.detail |= asdict(told)
    return told


class _Issuing:
    """The lists of one estate, as they stand and as they are to be."""

    def __init__(self, doing: Act, person: Person, pack: Pack, estate: Estate) -> None:
        self.doing, self.person, self.pack, self.estate = doing, person, pack, estate
        self.day = doing.now.astimezone(CHINA).date()
        self.planned = {one.place.id: one for one in plan_of(pack, estate).units}
        standing = Bill.objects.filter(estate=estate, replaced_on__isnull=True).prefetch_related("lines")
        self.standing = {one.unit_id: one for one in standing}
        self.paid: dict[int, dict[str, int]] = {}
        paid = Payment.objects.filter(unit__estate=estate, cancelled_on__isnull=True)
        for unit, fee, fen in paid.values_list("unit", "fee", "fen"):
            mine = self.paid.setdefault(unit, {})
            mine[fee] = mine.get(fee, 0) + fen

    def issue(self) -> Issued:
        counts = dict.fromkeys(("replaced", "same", "unknown", "unmeasured", "nothing"), 0)
        fresh: list[tuple[Unit, list[PlannedLine]]] = []
        for unit in Unit.objects.filter(estate=self.estate).order_by("id"):
            plan, old = self.planned.get(unit.place), self.standing.get(unit.pk)
            lines = self._lines(unit, plan) if plan and not plan.bill.unknown else []
            if plan is None or plan.bill.unknown:
                counts["unknown"] += 1
            elif MEASURED in plan.own:
                counts["unmeasured"] += 1
            elif not lines:
                counts["nothing"] += 1
            elif old and {one.fee: one.fen for one in old.lines.all()} == {one.fee: one.fen for one in lines}:
                counts["same"] += 1
            else:
                if old:
                    self._replace(unit, old, lines)
                    counts["replaced"] += 1
                fresh.append((unit, lines))
        self._write(fresh)
        return Issued(len(fresh), **counts)

    def _lines(self, unit: Unit, plan: UnitPlan) -> list[PlannedLine]:
        paid = self.paid.get(unit.pk, {})
        return [
            one
            for one in plan.bill.details
            if one.fee in paid or (RECEIPTS[one.fee] in plan.own if one.fee in RECEIPTS else plan.own)
        ]

    def _replace(self, unit: Unit, old: Bill, lines: Sequence[PlannedLine]) -> None:
        """The list before counts no more; what was paid in full and is now too little is paid no more."""
        self.doing.update(old, replaced_on=self.day)
        paid = self.paid.get(unit.pk, {})
        for one in lines:
            if one.fee in RECEIPTS and 0 < paid.get(one.fee, 0) < one.fen:
                take_from(self.doing, Unit.objects.get(pk=unit.pk), RECEIPTS[one.fee])

    def _write(self, fresh: Sequence[tuple[Unit, Sequence[PlannedLine]]]) -> None:
        if not fresh:
            return
        numbers = self.doing.numbers(f"bill:{self.day.year}", len(fresh))
        bills = [
            Bill(
                county=unit.county,
                estate_id=unit.estate_id,
                unit=unit,
                number=f"{self.day.year}-{number:07d}",
                issued_on=self.day,
                issued_by_id=self.person.official,
                law_on=self.pack.as_of,
                pack=self.pack.id,
                pack_version=self.pack.version,
                total_fen=sum(one.fen for one in lines),
            )
            for (unit, lines), number in zip(fresh, numbers, strict=True)
        ]
        self.doing.insert(bills)
        rows = [
            BillLine(county=bill.county, bill=bill, fee=one.fee, fen=one.fen, inputs=packed(dict(one.inputs)))
            for bill, (_, lines) in zip(bills, fresh, strict=True)
            for one in lines
        ]
        self.doing.insert(rows)
        put_on_hand(self.doing, [unit.place for unit, _ in fresh], FEE_LIST, None)
        told = recorded(self.doing, self.estate, FEE_LIST, "", self.person.official)
        complete_tasks(self.doing, self.estate, told)
        plan_anew(self.doing, self.estate)


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
