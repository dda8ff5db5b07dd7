"""Which mapping a ledger is read by: a file that was named, an office's own, or one that is remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from taizhang.errors import InputError
from taizhang.exchange.excel.headings import Headings
from taizhang.exchange.excel.mapping import LedgerMapping, read_mapping
from taizhang.exchange.excel.remembering import mapping_of, remembered
from taizhang.rules.terms import Pack
from taizhang.settings import data_folder

__all__ = ["Mappings", "mapping_options"]


def mapping_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options by which a mapping is chosen."""
    for option in (
        click.option(
            "--no-memory", is_flag=True, help="Do not use what is remembered of earlier ledgers' headings."
        ),
        click.option("--office", default="", help="Read by what is remembered of this sending office."),
        click.option(
            "--mapping",
            "mapping_file",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Read headings, words and estates as this mapping file says.",
        ),
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Mappings:
    """What ledgers are read by."""

    given: LedgerMapping | None  #: named on the command line
    remembered: tuple[LedgerMapping, ...]  #: else one of these, where it alone fits

    @classmethod
    def asked(cls, pack: Pack, mapping_file: Path | None, office: str, *, no_memory: bool) -> Mappings:
        """Return what the options ask for.

        Raises:
            InputError: ``E-ARG-MAPPING`` a file and an office together, or what reading them raises.
        """
        known = Headings(pack)
        if mapping_file and office:
            raise InputError(
                "--mapping and --office are given together.",
                hint="Give the one or the other.",
                zh="--mapping 与 --office 不能同时使用，请只用其一。",
                code="E-ARG-MAPPING",
            )
        if mapping_file:
            return cls(read_mapping(mapping_file, known), ())
        if office:
            return cls(mapping_of(data_folder(), office, known), ())
        return cls(None, () if no_memory else tuple(remembered(data_folder(), known)))
