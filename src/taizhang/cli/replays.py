"""Keeping the record of a plan, and planning again under the conditions of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from taizhang.cli.console import DATE, said
from taizhang.cli.mappings import Mappings
from taizhang.cli.outputs import Written
from taizhang.errors import InputError
from taizhang.exchange.excel.dossiers import dossiers_of
from taizhang.exchange.excel.headings import Headings
from taizhang.exchange.excel.mapping import LedgerMapping, parse_mapping
from taizhang.exchange.excel.remembering import kept_texts
from taizhang.exchange.excel.replaying.comparing import (
    changed_since,
    conditions_of,
    ledgers_of,
    refuse_other_result,
)
from taizhang.exchange.excel.replaying.conditions import Conditions, Wish
from taizhang.exchange.excel.replaying.engine import engine, engine_changes
from taizhang.exchange.excel.replaying.record import (
    EstateMark,
    MappingText,
    PlanRecord,
    estate_marks,
    ledger_mark,
    read_record,
    result_digest,
    write_record,
)
from taizhang.exchange.excel.returned.receiving import Received
from taizhang.exchange.excel.summary import summary
from taizhang.rules.canonical import digest
from taizhang.rules.circumstances import Case
from taizhang.rules.terms import CityPlan, Pack
from taizhang.settings import data_folder, language

__all__ = ["Keeping", "MappingWish", "Setup", "record_options"]

_CONDITIONS = ("as_of", "known_at", "prefer")
_DOCUMENTS = ("pack_name", "overlays", "decisions", "mapping_file", "office", "no_memory")


def record_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options by which a plan is kept and made again."""
    for option in (
        click.option(
            "--replay",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Plan again under the conditions of a record, and see that the same comes out.",
        ),
        click.option(
            "--lock-only",
            is_flag=True,
            help="Keep only the digests of documents and cases in the record, not their text.",
        ),
        click.option(
            "--record",
            type=Written(dir_okay=False),
            help="Also write the record of this plan (JSON), by which it can be made again and compared.",
        ),
        click.option(
            "--known-at",
            type=DATE,
            help="Leave out what was published after this day (default: everything that is here counts).",
        ),
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class MappingWish:
    """What ledgers are to be read by."""

    file: Path | None = None
    office: str = ""
    no_memory: bool = False

    def texts(self) -> MappingText:
        """The mappings that are asked for, as text."""
        if self.file:
            text = self.file.read_text(encoding="utf-8-sig", errors="replace") if self.file.is_file() else ""
            return MappingText.of("given", ((self.file.name, text),))
        if self.office:
            return MappingText.of("given", kept_texts(data_folder(), self.office))
        return MappingText.of("remembered", () if self.no_memory else kept_texts(data_folder()))


@dataclass(frozen=True, slots=True)
class Setup:
    """All that a plan is made from: the files, the conditions, and what they are read by."""

    ledgers: tuple[Path, ...]
    conditions: Conditions
    mappings: Mappings = field(default_factory=lambda: Mappings(None, ()))
    mapping_text: MappingText = field(default_factory=lambda: MappingText.of("none", ()))
    language: str = field(default_factory=language)


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is asked for: a record to be written, a record to be planned by again, or neither."""

    path: Path | None = None
    lock_only: bool = False
    earlier: PlanRecord | None = None
    file: str = ""  #: name of the earlier record

    @classmethod
    def asked(cls, record: Path | None, replay: Path | None, *, lock_only: bool) -> Keeping:
        """Return what the options ask for; a record is read before the work begins.

        Raises:
            InputError: ``E-ARG-REPLAY`` options that contradict each other, or what reading raises.
        """
        if lock_only and not record:
            raise _contradiction("--lock-only", "--record", "needs", "须与")
        if replay is None:
            return cls(record, lock_only)
        earlier = read_record(replay)
        context = click.get_current_context()
        for name in (*_CONDITIONS, *(_DOCUMENTS if earlier.whole else ())):
            if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
                option = next(one.opts[-1] for one in context.command.params if one.name == name)
                raise _contradiction(option, "--replay", "cannot stand with", "不能与")
        return cls(record, lock_only, earlier, replay.name)

    def setup(self, ledgers: tuple[Path, ...], wish: Wish, mapping: MappingWish) -> Setup:
        """Return what the plan is made from.

        Raises:
            InputError: ``E-REPLAY-LEDGER``, ``E-REPLAY-DOCUMENT``, ``E-REPLAY-MAPPING``,
                ``E-REPLAY-DAMAGED``: not what the record says.
            PackError: A document has an error.
        """
        if self.earlier is None:
            conditions = Conditions.of(wish)
            known = Mappings.asked(conditions.pack, mapping.file, mapping.office, no_memory=mapping.no_memory)
            return Setup(ledgers, conditions, known, mapping.texts())
        record = self.earlier
        ordered = ledgers_of(record, ledgers)
        conditions = conditions_of(record, (wish.pack, *wish.overlays, *wish.decisions), self.file)
        text = record.mapping if record.whole else _same_mapping(record.mapping, mapping.texts())
        return Setup(ordered, conditions, _mappings(text, conditions.pack), text, record.language)

    def kept(
        self, setup: Setup, city: CityPlan, received: Received, files: Mapping[str, Path]
    ) -> tuple[list[Path], list[str]]:
        """Compare with the earlier record, and write the new one.

        Args:
            setup: What the plan was made from.
            city: The plan.
            received: What was read.
            files: What was written, by kind.

        Returns:
            The record where one was written, and what is to be noted at the terminal.

        Raises:
            TaizhangError: ``E-REPLAY-RESULT`` the plan is not the earlier one.
        """
        notes = list(_withheld(setup.conditions))
        if self.path is None and self.earlier is None:
            return [], notes
        found = dossiers_of(received, setup.conditions.pack)
        cases = tuple(map(Case, found.dossiers, found.identities))
        marks = estate_marks(city, cases)
        result = _result(city, marks, files)
        if self.path:
            write_record(self.path, self._record(setup, city, cases, (marks, result)))
        if self.earlier:
            refuse_other_result(self.earlier, marks, result, self.file)
            notes += _same(self.earlier)
        return [self.path] if self.path else [], notes

    def _record(
        self,
        setup: Setup,
        city: CityPlan,
        cases: tuple[Case, ...],
        came_out: tuple[tuple[EstateMark, ...], Mapping[str, str]],
    ) -> PlanRecord:
        conditions, (marks, result) = setup.conditions, came_out
        return PlanRecord(
            engine(),
            conditions.as_of,
            conditions.known_at or conditions.as_of,
            conditions.known_at is not None,
            conditions.prefer,
            setup.language,
            conditions.texts,
            setup.mapping_text,
            tuple(map(ledger_mark, setup.ledgers)),
            marks,
            result,
            all(one.joint.proved for one in city.estates),
            None if self.lock_only else cases,
        )


def _result(city: CityPlan, marks: tuple[EstateMark, ...], files: Mapping[str, Path]) -> dict[str, str]:
    """Digests of what came out; the seconds of the summary are the clock's."""
    told = {name: value for name, value in summary(city).items() if name != "seconds"}
    result = {"plan": result_digest(city, marks), "summary": digest(told)}
    return result | {kind: sha256(path.read_bytes()).hexdigest() for kind, path in files.items()}


def _mappings(text: MappingText, pack: Pack) -> Mappings:
    """Read the mappings of a record; of remembered ones, those that the pack fits."""
    known = Headings(pack)
    if text.role == "given":
        return Mappings(parse_mapping(text.files[0][1], text.files[0][0], known), ())
    found: list[LedgerMapping] = []
    for name, content in text.files:
        try:
            found.append(parse_mapping(content, name, known))
        except InputError:
            continue  # passed over as when the record was written
    return Mappings(None, tuple(found))


def _same_mapping(wanted: MappingText, here: MappingText) -> MappingText:
    if here.sha256 != wanted.sha256:
        raise InputError(
            "The record holds only the lock of its mappings, and those that are here are others.",
            hint="Give the mapping file of that day with --mapping, or --no-memory where there was none.",
            zh="该存证只记对照文件的摘要，现有的对照与之不同。请用 --mapping 指明当时的文件；"
            "当时未用对照的，请加 --no-memory。",
            code="E-REPLAY-MAPPING",
        )
    return here


def _withheld(conditions: Conditions) -> list[str]:
    """What the knowledge date took out."""
    if conditions.known_at is None:
        return []
    years = sorted(conditions.calendar.years)
    last = str(years[-1]) if years else "-"
    notes = [
        said(
            f"只计至 {conditions.known_at} 为止已公布的规则；放假安排截至 {last} 年。台账所载一律计入。",
            f"Only rules out by {conditions.known_at} count; holiday notices up to {last}. "
            "All that the ledger says counts.",
        )
    ]
    names = conditions.withheld()
    if names:
        notes.append(said(f"当时尚无效力而未计入：{'、'.join(names)}。", f"Not out yet: {', '.join(names)}."))
    return notes


def _same(record: PlanRecord) -> list[str]:
    """Say that the same came out, and what is another now all the same."""
    notes = [
        said(
            f"与存证一致：{record.as_of} 的方案已原样重现。",
            f"The same as the record: the plan of {record.as_of} was made again.",
        )
    ]
    changes = engine_changes(record.engine)
    if changes:
        notes.append(
            said(
                f"测算程序已不同，结果不变：{'；'.join(changes)}。",
                f"Made by another program now, with the same result: {'; '.join(changes)}.",
            )
        )
    documents = changed_since(record) if record.whole else ()
    if documents:
        notes.append(
            said(
                f"以下规则其后已修订，本次按存证所附原文测算：{'；'.join(documents)}。",
                f"Changed since, and planned by the text in the record: {'; '.join(documents)}.",
            )
        )
    return notes


def _contradiction(option: str, other: str, relation: str, relation_zh: str) -> InputError:
    return InputError(
        "{option} {relation} {other}.",
        hint="A record brings its own day, knowledge date, documents and preference.",
        zh="{option} {relation_zh} {other} 同时使用（存证自带日期、规则与择优口径）。",
        code="E-ARG-REPLAY",
        option=option,
        other=other,
        relation=relation,
        relation_zh=relation_zh,
    )
