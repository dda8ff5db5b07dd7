"""Under what a plan is made: the law on its day, as it is known, and what is preferred.

``as_of`` is the day whose law counts (the rule date).  ``known_at`` is the day until which what is
known counts (the knowledge date).  What ``known_at`` can do before there is a database is little,
and it is this:

* a holiday notice issued after it does not count, nor an overlay, decision, way, fee or value that
  begins after it (:mod:`~taizhang.rules.pinning` says why the first day in force must stand for the
  day of publication);
* it cannot take anything out of a ledger.  A ledger carries no day on which a paper was recorded:
  who wants the knowledge of an earlier day must give the ledger of that day.

Where no knowledge date is asked for, everything that lies on the machine counts, whenever it was
published; the record then names ``as_of``, the day the ledger speaks of.

Reads from: ``lawtexts``, ``rules``.  Read by: ``record``, ``cli``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from taizhang.exchange.excel.replaying.lawtexts import CALENDAR, LawText, law_text, shipped_calendar, unpacked
from taizhang.exchange.excel.replaying.record import damaged
from taizhang.rules.circumstances import Case, Circumstances
from taizhang.rules.document import Document, read_document
from taizhang.rules.pack import compose_pack, find_document
from taizhang.rules.pinning import known_on
from taizhang.rules.terms import Pack
from taizhang.rules.worktime import WorkCalendar, read_calendar

__all__ = ["Conditions", "Wish"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, by name."""

    pack: str
    overlays: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    as_of: date = date.min
    known_at: date | None = None  #: ``None``: everything that lies here counts
    prefer: str = "cheapest"


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under what a plan is made.

    Attributes:
        texts: The documents, pack first, calendar last.
        documents: What they say, as far as it was known; without the calendar.
        pack: The law on its day.
        calendar: The holiday notices that were out.
        as_of, known_at, prefer: As in :class:`Wish`.
    """

    texts: tuple[LawText, ...]
    documents: tuple[Document, ...]
    pack: Pack
    calendar: WorkCalendar
    as_of: date
    known_at: date | None
    prefer: str

    @classmethod
    def of(cls, wish: Wish) -> Conditions:
        """Read the documents that are asked for.

        Raises:
            PackError: A document is not there, or has an error.
        """
        named = (("pack", (wish.pack,)), ("overlay", wish.overlays), ("decision", wish.decisions))
        texts, documents = [], []
        for role, names in named:
            for name in names:
                path = find_document(name)
                documents.append(read_document(path))
                texts.append(law_text(role, path, documents[-1]))
        texts.append(shipped_calendar())
        return cls._made(texts, documents, wish)

    @classmethod
    def from_texts(cls, texts: Sequence[LawText], wish: Wish, file: str) -> Conditions:
        """Return conditions from documents that a record holds.

        Args:
            texts: The documents.
            wish: Days and preference; its names do not count.
            file: Name of the record.

        Raises:
            InputError: ``E-REPLAY-DAMAGED`` a text is not the one of its digest.
            PackError: A document has an error.
        """
        documents = []
        with TemporaryDirectory() as folder:
            for text, path in zip(texts, unpacked(texts, Path(folder)), strict=True):
                if law_text(text.role, path).sha256 != text.sha256:
                    raise damaged(file)
                if text.role != CALENDAR:
                    documents.append(read_document(path))
        return cls._made(texts, documents, wish)

    @classmethod
    def _made(cls, texts: Sequence[LawText], documents: Sequence[Document], wish: Wish) -> Conditions:
        day = wish.known_at
        with TemporaryDirectory() as folder:
            notices = [text for text in texts if text.role == CALENDAR]
            calendar = read_calendar(unpacked(notices, Path(folder))[0], day)
        known = tuple(one if day is None else known_on(one, day) for one in documents)
        pack = compose_pack(known[0], known[1:], wish.as_of)
        return cls(tuple(texts), known, pack, calendar, wish.as_of, day, wish.prefer)

    def ids(self, role: str) -> tuple[str, ...]:
        """The ids of the documents of one role, in the order in which they were given."""
        return tuple(text.id for text in self.texts if text.role == role)

    def withheld(self) -> tuple[str, ...]:
        """Ids of overlays and decisions of which nothing was known."""
        return tuple(one.id for one in self.documents[1:] if self.known_at and not one.changes)

    def circumstances(self, cases: Sequence[Case]) -> Circumstances:
        """These conditions with cases, for a comparison."""
        layers = self.documents[1:]
        return Circumstances(
            self.documents[0],
            tuple(one for one in layers if one.kind != "decision"),
            tuple(one for one in layers if one.kind == "decision"),
            self.calendar,
            self.as_of,
            self.prefer,
            tuple(cases),
        )
