"""What a command writes is never what it reads: asked of every command, before it begins.

A command that writes files is a :class:`Writing`, and each option or argument that names one is of
type :class:`Written`.  Before anything is read or computed, every output is held against every file
the command reads and every other output, and is tried: a slip costs no time and no ledger.

Reads from: ``settings``, ``rules.pack``.  Read by: the commands that write files.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import click

from taizhang.errors import InputError, TaizhangError
from taizhang.rules.pack import find_document
from taizhang.settings import data_folder, database, setting

__all__ = ["Writing", "Written", "refuse_existing", "replace_option"]

_LAWS = frozenset({"pack_name", "overlays", "decisions", "law", "name", "old", "new"})
# What is written into a folder has names of these forms; see ``exchange.excel.books`` and ``letters``.
_IN_FOLDER = re.compile(r"\d{2,}_.*\.xlsx|(目录|contents)\.xlsx|处置方案_.*\.docx", re.IGNORECASE)


class Written(click.Path):
    """A file, or a folder, that a command writes; ``-`` is the terminal."""

    def __init__(self, *, folder: bool = False, dir_okay: bool = True) -> None:
        super().__init__(path_type=Path, dir_okay=dir_okay, file_okay=not folder, allow_dash=True)
        self.folder = folder


class Writing(click.Command):
    """A command that writes files: it begins only where none of them is one that it needs."""

    def invoke(self, ctx: click.Context) -> Any:
        """Hold the outputs against the inputs and each other, then begin."""
        outputs = list(_outputs(self, ctx.params))
        for output in outputs:
            _apart_from(output, _inputs(self, ctx.params))
        for one, other in combinations(outputs, 2):
            _apart(one, other)
        for output in outputs:
            _can_be_written(output)
        return super().invoke(ctx)


@dataclass(frozen=True, slots=True)
class _Output:
    """One file or folder that is to be written, and the option that says so."""

    option: str
    path: Path
    folder: bool


def _outputs(command: click.Command, given: dict[str, Any]) -> Iterator[_Output]:
    for one in command.params:
        kinds = one.type.types if isinstance(one.type, click.Tuple) else [one.type]
        for kind in kinds:
            if isinstance(kind, Written):
                name = one.opts[-1] if isinstance(one, click.Option) else str(one.name).upper()
                for path in _paths(given.get(str(one.name))):
                    if str(path) != "-":
                        yield _Output(name, path, kind.folder)


def _paths(value: object) -> Iterator[Path]:
    """The paths in the value of a parameter, however deep."""
    if isinstance(value, Path):
        yield value
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _paths(one)


def _inputs(command: click.Command, given: dict[str, Any]) -> Iterator[Path]:
    """Every file that a command reads: ledgers, mappings, records, the law, and what the office keeps."""
    for one in command.params:
        value = given.get(str(one.name))
        if isinstance(one.type, click.Path) and not isinstance(one.type, Written):
            yield from _paths(value)
        elif one.name in _LAWS and value:
            for name in (value,) if isinstance(value, str) else value:
                yield from _law(name)
    yield data_folder() / "secret"
    yield Path(setting("TAIZHANG_KEYS") or data_folder() / "keys.json").expanduser()
    with suppress(TaizhangError):
        told = database()
        if told["ENGINE"].endswith("sqlite3"):
            yield Path(told["NAME"])


def _law(name: str) -> Iterator[Path]:
    """The files of a document, and of each layer where the name has several (``pack+overlay@day``)."""
    for one in dict.fromkeys((name, *re.split(r"[+@]", name))):
        with suppress(TaizhangError, OSError):
            if one:
                path = find_document(one)
                yield path
                if path.is_dir():
                    yield from (each for each in path.rglob("*") if each.is_file())


def _same(one: Path, other: Path) -> bool:
    """Whether two paths are one file: by what they lead to, or by name where there is no file yet."""
    try:
        return one.samefile(other)
    except OSError:
        return str(one.resolve()).casefold() == str(other.resolve()).casefold()


def _within(path: Path, folder: Path) -> bool:
    """Whether a file lies in a folder under a name of those that are written there."""
    return bool(_IN_FOLDER.fullmatch(path.name)) and _same(path.resolve().parent, folder)


def _apart_from(output: _Output, inputs: Iterable[Path]) -> None:
    for path in inputs:
        if _within(path, output.path) if output.folder else _same(path, output.path):
            raise InputError(
                "{option} {output} would be written over {path}, which this command needs.",
                hint="Give another name or folder with {option}.",
                zh="{option} {output} 会覆盖本命令要读取的文件 {path}，请为 {option} 另指定文件名或文件夹。",
                code="E-OUT-SAME",
                option=output.option,
                output=output.path,
                path=path.name,
            )


def _apart(one: _Output, other: _Output) -> None:
    if one.folder and other.folder:
        return  # folders of several kinds are asked about where they are read (E-ARG-PER)
    if one.folder or other.folder:
        folder, file = (one, other) if one.folder else (other, one)
        clash = _within(file.path, folder.path) or _same(file.path, folder.path)
    else:
        clash = _same(one.path, other.path) and not _device(one.path)
    if clash:
        raise InputError(
            "{option} and {other} would write over each other: {path}.",
            hint="Give each a name of its own.",
            zh="{option} 与 {other} 会相互覆盖（{path}），请分别指定文件名。",
            code="E-OUT-SAME",
            option=one.option,
            other=other.option,
            path=one.path,
        )


def _device(path: Path) -> bool:
    """Whether it is something like /dev/null."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _can_be_written(output: _Output) -> None:
    """Try it, and leave everything as it was.

    Raises:
        InputError: ``E-OUT-FOLDER``, ``E-OUT-LOCKED``.
    """
    path = output.path
    if output.folder != path.is_dir() and path.exists() and not _device(path):
        raise InputError(
            "{option} needs the name of a {en}, and {path} is none.",
            hint="Give another name.",
            zh="{option} 须给出{zh_kind}名，{path} 不是，请另行指定。",
            code="E-OUT-FOLDER",
            where=str(path),
            option=output.option,
            en="folder" if output.folder else "file",
            zh_kind="文件夹" if output.folder else "文件",
            path=path,
        )
    if path.is_file():
        try:
            with path.open("r+b"):
                pass
        except OSError as error:
            raise _refused("E-OUT-LOCKED", output, error) from error
    if _device(path):
        return
    folder = path if output.folder else path.parent
    try:
        while not folder.exists():
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _refused("E-OUT-FOLDER", output, error) from error


def _refused(code: str, output: _Output, error: OSError) -> InputError:
    reason = error.strerror or str(error)
    if code == "E-OUT-LOCKED":
        return InputError(
            "{option}: the file cannot be replaced ({reason}); it is probably open in Excel or WPS.",
            hint="Close it there, or choose another name.",
            zh="{option}：文件无法替换（{reason}），可能正在 Excel 或 WPS 中打开。请先关闭，或另取文件名。",
            code="E-OUT-LOCKED",
            where=str(output.path),
            option=output.option,
            reason=reason,
        )
    return InputError(
        "{option}: nothing can be written in this folder ({reason}).",
        hint="Choose another folder, or ask for the right to write here.",
        zh="{option}：无法写入该文件夹（{reason}）。请另选文件夹，或取得写入权限。",
        code="E-OUT-FOLDER",
        where=str(output.path),
        option=output.option,
        reason=reason,
    )


def replace_option(command: Any) -> Any:
    """Give a command the option by which a file that is there may be written over."""
    return click.option("--replace", is_flag=True, help="Write over a file that is there already.")(command)


def refuse_existing(path: Path, *, replace: bool) -> None:
    """Refuse to write over a file that may hold somebody's entries.

    Raises:
        InputError: ``E-OUT-EXISTS``.
    """
    if path.exists() and not replace and not _device(path):
        raise InputError(
            "There is a file {path} already, and it may hold somebody's entries.",
            hint="Give another name, or add --replace to write over it.",
            zh="已有文件 {path}，其中可能有已填写的内容。请另取文件名；确要覆盖的，请加 --replace。",
            code="E-OUT-EXISTS",
            where=str(path),
            path=path.name,
        )
