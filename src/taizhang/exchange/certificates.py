"""A list of certificates, as a registry hands it over: which unit, which number, which day.

Reads from: ``excel``, ``office.certificates``.  Read by: the doors.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from taizhang.exchange.excel.dossiers import dossiers_of
from taizhang.exchange.excel.returned.receiving import receive
from taizhang.office.certificates import CertificateDraft, unit_keys
from taizhang.rules.terms import Pack

__all__ = ["CertificateList", "read_certificates"]

_DAY = re.compile(r"(\d{4})\s*[-年./]\s*(\d{1,2})\s*[-月./]\s*(\d{1,2})\s*日?(?:\s.*)?")


@dataclass(frozen=True, slots=True)
class CertificateList:
    """What a list says.

    Attributes:
        drafts: One for each unit with a number, whose day is known.
        without: Rows without a number of a certificate.
        unknown: Places that the ledger does not have.
        undated: Places whose row tells no day that can be read, where none was given.
        complaints: Cells that could not be read.
    """

    drafts: tuple[CertificateDraft, ...]
    without: int
    unknown: tuple[str, ...]
    undated: tuple[str, ...]
    complaints: int


def read_certificates(paths: Sequence[Path], pack: Pack, issued_on: date | None = None) -> CertificateList:
    """Read lists of certificates: the columns 小区, 幢号, 房号, 不动产权证号 and 发证日期.

    Args:
        paths: The files.
        pack: The law on its day; gives the headings.
        issued_on: The day of rows that tell none.

    Raises:
        InputError: As :func:`~taizhang.exchange.excel.reading.read_ledger`.
    """
    found = dossiers_of(receive(paths, pack), pack)
    numbered = {
        place: said for place, said in found.people.items() if said.get("certificate_number", "").strip()
    }
    keys = unit_keys(numbered)
    drafts, undated = [], []
    for place, said in numbered.items():
        day = _day(said.get("collected_on", "")) or issued_on
        if place not in keys:
            continue
        if day is None:
            undated.append(place)
        else:
            drafts.append(_draft(keys[place], said, day))
    return CertificateList(
        tuple(drafts),
        len(found.people) - len(numbered),
        tuple(place for place in numbered if place not in keys),
        tuple(undated),
        found.complaints,
    )


def _draft(unit: int, said: Mapping[str, str], day: date) -> CertificateDraft:
    return CertificateDraft(unit, said["certificate_number"].strip(), day)


def _day(text: str) -> date | None:
    """A day as ledgers write it; ``None`` where it is none.

    >>> _day("２０２４年1月8日"), _day("2024-01-08 00:00:00"), _day("不详")
    (datetime.date(2024, 1, 8), datetime.date(2024, 1, 8), None)
    """
    told = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if told is None:
        return None
    try:
        return date(int(told[1]), int(told[2]), int(told[3]))
    except ValueError:
        return None
