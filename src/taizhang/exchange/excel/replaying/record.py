"""The record of a plan: all it takes to make it again, and what came out.

One JSON file of its own beside the plan file of the weekly bulletin: that one is for counting and
stays small, this one is for proof.  It holds no path of the machine, no clock, no name of a
resident and no number of an identity card::

    {"format": "taizhang-record", "form": 1, "engine": {…}, "as_of": "2024-01-28",
     "known_at": "2024-01-28", "withheld": false, "prefer": "cheapest", "language": "zh",
     "documents": [{"role": "pack", "id": …, "version": …, "sha256": …, "name": …}, …],
     "mapping": {"role": "none", "sha256": …}, "ledgers": [{"name": …, "sha256": …, "bytes": …}, …],
     "estates": [{"id": …, "name": …, "case": sha256, "plan": sha256, "proved": true}, …],
     "result": {"plan": sha256, "summary": sha256, "workbook": sha256, …}, "proved": true,
     "texts": …, "cases": …, "sha256": of all the rest}

``texts`` and ``cases`` are compressed: the text of every document and mapping, so that the plan can
be made again after the pack has changed, and what was recorded of each estate, so that two records
can be compared without their ledgers.  A record of the lock alone leaves both out.

Reads from: ``casetexts``, ``lawtexts``, ``rules``.  Read by: ``comparing``, ``conditions``, ``cli``.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from taizhang.errors import InputError
from taizhang.exchange.excel.replaying.casetexts import case_digest, cases_of_text, text_of_cases
from taizhang.exchange.excel.replaying.lawtexts import LawText
from taizhang.rules.canonical import digest
from taizhang.rules.circumstances import Case, estate_of
from taizhang.rules.plancontent import plan_digest
from taizhang.rules.terms import CityPlan

__all__ = [
    "EstateMark",
    "LedgerMark",
    "MappingText",
    "PlanRecord",
    "damaged",
    "estate_marks",
    "ledger_mark",
    "read_record",
    "result_digest",
    "write_record",
]

_FORMAT, _FORM = "taizhang-record", 1
_DOCUMENT = ("role", "id", "version", "sha256", "name", "folder")


@dataclass(frozen=True, slots=True)
class LedgerMark:
    """One ledger: the name of its file and the digest of its bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class MappingText:
    """By what the headings were read.

    Attributes:
        role: ``given``, ``remembered`` or ``none``.
        files: Name and text of each mapping; empty where only the lock is kept.
        sha256: Over names and texts.
    """

    role: str
    files: tuple[tuple[str, str], ...]
    sha256: str

    @classmethod
    def of(cls, role: str, files: tuple[tuple[str, str], ...]) -> MappingText:
        """Return mappings with their digest; none where there are no files."""
        return cls(role if files else "none", files, digest(files))


@dataclass(frozen=True, slots=True)
class EstateMark:
    """One estate: what it was planned from and what came out, as digests."""

    id: str
    name: str
    case: str
    plan: str
    proved: bool


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """All it takes to make a plan again, and what came out.

    Attributes:
        engine: Program and libraries.
        as_of, known_at, withheld: The rule date, the knowledge date, and whether what was published
            after the latter was left out.
        prefer, language: What else changes the result.
        documents, mapping, ledgers: What went in.
        estates, result, proved: What came out; ``result`` by kind of file, ``plan`` for all of them.
        cases: What was recorded of each estate; ``None`` in a record of the lock alone.
    """

    engine: Mapping[str, str]
    as_of: date
    known_at: date
    withheld: bool
    prefer: str
    language: str
    documents: tuple[LawText, ...]
    mapping: MappingText
    ledgers: tuple[LedgerMark, ...]
    estates: tuple[EstateMark, ...]
    result: Mapping[str, str]
    proved: bool
    cases: tuple[Case, ...] | None

    @property
    def whole(self) -> bool:
        """Whether it holds the texts of its documents."""
        return self.cases is not None

    @property
    def knowledge(self) -> date | None:
        """The knowledge date where it took something out."""
        return self.known_at if self.withheld else None


def ledger_mark(path: Path) -> LedgerMark:
    """Return name and digest of a ledger.

    Raises:
        InputError: ``E-FILE-MISSING`` there is no such file.
    """
    content = _bytes_of(path)
    return LedgerMark(path.name, sha256(content).hexdigest(), len(content))


def estate_marks(city: CityPlan, cases: tuple[Case, ...]) -> tuple[EstateMark, ...]:
    """Return the digests of every estate of a plan."""
    digests = {estate_of(one.dossier).id: case_digest(one) for one in cases}
    return tuple(
        EstateMark(
            one.place.id, one.place.name, digests.get(one.place.id, ""), plan_digest(one), one.joint.proved
        )
        for one in city.estates
    )


def result_digest(city: CityPlan, estates: tuple[EstateMark, ...]) -> str:
    """Return one digest over everything a plan of a city says."""
    plans = tuple((one.id, one.plan) for one in estates)
    return digest((plans, city.complaints, city.leverage, city.differences, city.prefer))


# -- the file


def write_record(path: Path, record: PlanRecord) -> None:
    """Write a record; equal plans give equal bytes."""
    head: dict[str, object] = {
        "format": _FORMAT, "form": _FORM, "engine": dict(record.engine),
        "as_of": record.as_of.isoformat(), "known_at": record.known_at.isoformat(),
        "withheld": record.withheld, "prefer": record.prefer, "language": record.language,
        "documents": [
            {name: getattr(one, name) for name in _DOCUMENT}
            for one in record.documents
        ],
        "mapping": {"role": record.mapping.role, "sha256": record.mapping.sha256},
        "ledgers": [{"name": one.name, "sha256": one.sha256, "bytes": one.size} for one in record.ledgers],
        "estates": [
            {"id": one.id, "name": one.name, "case": one.case, "plan": one.plan, "proved": one.proved}
            for one in record.estates
        ],
        "result": dict(record.result), "proved": record.proved,
    }  # fmt: skip
    if record.cases is not None:
        texts = {"documents": [one.files for one in record.documents], "mapping": record.mapping.files}
        head["texts"] = _packed(json.dumps(texts, ensure_ascii=False))
        head["cases"] = _packed(text_of_cases(record.cases))
    head["sha256"] = _seal(head)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(head, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _seal(data: Mapping[str, Any]) -> str:
    """The digest of a record over all that it says itself; it shows a slip, it is no signature."""
    told = {name: value for name, value in data.items() if name != "sha256"}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _packed(text: str) -> str:
    return b64encode(zlib.compress(text.encode(), 9)).decode("ascii")


def _unpacked(text: str) -> str:
    return zlib.decompress(b64decode(text)).decode()


def read_record(path: Path) -> PlanRecord:
    """Read a record.

    Raises:
        InputError: ``E-FILE-MISSING`` no such file, ``E-REPLAY-FORMAT`` no record of ours,
            ``E-REPLAY-DAMAGED`` its parts do not fit its digests.
    """
    content = _bytes_of(path)
    try:
        data = json.loads(content.decode("utf-8-sig"))
        if data["format"] != _FORMAT or data["form"] != _FORM:
            raise ValueError("another format")
        record = _record(data)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, zlib.error) as error:
        raise InputError(
            "{file} is no record of a plan that this version reads.",
            hint="Give the file that an earlier run wrote with --record.",
            zh="{file} 不是本版本可读的测算存证。请提供以前用 --record 写出的文件。",
            code="E-REPLAY-FORMAT",
            where=path.name,
            file=path.name,
        ) from error
    if data.get("sha256", "") not in ("", _seal(data)):  # records of earlier versions have none
        raise damaged(path.name)
    _refuse_damaged(path, record)
    return record


def _record(data: Mapping[str, Any]) -> PlanRecord:
    whole = "texts" in data
    texts = json.loads(_unpacked(data["texts"])) if whole else {"documents": [], "mapping": []}
    files: list[Any] = texts["documents"] or [[] for _ in data["documents"]]
    documents = tuple(
        LawText(files=_pairs(of), **{name: one[name] for name in _DOCUMENT})
        for one, of in zip(data["documents"], files, strict=True)
    )
    return PlanRecord(
        {str(name): str(text) for name, text in data["engine"].items()},
        date.fromisoformat(data["as_of"]),
        date.fromisoformat(data["known_at"]),
        bool(data["withheld"]),
        str(data["prefer"]),
        str(data["language"]),
        documents,
        MappingText(data["mapping"]["role"], _pairs(texts["mapping"]), data["mapping"]["sha256"]),
        tuple(LedgerMark(one["name"], one["sha256"], one["bytes"]) for one in data["ledgers"]),
        tuple(
            EstateMark(one["id"], one["name"], one["case"], one["plan"], one["proved"])
            for one in data["estates"]
        ),
        {str(name): str(text) for name, text in data["result"].items()},
        bool(data["proved"]),
        cases_of_text(_unpacked(data["cases"])) if whole else None,
    )


def _pairs(files: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(text)) for name, text in files)


def _refuse_damaged(path: Path, record: PlanRecord) -> None:
    """What a record holds must be what its digests say; documents are held against theirs when read."""
    if record.cases is None:
        return
    cases = [case_digest(one) for one in record.cases]
    mapping = digest(record.mapping.files)
    if cases != [one.case for one in record.estates] or mapping != record.mapping.sha256:
        raise damaged(path.name)


def damaged(file: str) -> InputError:
    """The error for a record whose parts do not fit together."""
    return InputError(
        "{file} does not hold what its own digests say: it was changed after it was written.",
        hint="Use an unchanged copy of the record.",
        zh="{file} 的内容与其自带摘要不符，写出后被改动过。请使用未改动的副本。",
        code="E-REPLAY-DAMAGED",
        where=file,
        file=file,
    )


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputError(
            "There is no file {file}.",
            hint="Check the path.",
            zh="找不到文件 {file}，请检查路径。",
            code="E-FILE-MISSING",
            where=path.name,
            file=path.name,
        ) from error
