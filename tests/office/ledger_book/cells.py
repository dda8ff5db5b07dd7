"""Cells of a workbook edited, and what is recorded afterwards.

Reads from: ``ledger_books``, the records.  Read by: the tests of the ledger's workbook.
"""

from __future__ import annotations

import json
from datetime import timedelta

from taizhang.ledger.models import Unit
from tests.office.ledger_books import Book

HOUR = timedelta(hours=1)
UNITS, ESTATES, BUILDINGS = "户台账", "小区台账", "幢台账"
BASIS, PAID, AREA = "取得方式", "房款是否付清", "建筑面积（平方米）"
CONTRACT = "已备案的商品房买卖合同"


def row_of(book, unit):
    name = {"小区名称": unit.estate.name, "幢号": unit.building.name, "房号": unit.name}
    return book.row(UNITS, **name)


def edited(path, unit, **cells):
    """Write into cells of the row of a unit."""
    book = Book(path)
    row = row_of(book, unit)
    for heading, value in cells.items():
        book.cell(UNITS, row, heading).value = value
    return book.save()


def facts_of(unit):
    return json.loads(Unit.objects.get(pk=unit.pk).facts)


def codes(told):
    return [one.code for one in (*told.registered.merged.told, *told.intake.told)]
