"""Registered, certified, billed, paid, closed: the forms on the pages of an estate and of a unit.

Reads from: ``asked``, ``door``, ``office``, the views of estates and units.  Read by: ``urls``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from taizhang.errors import InputError, TransitionError
from taizhang.office.answers import Named, record_fact
from taizhang.office.bills import Issued, cancel_payment, issue_bills, record_payment
from taizhang.office.cases import close_case, reopen_case
from taizhang.office.certificates import CertificateDraft, hand_out_certificate, record_certificates
from taizhang.office.planning import refresh_plan
from taizhang.office.registrations import cancel_registration, record_first_registration
from taizhang.office.selectors.estate import estate_seen
from taizhang.office.selectors.titles import require_of_estate, require_of_unit
from taizhang.office.selectors.unit import unit_seen
from taizhang.web.asked import asked_day, asked_fen, asked_number, asked_text
from taizhang.web.door import Visitor, page
from taizhang.web.views.estate import estate_page
from taizhang.web.views.unit import unit_page

__all__ = ["on_estate", "on_unit"]

Act = Callable[[HttpRequest, Visitor, int], object]


@require_POST
@page
def on_estate(request: HttpRequest, visitor: Visitor, key: int, act: str) -> HttpResponseBase:
    """An act on an estate; what cannot be done is said on its page."""
    if act not in _ON_ESTATE:
        raise Http404
    estate_seen(visitor.person, key)
    try:
        done = _ON_ESTATE[act](request, visitor, key)
    except (InputError, TransitionError) as error:
        return estate_page(request, visitor, key, error.say(visitor.language), error.http_status)
    _plan_anew(visitor, key)
    if isinstance(done, Issued):  # who got no list, and why, is said once
        return estate_page(request, visitor, key, _issued(done, visitor))
    return redirect("estate", key=key)


@require_POST
@page
def on_unit(request: HttpRequest, visitor: Visitor, key: int, act: str) -> HttpResponseBase:
    """An act on a unit; what cannot be done is said on its page."""
    if act not in _ON_UNIT:
        raise Http404
    found = unit_seen(visitor.person, key)
    try:
        _ON_UNIT[act](request, visitor, key)
    except (InputError, TransitionError) as error:
        return unit_page(request, visitor, key, told=error.say(visitor.language), status=error.http_status)
    _plan_anew(visitor, found.estate_id)
    return redirect("unit", key=key)


def _plan_anew(visitor: Visitor, estate: int) -> None:
    """Compute the plan where the act has changed what it follows from."""
    if estate_seen(visitor.person, estate).status is None:
        refresh_plan(visitor.pack, estate, actor=visitor.person.actor, now=visitor.now)


def _issued(told: Issued, visitor: Visitor) -> str:
    """What issuing lists of fees did."""
    return visitor.said(
        f"已开具 {told.issued} 户（其中更换 {told.replaced} 户），不变 {told.same} 户；"
        f"费用待核 {told.unknown} 户，未测绘 {told.unmeasured} 户，暂无应缴 {told.nothing} 户。",
        f"Issued to {told.issued} units ({told.replaced} in the place of another), {told.same} stay; "
        f"not known: {told.unknown}, not measured: {told.unmeasured}, nothing to pay now: {told.nothing}.",
    )


def _register(request: HttpRequest, visitor: Visitor, key: int) -> object:
    chosen = [int(one) for one in request.POST.getlist("building") if one.isdecimal() and len(one) < 10]
    return record_first_registration(
        visitor.person,
        key,
        chosen,
        asked_text(request, "number"),
        asked_day(request, "registered_on") or visitor.today,
        visitor.now,
        remark=asked_text(request, "reason"),
    )


def _cancel_first(request: HttpRequest, visitor: Visitor, key: int) -> object:
    number = asked_number(request, "registration")
    require_of_estate(visitor.person, key, number)
    return cancel_registration(visitor.person, number, visitor.now, asked_text(request, "reason"))


def _cancel_transfer(request: HttpRequest, visitor: Visitor, key: int) -> object:
    number = _of_unit(request, visitor, key, "registration")
    return cancel_registration(visitor.person, number, visitor.now, asked_text(request, "reason"))


def _of_unit(request: HttpRequest, visitor: Visitor, key: int, kind: str) -> int:
    """The number of a record, which is of the unit of the page: its plan is the one computed anew."""
    number = asked_number(request, kind)
    require_of_unit(visitor.person, key, kind, number)
    return number


def _certify(request: HttpRequest, visitor: Visitor, key: int) -> object:
    draft = CertificateDraft(
        key,
        asked_text(request, "number"),
        asked_day(request, "issued_on") or visitor.today,
        asked_text(request, "registration"),
    )
    return record_certificates(visitor.person, [draft], visitor.now)


def _hand_out(request: HttpRequest, visitor: Visitor, key: int) -> object:
    day = asked_day(request, "collected_on") or visitor.today
    number = _of_unit(request, visitor, key, "certificate")
    return hand_out_certificate(visitor.person, number, day, visitor.now)


def _pay(request: HttpRequest, visitor: Visitor, key: int) -> object:
    return record_payment(
        visitor.person,
        key,
        asked_text(request, "fee"),
        asked_fen(request, "amount"),
        asked_text(request, "receipt"),
        asked_day(request, "paid_on") or visitor.today,
        visitor.now,
    )


def _cancel_payment(request: HttpRequest, visitor: Visitor, key: int) -> object:
    number = _of_unit(request, visitor, key, "payment")
    return cancel_payment(visitor.person, number, visitor.now, asked_text(request, "reason"))


def _find_out(request: HttpRequest, visitor: Visitor, key: int) -> object:
    """Of the estate, or of the buildings that are chosen."""
    chosen = [int(one) for one in request.POST.getlist("place") if one.isdecimal() and len(one) < 10]
    return _found(request, visitor, key, [("building", one) for one in chosen])


def _find_out_of_unit(request: HttpRequest, visitor: Visitor, key: int) -> object:
    return _found(request, visitor, unit_seen(visitor.person, key).estate_id, [("unit", key)])


def _found(request: HttpRequest, visitor: Visitor, estate: int, places: Sequence[Named]) -> object:
    return record_fact(
        visitor.person,
        visitor.pack,
        estate,
        asked_text(request, "fact"),
        None if asked_text(request, "unknown") else asked_text(request, "value"),
        asked_text(request, "basis"),
        visitor.now,
        places,
    )


_ON_ESTATE: Mapping[str, Act] = {
    "find-out": _find_out,
    "register": _register,
    "cancel-registration": _cancel_first,
    "bill": lambda _, who, key: issue_bills(who.person, who.pack, key, who.now),
    "close": lambda asked, who, key: close_case(who.person, key, who.now, asked_text(asked, "reason")),
    "reopen": lambda asked, who, key: reopen_case(who.person, key, who.now, asked_text(asked, "reason")),
}
_ON_UNIT: Mapping[str, Act] = {
    "find-out": _find_out_of_unit,
    "certify": _certify,
    "cancel-registration": _cancel_transfer,
    "hand-out": _hand_out,
    "pay": _pay,
    "cancel-payment": _cancel_payment,
}
