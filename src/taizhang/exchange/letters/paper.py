"""A Chinese official paper in Word: page, fonts, headings, tables and page numbers.

The form follows GB/T 9704-2012, *Layout key for official document of Party and government
organs*: A4, margins of 37, 35, 28 and 26 mm, title in 小标宋 of size 2, text in 仿宋 of size
3, headings 一、（一）1. in 黑体, 楷体 and 仿宋, page numbers between dashes.

Reads from: python-docx.  Read by: ``dossier_plan``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.oxml import serialize_part_xml
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

__all__ = ["Paper"]

_TITLE, _TEXT, _HEAD, _SUBHEAD, _LATIN = (
    "方正小标宋简体",
    "仿宋_GB2312",
    "黑体",
    "楷体_GB2312",
    "Times New Roman",
)
#: what to use where a font is not installed
_INSTEAD = {_TITLE: "宋体", _TEXT: "仿宋", _SUBHEAD: "楷体", _HEAD: "微软雅黑"}
_SIZE = 16.0  # 三号
_LEADING = 28.0
_CELL = 10.5  # 五号
_LONGEST_TITLE = 200  #: a property of a Word file holds 255 characters


def _writable(character: str) -> bool:
    """Whether XML can hold a character; ledgers hold some that it cannot."""
    code = ord(character)
    return code in (0x9, 0xA, 0xD) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF


class Paper:
    """One paper, written from top to bottom."""

    def __init__(self) -> None:
        self._document: Any = Document()
        self._page()
        self._styles()
        self._fonts()
        self._page_number()

    def _page(self) -> None:
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(25)

    def _styles(self) -> None:
        style = self._document.styles["Normal"]
        style.font.name = _LATIN
        style.font.size = Pt(_SIZE)
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _TEXT)
        for level in (1, 2):
            heading = self._document.styles[f"Heading {level}"]
            fonts = heading.element.get_or_add_rPr().get_or_add_rFonts()
            for name in list(fonts.attrib):
                del fonts.attrib[name]
            heading.font.name = _LATIN
            fonts.set(qn("w:eastAsia"), _HEAD if level == 1 else _SUBHEAD)
            heading.font.size = Pt(_SIZE)
            heading.font.bold = False
            heading.font.color.rgb = None
            colour = heading.element.rPr.find(qn("w:color"))
            if colour is not None:
                heading.element.rPr.remove(colour)

    def _fonts(self) -> None:
        """Name a substitute for every font that a computer may not have."""
        for part in self._document.part.package.iter_parts():
            if str(part.partname).endswith("fontTable.xml"):
                table = parse_xml(part.blob)
                for name, other in _INSTEAD.items():
                    table.append(
                        parse_xml(
                            f'<w:font {nsdecls("w")} w:name="{name}"><w:altName w:val="{other}"/>'
                            f'<w:charset w:val="86"/><w:family w:val="auto"/>'
                            '<w:pitch w:val="variable"/></w:font>'
                        )
                    )
                part._blob = serialize_part_xml(table)

    def _page_number(self) -> None:
        paragraph = self._document.sections[0].footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for text, field in (("— ", ""), ("", "PAGE"), (" —", "")):
            run = paragraph.add_run(text)
            self._ink(run, "宋体", 14.0)
            if field:
                for kind, words in (("begin", ""), ("", field), ("end", "")):
                    element = OxmlElement("w:fldChar" if kind else "w:instrText")
                    if kind:
                        element.set(qn("w:fldCharType"), kind)
                    else:
                        element.text = words
                    run._r.append(element)

    @staticmethod
    def _ink(run: Any, font: str, size: float, *, bold: bool = False) -> None:
        run.font.name = _LATIN
        run.font.size = Pt(size)
        run.font.bold = bold
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)

    def _write(self, paragraph: Any, text: str, font: str, size: float, *, bold: bool = False) -> None:
        self._ink(paragraph.add_run("".join(filter(_writable, text))), font, size, bold=bold)

    @staticmethod
    def _lead(paragraph: Any, *, indent: bool = True, leading: float = _LEADING) -> None:
        form = paragraph.paragraph_format
        form.space_before = form.space_after = Pt(0)
        form.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        form.line_spacing = Pt(leading)
        form.widow_control = True
        if indent:
            spaces = paragraph._p.get_or_add_pPr().get_or_add_ind()
            spaces.set(qn("w:firstLineChars"), "200")
            spaces.set(qn("w:firstLine"), str(int(2 * _SIZE * 20)))

    def title(self, lines: Sequence[str], under: str) -> None:
        """Write the title, broken where its sense breaks, and the line below it."""
        rows = [(line, _TITLE, 22.0, 36.0) for line in lines]
        for words, font, size, leading in (*rows, (under, _SUBHEAD, _SIZE, _LEADING)):
            paragraph = self._document.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            self._lead(paragraph, indent=False, leading=leading)
            self._write(paragraph, words, font, size)
        self._lead(self._document.add_paragraph(), indent=False, leading=14)

    def heading(self, text: str, level: int = 1) -> None:
        """Write a heading: level 1 is 一、, level 2 is （一）."""
        paragraph = self._document.add_heading(level=level)
        self._lead(paragraph)
        paragraph.paragraph_format.keep_with_next = True
        self._write(paragraph, text, _HEAD if level == 1 else _SUBHEAD, _SIZE)

    def text(self, text: str, *, lead: str = "") -> None:
        """Write a paragraph; ``lead`` is set bold before it."""
        paragraph = self._document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        self._lead(paragraph)
        if lead:
            self._write(paragraph, lead, _TEXT, _SIZE, bold=True)
        self._write(paragraph, text, _TEXT, _SIZE)

    def small(self, text: str) -> None:
        """Write a line of a list of sources."""
        paragraph = self._document.add_paragraph()
        self._lead(paragraph, indent=False, leading=18)
        paragraph.paragraph_format.left_indent = Pt(2 * _SIZE)
        self._write(paragraph, text, _TEXT, 12.0)

    def table(
        self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], middle: str = ""
    ) -> None:
        """Write a table whose head is repeated on every page.

        Args:
            heads: Names of the columns.
            rows: Cells as text.
            widths: Millimetres of each column, 156 together.
            middle: One character a column; ``c`` centres it, ``r`` sets it to the right.
        """
        table = self._document.add_table(rows=1, cols=len(heads), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        table._tbl.tblPr.append(
            parse_xml(
                f'<w:tblCellMar {nsdecls("w")}><w:left w:w="57" w:type="dxa"/>'
                '<w:right w:w="57" w:type="dxa"/></w:tblCellMar>'
            )
        )
        grid = table._tbl.tblGrid.findall(qn("w:gridCol"))
        for column, width in zip(grid, widths, strict=True):
            column.set(qn("w:w"), str(int(width * 56.7)))
        self._row(table.rows[0], heads, widths, "c" * len(heads), head=True)
        for cells in rows:
            self._row(table.add_row(), cells, widths, middle or "l" * len(heads), head=False)
        self._lead(self._document.add_paragraph(), indent=False, leading=12)

    def _row(
        self, row: Any, cells: Sequence[str], widths: Sequence[float], sides: str, *, head: bool
    ) -> None:
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if head:
            properties.append(OxmlElement("w:tblHeader"))
        places = {"c": WD_ALIGN_PARAGRAPH.CENTER, "r": WD_ALIGN_PARAGRAPH.RIGHT, "l": WD_ALIGN_PARAGRAPH.LEFT}
        for cell, text, width, side in zip(row.cells, cells, widths, sides, strict=True):
            cell.width = Mm(width)
            cell.vertical_alignment = 1
            paragraph = cell.paragraphs[0]
            paragraph.alignment = places[side]
            self._lead(paragraph, indent=False, leading=15)
            self._write(paragraph, text, _HEAD if head else _TEXT, _CELL)

    def signature(self, who: str, day: str) -> None:
        """Write the office and the date at the right."""
        self._lead(self._document.add_paragraph(), indent=False)
        for words in (who, day):
            paragraph = self._document.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            self._lead(paragraph, indent=False)
            paragraph.paragraph_format.right_indent = Pt(2 * _SIZE)
            self._write(paragraph, words, _TEXT, _SIZE)

    def to_bytes(self, title: str, day: date) -> bytes:
        """Return the file; the only day in it is ``day``, whenever it is written."""
        core = self._document.core_properties
        moment = datetime.combine(day, time())
        core.created = core.modified = core.last_printed = moment
        core.title = "".join(filter(_writable, title))[:_LONGEST_TITLE]
        core.author = core.last_modified_by = "台账"
        core.comments = core.keywords = core.subject = core.category = ""
        core.language = "zh-CN"
        core.revision = 1
        loose = BytesIO()
        self._document.save(loose)
        fixed = BytesIO()
        stamp = (max(1980, day.year), day.month, day.day, 0, 0, 0)
        with ZipFile(loose) as before, ZipFile(fixed, "w", ZIP_DEFLATED) as after:
            for name in before.namelist():
                entry = ZipInfo(name, stamp)
                entry.compress_type = ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                entry.create_system = 3
                after.writestr(entry, before.read(name))
        return fixed.getvalue()
