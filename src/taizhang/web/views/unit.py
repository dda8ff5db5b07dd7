"""One unit: what it lacks, what it owes, and its people: masked, or in full once, with a reason.

Reads from: ``door``, ``rows``, ``office``.  Read by: ``urls``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from taizhang.errors import AccessError, TaizhangError
from taizhang.office.households import find_household, masked_household, read_household
from taizhang.office.selectors.facts import found_out
from taizhang.office.selectors.titles import line_inputs, unit_titles
from taizhang.office.selectors.unit import UnitSheet, unit_seen, unit_sheet
from taizhang.web.door import Visitor, page, shown
from taizhang.web.finding import asked_fact, found_rows, other_facts
from taizhang.web.rows import unit_rows
from taizhang.web.wording import building_name, fact_text, paper_name, rate_text

if TYPE_CHECKING:
    from taizhang.ledger.models import Bill, BillLine, Unit

__all__ = ["Explained", "explained", "holder", "unit", "unit_page"]


@require_http_methods(["GET", "POST"])
@page
def unit(request: HttpRequest, visitor: Visitor, key: int) -> HttpResponseBase:
    """The page of a unit; asked for by a form with a reason, its people in full, this once."""
    if request.method != "POST":
        return unit_page(request, visitor, key)
    unit_seen(visitor.person, key)
    try:
        full = read_household(visitor.person, key, visitor.now, request.POST.get("reason", ""))
    except AccessError:
        raise
    except TaizhangError as error:
        return unit_page(request, visitor, key, told=error.say(visitor.language), status=error.http_status)
    return unit_page(request, visitor, key, full=full)


@require_POST
@page
def holder(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """The units held under an identity number, which stands in no address; the search is recorded."""
    asked = request.POST
    found = find_household(visitor.person, asked.get("number", ""), visitor.now, asked.get("reason", ""))
    rows = [unit_rows([unit_seen(visitor.person, key)], visitor)[0] for key in found]
    return shown(request, visitor, "holder", rows=rows)


def unit_page(
    request: HttpRequest,
    visitor: Visitor,
    key: int,
    *,
    full: object = None,
    told: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of a unit, with what could not be done."""
    sheet = unit_sheet(visitor.person, visitor.pack, key)
    titles = unit_titles(visitor.person, sheet.unit)
    answer = shown(
        request,
        visitor,
        "unit",
        sheet=sheet,
        row=unit_rows([sheet.unit], visitor)[0],
        own=[paper_name(visitor.pack, one, visitor.language) for one in sheet.own],
        shared=_shared(sheet, visitor),
        unknown=_unknown(sheet, visitor),
        full=full,
        told=told,
        titles=titles,
        lines=[
            (one, _fee(one.line.fee, visitor), explained(one.line, titles.bill, visitor))
            for one in titles.lines
        ],
        payments=[(one, _fee(one.fee, visitor)) for one in titles.payments],
        **_people(sheet.unit, visitor),
        **_facts(sheet, visitor),
    )
    answer.status_code = status
    answer["Cache-Control"] = "no-store"  # people in full stay in no cache, those of the browser included
    return answer


def _facts(sheet: UnitSheet, visitor: Visitor) -> dict[str, Any]:
    """What is known of the unit itself, what is asked or wanted for its bill, and what was found out."""
    if not sheet.may_find:  # what is known of a home may be about its people
        return {}
    pack, told = visitor.pack, json.loads(sheet.unit.facts)
    wanted = [one.removesuffix("_fen") for one in sheet.fees_unknown]
    names = [one for one in dict.fromkeys((*wanted, *sheet.asked)) if one in pack.facts and one not in told]
    asked = [asked_fact(pack.facts[one], visitor) for one in names if pack.facts[one].level == "unit"]
    known = [asked_fact(pack.facts[one], visitor, now=now) for one, now in told.items() if one in pack.facts]
    shown = {one.name for one in (*asked, *known)}
    return {
        "questions": asked,
        "known": known,
        "more_facts": other_facts(visitor, {"unit"}, shown),
        "found": found_rows(found_out(visitor.person, sheet.unit), visitor),
        "finding": reverse("on-unit", args=(sheet.unit.pk, "find-out")),
    }


def _people(found: Unit, visitor: Visitor) -> dict[str, Any]:
    """The household masked; where the keys are not there, why, and the rest of the page all the same."""
    try:
        return {"household": masked_household(found), "unreadable": ""}
    except TaizhangError as error:
        return {"household": None, "unreadable": error.say(visitor.language)}


@dataclass(frozen=True, slots=True)
class Explained:
    """What an amount follows from, in the visitor's words.

    Attributes:
        inputs: Facts of the unit, then rates and limits of the law, each with its value.
        sources: Titles of the sources, and whether one is to be verified.
    """

    inputs: Sequence[tuple[str, str]]
    sources: Sequence[tuple[str, bool]]


def explained(line: BillLine, bill: Bill | None, visitor: Visitor) -> Explained:
    """Why a line of a list of fees has its amount: by the sources in force on the day of its rates."""
    pack, language = visitor.pack, visitor.language
    told = line_inputs(line)
    facts = [
        (pack.facts[name].label.in_(language), _input(name, told[name], visitor))
        for name in told
        if name in pack.facts
    ]
    rates = [
        (pack.params[name].label.in_(language), rate_text(pack, name, told[name], language))
        for name in told
        if name in pack.params
    ]
    fee = pack.fees.get(line.fee)
    cited = dict.fromkeys(fee.sources if fee else ())  # one source may be cited at several places
    known = [pack.sources[one] for one in cited if one in pack.sources]
    known = [one for one in known if bill is None or one.effective.holds(bill.law_on)]
    return Explained([*facts, *rates], [(one.title.in_(language), one.verify) for one in known])


def _input(name: str, value: object, visitor: Visitor) -> str:
    """What was known when the list was issued; formulas take money in yuan."""
    text = fact_text(visitor.pack, name, value, visitor.language)
    return f"{text} {visitor.said('元', 'yuan')}" if visitor.pack.facts[name].type == "money" else text


def _fee(name: str, visitor: Visitor) -> str:
    """The name of a fee."""
    found = visitor.pack.fees.get(name)
    return found.label.in_(visitor.language) if found else name


def _shared(sheet: UnitSheet, visitor: Visitor) -> Sequence[tuple[str, str]]:
    """Missing papers above the unit, and where."""
    estate, said = sheet.unit.estate, []
    for item, place in sheet.shared:
        below = place.removeprefix(estate.place).lstrip("›") if place.startswith(estate.place) else ""
        where = building_name(below, visitor.language) if below else ""
        said.append((paper_name(visitor.pack, item, visitor.language), where))
    return said


def _unknown(sheet: UnitSheet, visitor: Visitor) -> Sequence[str]:
    """What is not known, of which the fees are made."""
    pack, found = visitor.pack, []
    for name in sheet.fees_unknown:
        fact = pack.facts.get(name) or pack.facts.get(name.removesuffix("_fen"))
        known = fact or pack.params.get(name) or pack.fees.get(name)
        found.append(known.label.in_(visitor.language) if known else name)
    return found
