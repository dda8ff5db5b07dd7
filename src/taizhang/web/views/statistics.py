"""The article's table: every figure opens its list.

Reads from: ``door``, ``office.selectors.figures``.  Read by: ``urls``.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_GET

from taizhang.office.selectors.figures import COLUMNS, class_figures, counted_units, county_figures
from taizhang.web.door import Visitor, page, shown

__all__ = ["statistics"]


@require_GET
@page
def statistics(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """Figures by county and by problem class."""
    units = counted_units(visitor.person, visitor.today)
    rows, total = county_figures(visitor.person, visitor.today, units)
    classes = {one.id: one.label.in_(visitor.language) for one in visitor.pack.classes}
    by_class = class_figures(visitor.person, list(classes), visitor.today, units)
    return shown(
        request,
        visitor,
        "statistics",
        columns=list(COLUMNS),
        rows=rows,
        total=total,
        classes=[(classes[row.name], row) for row in by_class],
        class_columns=["estates", "units", "units_proved", "units_blocked"],
    )
