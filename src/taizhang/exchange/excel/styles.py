"""How the workbook looks: one accent colour, two fonts, few formats, each made once.

Reads from: nothing but xlsxwriter.  Read by: ``workbook`` and every sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["ACCENT", "STATUS_INKS", "Ink", "Styles"]

ACCENT = "#1F4E79"
_PALE = "#DCE6F1"
_GREY = "#F2F2F2"
_LINE = "#BFBFBF"
_FONT = "Microsoft YaHei"
_SONG = "宋体"

#: paper and ink of each status, in the order of :class:`taizhang.rules.terms.Status`
_STATUS_COLOURS: tuple[tuple[str, str], ...] = (
    ("#E2EFDA", "#375623"),
    ("#DDEBF7", "#1F4E79"),
    ("#FFF2CC", "#7F6000"),
    ("#F8CBAD", "#843C0C"),
)

#: fill of each status in charts, in the same order
STATUS_INKS = ("#70AD47", "#5B9BD5", "#F2C14E", "#D9704A")

_BASE: dict[str, Any] = {"font_name": _FONT, "font_size": 10, "valign": "vcenter"}
_CELL: dict[str, Any] = {**_BASE, "border": 1, "border_color": _LINE}
_LINK: dict[str, Any] = {"font_color": ACCENT, "underline": 1}

_NAMED: Mapping[str, dict[str, Any]] = {
    # bare text around the tables
    "title": {**_BASE, "font_size": 16, "bold": True, "font_color": ACCENT},
    "section": {
        **_BASE,
        "font_size": 11,
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": ACCENT,
        "indent": 1,
    },
    "note": {**_BASE, "font_size": 9, "font_color": "#595959"},
    "prose": {**_BASE, "text_wrap": True, "valign": "top"},
    "back": {**_BASE, **_LINK, "font_size": 9},
    # table cells
    "head": {
        **_CELL,
        "bold": True,
        "bg_color": _PALE,
        "align": "center",
        "text_wrap": True,
        "bottom": 2,
        "bottom_color": ACCENT,
    },
    "text": {**_CELL, "indent": 1},
    "wrap": {**_CELL, "text_wrap": True, "indent": 1},
    "center": {**_CELL, "align": "center"},
    "whole": {**_CELL, "num_format": "#,##0", "align": "right"},
    "money": {**_CELL, "num_format": "#,##0.00", "align": "right"},
    "date": {**_CELL, "num_format": "yyyy-mm-dd", "align": "center", "text_wrap": True},
    "share": {**_CELL, "num_format": "0.0%", "align": "right"},
    "link": {**_CELL, **_LINK, "text_wrap": True, "indent": 1},
    "entry": {**_CELL, "align": "center", "bg_color": "#FFFDF2", "locked": False},
    "total": {**_CELL, "bold": True, "bg_color": _GREY, "indent": 1},
    "total_center": {**_CELL, "bold": True, "bg_color": _GREY, "align": "center"},
    "total_link": {**_CELL, **_LINK, "bold": True, "bg_color": _GREY, "indent": 1},
    "total_date": {
        **_CELL,
        "bold": True,
        "bg_color": _GREY,
        "num_format": "yyyy-mm-dd",
        "align": "center",
    },
    "total_whole": {**_CELL, "bold": True, "bg_color": _GREY, "num_format": "#,##0", "align": "right"},
    "total_money": {**_CELL, "bold": True, "bg_color": _GREY, "num_format": "#,##0.00", "align": "right"},
    "band": {**_BASE, "bold": True, "bg_color": _GREY, "font_color": ACCENT, "top": 2, "top_color": ACCENT},
    "band_link": {
        **_BASE,
        **_LINK,
        "bold": True,
        "bg_color": _GREY,
        "align": "center",
        "top": 2,
        "top_color": ACCENT,
    },
    # what a leader reads first
    "lead_name": {
        **_BASE,
        "font_size": 12,
        "bold": True,
        "font_color": ACCENT,
        "bg_color": "#BDD0E9",
        "align": "center",
        "bottom": 1,
        "bottom_color": "#FFFFFF",
    },
    "lead": {
        **_BASE,
        "font_size": 11,
        "text_wrap": True,
        "bg_color": _PALE,
        "indent": 1,
        "bottom": 1,
        "bottom_color": "#FFFFFF",
    },
    # tiles of the overview
    "tile_name": {
        **_BASE,
        "font_size": 9,
        "font_color": "#595959",
        "align": "center",
        "bg_color": _GREY,
        "top": 2,
        "top_color": ACCENT,
    },
    "tile_value": {
        **_BASE,
        "font_size": 16,
        "bold": True,
        "font_color": ACCENT,
        "align": "center",
        "bg_color": _GREY,
        "num_format": "#,##0",
    },
    "tile_money": {
        **_BASE,
        "font_size": 13,
        "bold": True,
        "font_color": ACCENT,
        "align": "center",
        "bg_color": _GREY,
        "num_format": "#,##0.00",
    },
    "tile_note": {**_BASE, "font_size": 8, "font_color": "#7F7F7F", "align": "center", "bg_color": _GREY},
    # copies of the officer's own sheets
    "raw": {"font_name": _SONG, "font_size": 11, "valign": "vcenter"},
    "raw_head": {
        "font_name": _SONG,
        "font_size": 11,
        "bold": True,
        "valign": "vcenter",
        "align": "center",
        "bg_color": _GREY,
        "text_wrap": True,
        "border": 1,
        "border_color": _LINE,
    },
    "raw_date": {"font_name": _SONG, "font_size": 11, "valign": "vcenter", "num_format": "yyyy-mm-dd"},
    "raw_whole": {"font_name": _SONG, "font_size": 11, "valign": "vcenter", "num_format": "0"},
    "raw_moment": {
        "font_name": _SONG,
        "font_size": 11,
        "valign": "vcenter",
        "num_format": "yyyy-mm-dd hh:mm",
    },
    "raw_problem": {"font_name": _SONG, "font_size": 11, "valign": "vcenter", "bg_color": "#FFE699"},
    "raw_problem_date": {
        "font_name": _SONG,
        "font_size": 11,
        "valign": "vcenter",
        "bg_color": "#FFE699",
        "num_format": "yyyy-mm-dd",
    },
}


class Ink(NamedTuple):
    """Style numbers of a cell, by what stands in it."""

    plain: int
    quoted: int  #: text that looks like a formula
    day: int
    moment: int  #: a day with its hour
    whole: int  #: numbers that Excel would round to 3.7E+17
    empty: int  #: 0 is a cell without any style


class Styles:
    """The formats of one workbook, made when first asked for.

    A cell whose text begins with ``=``, ``+``, ``-`` or ``@`` gets the same format with
    Excel's quote prefix, so that it stays text even after somebody edits it.
    """

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[str, Any] = {}

    def format(self, name: str) -> Any:
        """Return the xlsxwriter format of a named style."""
        return self._get(name, {})

    def ink(self, name: str) -> Ink:
        """Return the style numbers of a named style."""
        quoted = self._get(name + "/quoted", {"quote_prefix": True})._get_xf_index()
        number = self.format(name)._get_xf_index()
        return Ink(number, quoted, number, number, number, number)

    def raw_ink(self, *, head: bool = False, problem: bool = False) -> Ink:
        """Return the style numbers of a cell that the officer sent, whatever is in it."""
        name = "raw_problem" if problem else "raw_head" if head else "raw"
        ink = self.ink(name)
        day, moment, whole = (
            self.format(one)._get_xf_index()
            for one in (
                ("raw_problem_date", "raw_problem_date", name)
                if problem
                else ("raw_date", "raw_moment", "raw_whole")
            )
        )
        return ink._replace(day=day, moment=moment, whole=whole, empty=ink.plain if head or problem else 0)

    def coarse_ink(self, code: str, *, problem: bool) -> Ink:
        """Return the style numbers of a cell that shows only month or year of its day."""
        name = "raw_problem_date" if problem else "raw_date"
        number = self._get(f"{name}/{code}", {"num_format": code})._get_xf_index()
        return self.raw_ink(problem=problem)._replace(day=number, moment=number)

    def status(self, status: int) -> Any:
        """Return the format that marks a status wherever its word stands."""
        paper, ink = _STATUS_COLOURS[status]
        key = f"status/{status}"
        if key not in self._made:
            self._made[key] = self._workbook.add_format({"bg_color": paper, "font_color": ink})
        return self._made[key]

    def _get(self, key: str, more: Mapping[str, Any]) -> Any:
        if key not in self._made:
            name = key.partition("/")[0]
            self._made[key] = self._workbook.add_format({**_NAMED[name], **more})
        return self._made[key]
