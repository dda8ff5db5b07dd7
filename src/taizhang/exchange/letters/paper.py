"""A Chinese official paper in Word: page, fonts, headings, tables and page numbers.

The form follows GB/T 9704-2012, *Layout key for official document of Party and government
organs*: A4, margins of 37, 35, 28 and 26 mm, title in 小标宋 of size 2, text in 仿宋 of size
3, headings 一、（一）1. in 黑体, 楷体 and 仿宋, page numbers between dashes.

Reads from: ``wordml``, python-docx.  Read by: ``draft``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.opc.oxml import serialize_part_xml
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from taizhang.exchange.letters.wordml import (
    HEAD,
    LEADING,
    SIZE,
    SUBHEAD,
    TEXT,
    TITLE,
    paragraph,
    run,
    table,
    writable,
)

__all__ = ["Paper"]

#: what to use where a font is not installed
_INSTEAD = {TITLE: "宋体", TEXT: "仿宋", SUBHEAD: "楷体", HEAD: "微软雅黑"}
_LONGEST_TITLE = 200  #: a property of a Word file holds 255 characters
_FIELD = (
    "<w:r><w:rPr>"
    '<w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/><w:sz w:val="28"/>'
    "</w:rPr>{}</w:r>"
)


class Paper:
    """One paper, written from top to bottom."""

    def __init__(self) -> None:
        self._document: Any = Document()
        self._end = self._document.element.body.sectPr
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
        """Let the styles say what the paper says, so that an officer may go on writing in it."""
        for name, font in (("Normal", TEXT), ("Heading 1", HEAD), ("Heading 2", SUBHEAD)):
            style = self._document.styles[name]
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for attribute in list(fonts.attrib):
                del fonts.attrib[attribute]
            style.font.name = "Times New Roman"
            style.font.size = Pt(SIZE)
            style.font.bold = False
            fonts.set(qn("w:eastAsia"), font)
            colour = style.element.rPr.find(qn("w:color"))
            if colour is not None:
                style.element.rPr.remove(colour)

    def _fonts(self) -> None:
        """Name a substitute for every font that a computer may not have."""
        for part in self._document.part.package.iter_parts():
            if str(part.partname).endswith("fontTable.xml"):
                known = parse_xml(part.blob)
                for name, other in _INSTEAD.items():
                    known.append(
                        parse_xml(
                            f'<w:font {nsdecls("w")} w:name="{name}"><w:altName w:val="{other}"/>'
                            '<w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="variable"/>'
                            "</w:font>"
                        )
                    )
                part._blob = serialize_part_xml(known)

    def _page_number(self) -> None:
        parts = (
            '<w:t xml:space="preserve">— </w:t>',
            '<w:fldChar w:fldCharType="begin"/>',
            "<w:instrText>PAGE</w:instrText>",
            '<w:fldChar w:fldCharType="end"/>',
            '<w:t xml:space="preserve"> —</w:t>',
        )
        runs = "".join(_FIELD.format(part) for part in parts)
        old = self._document.sections[0].footer.paragraphs[0]._p
        old.addprevious(parse_xml(paragraph(runs, side="center", indent="")))
        old.getparent().remove(old)

    def _add(self, xml: str) -> None:
        self._end.addprevious(parse_xml(xml))

    def title(self, lines: Sequence[str], under: str) -> None:
        """Write the title, broken where its sense breaks, and the line below it."""
        for line in lines:
            self._add(paragraph(run(line, TITLE, 22), side="center", leading=36, indent=""))
        self._add(paragraph(run(under, SUBHEAD), side="center", indent=""))
        self._blank(14)

    def heading(self, text: str) -> None:
        """Write a heading 一、."""
        self._add(paragraph(run(text, HEAD), side="left", style="Heading1"))

    def text(self, text: str, *, lead: str = "") -> None:
        """Write a paragraph; ``lead`` is set bold before it."""
        self._add(paragraph((run(lead, bold=True) if lead else "") + run(text)))

    def small(self, text: str) -> None:
        """Write a line of a list of sources."""
        self._add(paragraph(run(text, TEXT, 12), side="left", leading=18, indent='<w:ind w:left="640"/>'))

    def table(
        self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], sides: str = ""
    ) -> None:
        """Write a table; see :func:`taizhang.exchange.letters.wordml.table`."""
        self._add(table(heads, rows, widths, sides or "l" * len(heads)))
        self._blank(12)

    def signature(self, who: str, day: str) -> None:
        """Write the office and the date at the right."""
        self._blank(LEADING)
        for words in (who, day):
            self._add(paragraph(run(words), side="right", indent='<w:ind w:right="640"/>'))

    def _blank(self, leading: float) -> None:
        self._add(paragraph("", leading=leading, indent=""))

    def to_bytes(self, title: str, day: date) -> bytes:
        """Return the file; the only day in it is ``day``, whenever it is written."""
        core = self._document.core_properties
        moment = datetime.combine(day, time())
        core.created = core.modified = core.last_printed = moment
        core.title = writable(title)[:_LONGEST_TITLE]
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
