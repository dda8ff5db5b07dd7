"""XML of a workbook, held to the letter: well-formed, in UTF-8, without entities of its own.

The reader of values forgives much, and what it forgives it may leave out.  Whatever is not XML by the
book is refused before.

Reads from: nothing of ours.  Read by: ``packagexml``, ``soundsheet``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

__all__ = ["MAIN", "NEVER_DEEPER", "Element", "StrictParser", "check_string", "elements_of", "text_pattern"]

MAIN = frozenset({
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
})  # fmt: skip
#: What the reader of values looks for at any depth, and must find at one only.
NEVER_DEEPER = frozenset({"si", "is", "t", "r", "rPh", "c", "row", "v", "f", "sheetData"})
_DEEPEST = 64  # elements within each other; an honest part has a dozen
_MOST = 2_000_000  # elements of a part that is kept whole
_OTHER_ENCODING = re.compile(rb"""<\?xml[^>]*\bencoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)

#: Text between tags, without a sign or reference that XML forbids or that is written in a rare way.
text_pattern = (
    rb"[^<>&\x00-\x08\x0b\x0c\x0e-\x1f]*+(?:&(?:amp|lt|gt|quot|apos);[^<>&\x00-\x08\x0b\x0c\x0e-\x1f]*+)*+"
)


@dataclass(slots=True)
class Element:
    """One element.

    Attributes:
        path: Local names from the root on, its own last.
        space: Its namespace.
        attributes: By name; those of a namespace as ``namespace name``.
        text: What stands in it, without what stands in its children.
        children: Local names of its children.
    """

    path: tuple[str, ...]
    space: str
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)
    children: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its local name."""
        return self.path[-1]


class StrictParser:
    """An XML parser that takes pieces and refuses what an honest writer of workbooks does not write.

    Args:
        part: Name of the part, for the error.
        start: Called with each element that begins.
        end: Called with each element that ends.

    Raises:
        ValueError: From ``feed``: what is wrong, with the name of the part.
    """

    def __init__(
        self, part: str, start: Callable[[Element], None], end: Callable[[Element], None] | None = None
    ) -> None:
        self.part = part
        self.depth = 0
        self._start, self._end = start, end
        self._open: list[Element] = []
        self._fed = 0
        self._in_cdata = False
        self._parser = expat.ParserCreate(None, " ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._started
        self._parser.EndElementHandler = self._ended
        self._parser.CharacterDataHandler = self._said
        self._parser.StartDoctypeDeclHandler = self._declared
        self._parser.StartCdataSectionHandler = lambda: setattr(self, "_in_cdata", True)
        self._parser.EndCdataSectionHandler = lambda: setattr(self, "_in_cdata", False)
        if hasattr(self._parser, "SetReparseDeferralEnabled"):
            self._parser.SetReparseDeferralEnabled(False)  # what was fed is to be told at once

    def between(self, depth: int) -> bool:
        """Whether all that was fed has been told, and an element this deep is open."""
        return self.depth == depth and not self._in_cdata and self._parser.CurrentByteIndex == self._fed

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Parse a piece."""
        if not self._fed and (b"\0" in piece or _OTHER_ENCODING.match(piece)):
            raise ValueError(f"{self.part} is not written in UTF-8")
        self._fed += len(piece)
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise ValueError(f"{self.part} is no XML: {error}") from error

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ValueError(f"{self.part} has more than {_DEEPEST} elements within each other")
        space, _, local = name.rpartition(" ")
        above = self._open[-1].path if self._open else ()
        if self._open:
            self._open[-1].children.append(local)
        element = Element((*above, local), space, attributes)
        self._open.append(element)
        self._start(element)

    def _ended(self, name: str) -> None:
        del name
        self.depth -= 1
        element = self._open.pop()
        if self._end:
            self._end(element)

    def _said(self, text: str) -> None:
        if self._open:
            self._open[-1].text.append(text)

    def _declared(self, *_: object) -> None:
        raise ValueError(f"{self.part} declares a document type")


def check_string(part: str, element: Element) -> None:
    """Refuse a text of a cell that is said twice, or in parts that are no text.

    Args:
        part: Name of the part, for the error.
        element: A ``si``, ``is`` or ``r`` that has ended.
    """
    known = {"r": {"t", "rPr"}}.get(element.name, {"t", "r", "rPh", "phoneticPr"})
    texts = element.children.count("t")
    if not known.issuperset(element.children) or texts > 1 or (texts and "r" in element.children):
        raise ValueError(f"{part} says a text in two ways")
    if element.name == "r" and not texts:
        raise ValueError(f"{part} has a run of a text that says nothing")


def elements_of(part: str, pieces: Iterable[bytes]) -> list[Element]:
    """All elements of a part, in order.

    Raises:
        ValueError: It is not XML as an honest writer writes it, or is not there.
    """
    found: list[Element] = []

    def begin(element: Element) -> None:
        if len(found) >= _MOST:
            raise ValueError(f"{part} has more than {_MOST} elements")
        found.append(element)

    parser = StrictParser(part, begin)
    for piece in pieces:
        parser.feed(piece)
    parser.feed(b"", last=True)
    return found
