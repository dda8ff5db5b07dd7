"""``taizhang backup``, ``restore`` and ``doctor``: all in one file, the way back, what is amiss."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from taizhang.cli.console import out, progress_bars, said
from taizhang.cli.office.installation import law_of
from taizhang.cli.outputs import Writing, Written
from taizhang.errors import TaizhangError
from taizhang.office.health import FAULT, FINE, NOTE, Check, examine
from taizhang.office.keeping.backing_up import back_up
from taizhang.office.keeping.placing import key_file
from taizhang.office.keeping.remembering import remember
from taizhang.office.keeping.restoring import restore as restore_backup
from taizhang.office.key_ring import KeyRing

__all__ = ["backup", "doctor", "restore"]


@click.command(cls=Writing)
@click.argument("file", type=Written(dir_okay=False))
@click.option("--with-keys", is_flag=True, help="Also the key file: who has the backup can then read all.")
def backup(file: Path, with_keys: bool) -> None:
    """Write the whole installation into one file: tables, attachments, law and secret, but not the keys.

    The office goes on working meanwhile.  The file is the same for SQLite and PostgreSQL and is restored into
    either.  Ends with 1, the file being written all the same, where attachments are missing.

    \b
    Example:
      taizhang backup /media/usb/taizhang.tar
    """
    moment, started = datetime.now(UTC), time.perf_counter()
    keys = key_file() if with_keys else None
    if keys:
        KeyRing.open(keys)  # one that cannot be used is refused before anything is written
    with _progress() as tell:
        told = back_up(file, now=moment, law=_law(moment), keys=keys, progress=tell)
    seconds = time.perf_counter() - started
    remember("backup", moment, file=str(file.absolute()), entry=told.manifest.entry, sha256=told.sha256)
    rows, files = sum(one.rows for one in told.manifest.tables), len(told.manifest.attachments)
    lines = [
        said(f"  已备份：{file}（{told.size:,} 字节）", f"  backup: {file} ({told.size:,} bytes)"),
        said(
            f"  {rows} 行，附件 {files} 个，用时 {seconds:.1f} 秒",
            f"  {rows} rows, {files} attachments, {seconds:.1f} s",
        ),
        said("  留痕末条：{} {}", "  head: {} {}").format(told.manifest.entry, told.manifest.head),
        _about_keys(with_keys),
    ]
    out.print("\n".join(lines), markup=False)
    if lacking := told.manifest.lacking:
        raise TaizhangError(
            "The backup is written, but {count} attachments are missing or spoilt, first {first}.",
            hint="Put them back from an earlier backup.",
            zh="备份已写出，但台账登记的附件有 {count} 个缺失或损坏，首个为 {first}；请从更早的备份中找回。",
            code="E-BACKUP-LACKS",
            count=len(lacking),
            first=lacking[0],
        )


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(file: Path) -> None:
    """Restore a backup into an empty data folder, and an empty database, whole or not at all.

    Nothing is ever overwritten.  Afterwards every table, every attachment and the head of the journal are
    those of the backup, and the ledger is compared with its journal as `taizhang verify` does.

    \b
    Example:
      TAIZHANG_DATA=/srv/taizhang taizhang restore /media/usb/taizhang.tar
    """
    started = time.perf_counter()
    with _progress() as tell:
        told = restore_backup(file, keys=key_file(), progress=tell)
    manifest, seconds = told.manifest, time.perf_counter() - started
    rows, files = sum(one.rows for one in manifest.tables), len(manifest.attachments)
    lines = [
        said(
            f"  已恢复 {manifest.made_at} 的备份：{rows} 行，附件 {files} 个，用时 {seconds:.1f} 秒",
            f"  restored the backup of {manifest.made_at}: {rows} rows, {files} attachments, {seconds:.1f} s",
        ),
        said(
            f"  留痕 {manifest.entry} 条，核对 {told.rows} 行，未发现不符",
            f"  {manifest.entry} entries, {told.rows} rows compared: nothing was changed or lost",
        ),
        said(f"  末条摘要：{manifest.head}", f"  head: {manifest.head}"),
    ]
    if not told.keys:
        lines.append(
            said(
                f"  还差密钥文件：请将另存的一份放到 {key_file()}",
                f"  the keys are still missing: put their copy at {key_file()}",
            )
        )
    out.print("\n".join(lines), markup=False)


def _about_keys(included: bool) -> str:
    if included:
        return said(
            "  含密钥文件：拿到此备份的人可以读出全部个人信息，请妥善保管",
            "  with the keys: whoever has this file can read all personal data",
        )
    return said(
        f"  不含密钥文件 {key_file()}：请与备份分开、另存一份，缺少它个人信息无法恢复",
        f"  without the keys {key_file()}: keep a copy elsewhere; what is sealed is lost without it",
    )


def _law(moment: datetime) -> dict[str, Any]:
    """What the installation plans by; a pack that cannot be read is no reason to keep nothing."""
    law = law_of()
    told: dict[str, Any] = asdict(law)
    try:
        told["lock"] = [list(one) for one in law.on(law.today(moment)).lock]
    except TaizhangError as error:
        told["unreadable"] = error.say("en")
    return told


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    words = {"tables": said("数据表", "tables"), "attachments": said("附件", "attachments")}
    with progress_bars() as tell:
        yield lambda stage, done, total: tell(words[stage], done, total)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def doctor(as_json: bool) -> None:
    """Look at everything the installation needs, and say what to do: fine, take note, or at fault.

    Ends with 0 where nothing is at fault, else with the status of the first fault's kind of error.

    \b
    Example:
      taizhang doctor
    """
    checks = list(examine(datetime.now(UTC)))
    if as_json:
        told = [
            {
                "id": one.id,
                "state": one.state,
                "label": said(one.label.zh, one.label.en),
                "found": said(one.found.zh, one.found.en),
                "next": said(one.next.zh, one.next.en),
            }
            for one in checks
        ]
        click.echo(json.dumps({"checks": told}, ensure_ascii=False))
    else:
        for one in checks:
            _tell(one)
    sys.exit(next((one.exit_status for one in checks if one.state == FAULT), 0))


def _tell(check: Check) -> None:
    words = {FINE: said("正常", "fine"), NOTE: said("注意", "note"), FAULT: said("故障", "fault")}
    styles = {FINE: "green", NOTE: "yellow", FAULT: "red"}
    out.print(f"  {words[check.state]}  ", style=styles[check.state], end="")
    out.print(f"{said(check.label.zh, check.label.en)}  {said(check.found.zh, check.found.en)}", markup=False)
    if check.next.zh:
        out.print(f"        → {said(check.next.zh, check.next.en)}", markup=False)
