"""The documents a plan was made by: which they were, and their text.

Reads from: ``rules.document``, ``rules.pack``, ``rules.worktime``.  Read by: ``conditions``, ``record``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from taizhang.errors import PackError
from taizhang.rules.canonical import digest
from taizhang.rules.document import Document, read_document
from taizhang.rules.pack import SHIPPED, find_document, shipped_names
from taizhang.rules.worktime import read_calendar

__all__ = ["CALENDAR", "LawText", "found_again", "law_text", "shipped_calendar", "shipped_now", "unpacked"]

CALENDAR = "calendar"
_CALENDAR_FILE = SHIPPED / "calendars" / "cn.yaml"


@dataclass(frozen=True, slots=True)
class LawText:
    """One document of the law.

    Attributes:
        role: ``pack``, ``overlay``, ``decision`` or ``calendar``.
        id, version, sha256: As in the lock: the digest is of the content, not of comments and layout.
        name: Name of its file or folder, without the folder it lies in.
        files: Name and text of each file; empty where only the lock is kept.
        folder: Whether ``name`` is a folder.
    """

    role: str
    id: str
    version: str
    sha256: str
    name: str
    files: tuple[tuple[str, str], ...]
    folder: bool


def law_text(role: str, path: Path, document: Document | None = None) -> LawText:
    """Read the text of a document beside its digest.

    Args:
        role: ``pack``, ``overlay``, ``decision`` or ``calendar``.
        path: File or folder.
        document: What was read from it, if it was.

    Raises:
        PackError: The document cannot be read.
    """
    folder = path.is_dir()
    files = sorted(path.glob("*.yaml")) if folder else [path]
    texts = tuple((one.name, one.read_bytes().decode("utf-8-sig")) for one in files)
    if role == CALENDAR:
        calendar = read_calendar(path)
        years = f"{min(calendar.years)}-{max(calendar.years)}"
        return LawText(role, path.stem, years, digest(calendar), path.name, texts, folder)
    found = document or read_document(path)
    return LawText(role, found.id, found.version, found.digest, path.name, texts, folder)


def shipped_calendar() -> LawText:
    """The official calendar that comes with this version."""
    return law_text(CALENDAR, _CALENDAR_FILE)


def unpacked(texts: Iterable[LawText], folder: Path) -> list[Path]:
    """Write the files of documents into a folder, each document in one of its own; return where."""
    found = []
    for number, text in enumerate(texts):
        place = folder / str(number) / Path(text.name).name
        (place if text.folder else place.parent).mkdir(parents=True)
        for name, content in text.files:
            file = place / Path(name).name if text.folder else place
            file.write_text(content, encoding="utf-8", newline="")
        found.append(place)
    return found


def shipped_now(text: LawText) -> LawText | None:
    """The document of the same name that comes with this version, if there is one."""
    if text.role == CALENDAR:
        return shipped_calendar()
    name = next((one for one in (Path(text.name).stem, text.id) if one in shipped_names()), None)
    if name is None:
        return None
    folder = SHIPPED / name
    return law_text(text.role, folder if folder.is_dir() else SHIPPED / f"{name}.yaml")


def found_again(text: LawText, names: Iterable[str]) -> Path | None:
    """The document among ``names``, or shipped, that is the one of the lock.

    Args:
        text: What is wanted.
        names: Documents that were named, by name or path.
    """
    for name in (*names, Path(text.name).stem, text.id):
        try:
            path = _CALENDAR_FILE if text.role == CALENDAR else find_document(name)
            if law_text(text.role, path).sha256 == text.sha256:
                return path
        except PackError:
            continue  # no such document: the next name
    return None
