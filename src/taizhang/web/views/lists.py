"""The lists: estates, units and tasks, with their wishes in the address.

A list and its export come from one function, so that a file says what the page says.

Reads from: ``door``, ``rows``, ``office.selectors``.  Read by: ``urls``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET, require_POST

from taizhang.errors import AccessError
from taizhang.exchange.excel.listed import write_list
from taizhang.exchange.ledgerbook.writing import write_ledger_book
from taizhang.office.access import may_anywhere, visible_names
from taizhang.office.exporting import export_ledger
from taizhang.office.exports import record_export
from taizhang.office.selectors.lists import ESTATES, TASKS, UNITS, estates, tasks, units
from taizhang.web.door import Visitor, page, shown
from taizhang.web.rows import EstateRow, TaskRow, UnitRow, estate_rows, task_rows, unit_rows
from taizhang.web.wording import (
    CASES,
    COLUMNS,
    DUE,
    PLANS,
    STATES,
    STATUS_LABELS,
    TITLES,
    supplier_name,
    word,
)

__all__ = ["estate_list", "exported", "ledger", "task_list", "unit_list"]

_PAGE = 50
_MOST_UNITS = 30_000  # of a workbook made while somebody waits: ten seconds
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Choices = Sequence[tuple[str, str]]
Wishes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _List:
    """A kind of list: its wishes, its rows, and how they are said in a table."""

    known: Sequence[str]
    query: Callable[[Visitor, Wishes, str], QuerySet[Any]]  #: of the rows to which the act may be done
    rows: Callable[[Iterable[Any], Visitor], Sequence[Any]]
    headings: Sequence[tuple[str, str]]
    cells: Callable[[Any], Sequence[str | int | None]]


def _estates(visitor: Visitor, wanted: Wishes, name: str) -> QuerySet[Any]:
    found = estates(visitor.person, wanted, visitor.today, name)
    return found.annotate(gaps=F("proposal__gaps")).order_by("county", "street", "name", "id")


def _units(visitor: Visitor, wanted: Wishes, name: str) -> QuerySet[Any]:
    found = units(visitor.person, wanted, visitor.today, name)
    return found.select_related("estate", "building").order_by("estate_id", "id")


def _tasks(visitor: Visitor, wanted: Wishes, name: str) -> QuerySet[Any]:
    found = tasks(visitor.person, wanted, visitor.today, name)
    return found.select_related("estate", "organisation", "responsible").order_by("due_on", "id")


def _estate_cells(row: EstateRow) -> Sequence[str | int | None]:
    return (row.county, row.street, row.name, row.units, "、".join(row.classes), row.status_word, row.gaps)


def _unit_cells(row: UnitRow) -> Sequence[str | int | None]:
    return (row.estate, row.name, row.status_word, row.papers, row.fees)


def _task_cells(row: TaskRow) -> Sequence[str | int | None]:
    return (row.name, row.estate, row.place, row.owner, row.official, row.state_word, row.due, row.units)


LISTS: Mapping[str, _List] = {
    "estates": _List(
        tuple(ESTATES),
        _estates,
        estate_rows,
        (
            ("县（市、区）", "county"),
            ("街道（镇）", "street"),
            ("小区", "estate"),
            ("户数", "units"),
            ("问题类别", "classes"),
            ("办证条件", "status"),
            ("缺项", "gaps"),
        ),
        _estate_cells,
    ),
    "units": _List(
        tuple(UNITS),
        _units,
        unit_rows,
        (
            ("小区", "estate"),
            ("户", "unit"),
            ("办证条件", "status"),
            ("缺件", "papers missing"),
            ("应缴费用", "fees"),
        ),
        _unit_cells,
    ),
    "tasks": _List(
        tuple(TASKS),
        _tasks,
        task_rows,
        (
            ("材料", "paper"),
            ("小区", "estate"),
            ("位置", "place"),
            ("责任单位", "organisation"),
            ("责任人", "official"),
            ("状态", "state"),
            ("到期日", "due"),
            ("涉及户数", "units"),
        ),
        _task_cells,
    ),
}


def _wanted(request: HttpRequest, known: Sequence[str]) -> dict[str, str]:
    """Wishes of the address, unknown ones too: the office refuses them."""
    told = {name: str(value).strip() for name, value in request.GET.items() if name != "page"}
    return {name: told.pop(name, "") for name in known} | told


def _list(request: HttpRequest, visitor: Visitor, name: str, choices: Mapping[str, Choices]) -> HttpResponse:
    one = LISTS[name]
    wanted = _wanted(request, one.known)
    found = Paginator(one.query(visitor, wanted, "see"), _PAGE).get_page(request.GET.get("page"))
    return shown(
        request,
        visitor,
        name,
        wanted=wanted,
        found=found,
        rows=one.rows(found.object_list, visitor),
        choices=choices,
        query=request.GET.urlencode(),
        kind=name,
        heading=word(COLUMNS, name, visitor.language),
        may_take_out=name == "estates" and may_anywhere(visitor.person, "export_ledger"),
        may_search=name == "units" and may_anywhere(visitor.person, "read_household"),
    )


def _words(words: Mapping[str, tuple[str, str]], visitor: Visitor) -> Choices:
    return [(name, word(words, name, visitor.language)) for name in words]


def _where(visitor: Visitor, wanted_county: str) -> dict[str, Choices]:
    counties, streets = visible_names(visitor.person, wanted_county)
    return {"county": [(one, one) for one in counties], "street": [(one, one) for one in streets]}


def _classes(visitor: Visitor) -> Choices:
    return [(one.id, one.label.in_(visitor.language)) for one in visitor.pack.classes]


@require_GET
@page
def estate_list(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """The ledger."""
    choices = {
        **_where(visitor, request.GET.get("county", "")),
        "class": _classes(visitor),
        "status": _words(STATUS_LABELS, visitor),
        "plan": _words(PLANS, visitor),
        "case": _words(CASES, visitor),
        "late": [("1", visitor.said("有逾期任务", "with overdue tasks"))],
    }
    return _list(request, visitor, "estates", choices)


@require_GET
@page
def unit_list(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """Units."""
    choices = {
        "county": _where(visitor, "")["county"],
        "class": _classes(visitor),
        "status": _words(STATUS_LABELS, visitor),
        "title": _words(TITLES, visitor),
        "fees": [
            ("known", visitor.said("已核算", "known")),
            ("unknown", visitor.said("待核算", "unknown")),
        ],
    }
    return _list(request, visitor, "units", choices)


@require_GET
@page
def task_list(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """Tasks."""
    suppliers = visitor.pack.suppliers
    choices = {
        **_where(visitor, request.GET.get("county", "")),
        "supplier": [(one, supplier_name(visitor.pack, one, visitor.language)) for one in suppliers],
        "state": _words(STATES, visitor),
        "due": _words(DUE, visitor),
        "kind": [
            ("gap", visitor.said("办证前缺项", "gap")),
            ("duty", visitor.said("办证后责任", "duty after the certificate")),
        ],
    }
    return _list(request, visitor, "tasks", choices)


@require_GET
@page
def exported(request: HttpRequest, visitor: Visitor, name: str) -> HttpResponseBase:
    """A list as a workbook: all of its pages."""
    one = LISTS.get(name)
    if one is None:
        raise Http404
    if not may_anywhere(visitor.person, "export"):
        raise _no_export(visitor)
    wanted = _wanted(request, one.known)
    found = one.query(visitor, wanted, "export")
    title = word(COLUMNS, name, visitor.language)
    headings = [zh if visitor.language == "zh" else en for zh, en in one.headings]
    number = count()  # moves on with each row that is written
    rows = (one.cells(row) for row, _ in zip(one.rows(found.iterator(2000), visitor), number, strict=False))
    content = write_list(title, headings, rows, note=_note(visitor))
    record_export(visitor.person, name, wanted, next(number), visitor.now)
    answer = HttpResponse(content, content_type=_XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}-{visitor.today}.xlsx"'
    return answer


@require_POST
@page
def ledger(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """The ledger as a workbook to be edited and imported again; a POST, for it is entered in the journal."""
    wanted = {name: str(request.POST.get(name, "")).strip() for name in ESTATES}
    told = export_ledger(
        visitor.person,
        wanted,
        actor=visitor.person.actor,
        now=visitor.now,
        today=visitor.today,
        most=_MOST_UNITS,
    )
    content = BytesIO()
    write_ledger_book(content, visitor.pack, told, note=_note(visitor))
    answer = HttpResponse(content.getvalue(), content_type=_XLSX)
    answer["Content-Disposition"] = f'attachment; filename="ledger-{visitor.today}-{told.entry}.xlsx"'
    return answer


def _no_export(visitor: Visitor) -> AccessError:
    return AccessError(
        "{person} may look at lists and not take them away.",
        hint="Ask the task force for the list.",
        zh="{person}可以查看名单，不能导出；需要时请向专班索取。",
        code="E-ACCESS",
        person=visitor.person.name,
    )


def _note(visitor: Visitor) -> str:
    who, day = visitor.person.name, visitor.today
    made_up = visitor.said("（演示数据，虚构）", " (made up, for demonstration)") if visitor.law.day else ""
    return visitor.said(f"{day} {who} 导出{made_up}", f"exported by {who} on {day}{made_up}")
