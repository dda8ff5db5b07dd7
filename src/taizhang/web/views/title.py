"""Registered, certified, billed, paid, closed: the forms on the pages of an estate and of a unit.

Reads from: ``asked``, ``door``, ``office``, the views of estates and units.  Read by: ``urls``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from taizhang.errors import InputError, TransitionError
from taizhang.office.bills import cancel_payment, issue_bills, record_payment
from taizhang.office.cases import close_case, reopen_case
from taizhang.office.certificates import CertificateDraft, hand_out_certificate, record_certificates
from taizhang.office.planning import refresh_plan
from taizhang.office.registrations import cancel_registration, record_first_registration
from taizhang.office.selectors.estate import estate_seen
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
        _ON_ESTATE[act](request, visitor, key)
    except (InputError, TransitionError) as error:
        return estate_page(request, visitor, key, error.say(visitor.language), error.http_status)
    _plan_anew(visitor, key)
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


def _cancel_registration(request: HttpRequest, visitor: Visitor, _: int) -> object:
    number = asked_number(request, "registration")
    return cancel_registration(visitor.person, number, visitor.now, asked_text(request, "reason"))


def _certify(request: HttpRequest, visitor: Visitor, key: int) -> object:
    draft = CertificateDraft(
        key,
        asked_text(request, "number"),
        asked_day(request, "issued_on") or visitor.today,
        asked_text(request, "registration"),
    )
    return record_certificates(visitor.person, [draft], visitor.now)


def _hand_out(request: HttpRequest, visitor: Visitor, _: int) -> object:
    day = asked_day(request, "collected_on") or visitor.today
    return hand_out_certificate(visitor.person, asked_number(request, "certificate"), day, visitor.now)


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


def _cancel_payment(request: HttpRequest, visitor: Visitor, _: int) -> object:
    number = asked_number(request, "payment")
    return cancel_payment(visitor.person, number, visitor.now, asked_text(request, "reason"))


_ON_ESTATE: Mapping[str, Act] = {
    "register": _register,
    "cancel-registration": _cancel_registration,
    "bill": lambda _, who, key: issue_bills(who.person, who.pack, key, who.now),
    "close": lambda asked, who, key: close_case(who.person, key, who.now, asked_text(asked, "reason")),
    "reopen": lambda asked, who, key: reopen_case(who.person, key, who.now, asked_text(asked, "reason")),
}
_ON_UNIT: Mapping[str, Act] = {
    "certify": _certify,
    "cancel-registration": _cancel_registration,
    "hand-out": _hand_out,
    "pay": _pay,
    "cancel-payment": _cancel_payment,
}
