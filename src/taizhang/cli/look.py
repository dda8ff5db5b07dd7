"""``taizhang look``: what was understood of a file, what was not, and the mapping that puts it right."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from itertools import count
from pathlib import Path

import click

from taizhang.cli.asking import ask, notes_of, proposed
from taizhang.cli.console import DATE, out, today
from taizhang.cli.finds import show
from taizhang.cli.mappings import Mappings, mapping_options
from taizhang.cli.outputs import Writing, Written
from taizhang.errors import InputError
from taizhang.exchange.excel.examining import Examined, examine
from taizhang.exchange.excel.headings import Headings
from taizhang.exchange.excel.mapping_text import mapping_text
from taizhang.exchange.excel.remembering import remember
from taizhang.rules.pack import load_pack
from taizhang.settings import data_folder, language

__all__ = ["look"]

_MANY = 3  # files of which every column is shown


@click.command(cls=Writing)
@click.argument("ledgers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--pack",
    "pack_name",
    default="title-certificates",
    show_default=True,
    help="Shipped pack, file or folder.",
)
@click.option("--overlay", "overlays", multiple=True, help="Overlay by name or file; may be repeated.")
@click.option("--as-of", type=DATE, help="The day whose law counts (default: today in China).")
@mapping_options
@click.option("--ask", "asking", is_flag=True, help="Ask for the meaning of what was not understood.")
@click.option(
    "--save",
    type=Written(dir_okay=False),
    help="Write the mapping file here, to be corrected and given to plan.",
)
@click.option("--remember", "keep_for", default="", help="Keep the mapping for this sending office.")
@click.option("--brief", is_flag=True, help="One line a sheet, without the columns.")
@click.option(
    "--json",
    "json_path",
    type=Written(),
    help="Also write what was found as JSON; - for the terminal.",
)
def look(
    ledgers: tuple[Path, ...],
    pack_name: str,
    overlays: tuple[str, ...],
    as_of: date | None,
    mapping_file: Path | None,
    office: str,
    no_memory: bool,
    asking: bool,
    save: Path | None,
    keep_for: str,
    brief: bool,
    json_path: Path | None,
) -> None:
    """Show what is understood of the sheets, columns and cells of files, and write a mapping file.

    \b
    Example:
      taizhang look 台账.xlsx --ask --remember 河西街道
    """
    pack = load_pack(pack_name, overlays=overlays, as_of=as_of or today())
    mappings = Mappings.asked(pack, mapping_file, office, no_memory=no_memory)
    quiet = str(json_path) == "-"
    known = Headings(pack)
    found: list[Examined] = []
    refused: list[InputError] = []
    for path in ledgers:
        try:
            found.append(examine(path, pack, mapping=mappings.given, remembered=mappings.remembered))
        except InputError as error:
            if len(ledgers) == 1:
                raise
            refused.append(error)
    if not quiet:
        names = known.fields() if language() == "zh" else {}
        show(found, refused, names, brief=brief or len(ledgers) > _MANY)
    mapping = proposed(found, known)
    if asking:
        mapping = ask(found, pack, known, mapping)
    name = keep_for or office or mapping.office
    text = mapping_text(replace(mapping, office=name), known, ledgers[0].name, notes_of(found, known))
    for path in _written(text, save, keep_for, unasked=asking and not save and not keep_for):
        out.print(f"  {path}", markup=False)
    if json_path:
        _write_json(found, refused, json_path)
    if refused and not found:
        sys.exit(refused[0].exit_status)


def _written(text: str, save: Path | None, keep_for: str, *, unasked: bool) -> list[Path]:
    """Write the mapping where it is wanted; what was asked for by --ask is never lost."""
    if unasked:
        names = (f"对照{number}.yaml" for number in ("", *map("-{}".format, count(2))))
        save = next(path for path in map(Path, names) if not path.exists())
    written = []
    if save:
        save.parent.mkdir(parents=True, exist_ok=True)
        save.write_text(text, encoding="utf-8")
        written.append(save)
    if keep_for:
        written.append(remember(data_folder(), keep_for, text))
    return written


# ---------------------------------------------------------------------------------- JSON


def _write_json(found: Sequence[Examined], refused: Sequence[InputError], path: Path) -> None:
    content = {
        "files": [
            {
                "file": one.file,
                "office": one.mapping.office,
                "problem": one.problem.say(language()) if one.problem else None,
                "sheets": [asdict(sheet) for sheet in one.sheets],
                "complaints": [asdict(each) for each in one.ledger.complaints] if one.ledger else [],
            }
            for one in found
        ],
        "refused": [
            {"file": error.where, "code": error.code, "said": error.say(language())} for error in refused
        ],
    }
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    if str(path) == "-":
        sys.stdout.write(text)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
