"""``taizhang verify`` and ``taizhang anchor``: was anything changed, and the head to keep elsewhere.

Reads from: ``verify``, ``settings``.  Read by: ``cli``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import click

from taizhang.cli.console import out, said, today
from taizhang.cli.outputs import Writing, Written
from taizhang.errors import InputError
from taizhang.settings import database, setting
from taizhang.verify import Verdict, read_anchors
from taizhang.verify import verify as verify_ledger

__all__ = ["anchor", "verify"]

_SHOWN = 20  # findings at the terminal; --json tells all


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON, with every finding.")
@click.option(
    "--anchor",
    "anchors",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="File of heads that was kept elsewhere; see `taizhang anchor`.",
)
def verify(as_json: bool, anchors: Path | None) -> None:
    """Prove that nothing in the ledger was changed or lost behind the office's back.

    Recomputes the journal, rebuilds every row from it and compares.  Ends with 1 where something is not
    as the journal says.  Without an anchor it cannot see that a copy of yesterday was put back.

    Example:  taizhang verify --anchor /media/usb/anchors.txt
    """
    start = time.perf_counter()
    verdict = _verified(_kept(anchors) if anchors else ())
    if as_json:
        click.echo(json.dumps(asdict(verdict), ensure_ascii=False))
    else:
        _report(verdict, time.perf_counter() - start)
    if verdict.findings:
        sys.exit(1)


@click.command(cls=Writing)
@click.option(
    "-o",
    "--output",
    type=Written(dir_okay=False),
    help="Also add the line to this file, on a disc or machine that the ledger's keeper cannot write.",
)
def anchor(output: Path | None) -> None:
    """Print the head of the journal: day, entry and digest, to be kept elsewhere.

    Nothing is recorded in the ledger; a journal in which something is wrong is given no anchor.

    Example:  taizhang anchor -o /media/usb/anchors.txt
    """
    verdict = _verified(())
    if verdict.findings:
        _report(verdict, None)
        sys.exit(1)
    line = f"{today()} {verdict.entries} {verdict.head}"
    if not verdict.entries:
        raise InputError(
            "The journal has no entries yet.",
            hint="Import a ledger first.",
            zh="尚无留痕，请先导入台账。",
            code="E-ANCHOR-EMPTY",
        )
    if output:
        with output.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        # for `taizhang doctor`; loaded here, for it needs Django, which `verify` does without
        import_module("taizhang.office.keeping.remembering").remember("anchor", datetime.now(UTC))
    click.echo(line)


def _verified(anchors: Sequence[tuple[int, str]]) -> Verdict:
    told = database()
    address = told["NAME"] if told["ENGINE"].endswith("sqlite3") else setting("TAIZHANG_DATABASE")
    try:
        return verify_ledger(address, anchors)
    except OSError as error:
        raise InputError(
            "The ledger cannot be read: {why}.",
            hint="Run `taizhang init` first, or set TAIZHANG_DATA or TAIZHANG_DATABASE.",
            zh="读不到台账数据库（{why}）。请先运行 taizhang init，或检查 TAIZHANG_DATA、TAIZHANG_DATABASE。",
            code="E-NO-LEDGER",
            where=told["NAME"],
            why=str(error),
        ) from None


def _kept(path: Path) -> list[tuple[int, str]]:
    try:
        return read_anchors(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise InputError(
            "This is no file of anchors: {why}.",
            hint="Give the file that `taizhang anchor -o` wrote.",
            zh="这不是留痕锚点文件（{why}），请使用 taizhang anchor -o 写出的文件。",
            code="E-ANCHOR",
            where=str(path),
            why=str(error),
        ) from None


def _report(verdict: Verdict, seconds: float | None) -> None:
    found = len(verdict.findings)
    if seconds is not None:
        out.print(
            said(
                f"留痕 {verdict.entries} 条，核对 {verdict.rows} 行，用时 {seconds:.1f} 秒。",
                f"{verdict.entries} entries, {verdict.rows} rows compared, {seconds:.1f} s.",
            )
        )
        out.print(said(f"末条摘要：{verdict.head}", f"Head: {verdict.head}"))
    if not found:
        out.print(said("未发现改动或缺失。", "Nothing was changed or lost."))
        return
    out.print(said(f"发现 {found} 处不符：", f"{found} things are not as the journal says:"), style="red")
    for one in verdict.findings[:_SHOWN]:
        told = f"{one.where}: {said(one.zh, one.en)} [{one.code}]"
        out.print(f"  {told.encode('utf-8', 'backslashreplace').decode()}", markup=False)
    if found > _SHOWN:
        more = found - _SHOWN
        out.print(said(f"  另有 {more} 处，见 --json。", f"  and {more} more: see --json."))
