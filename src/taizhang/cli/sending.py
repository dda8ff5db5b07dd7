"""What ``taizhang plan`` writes to be sent out: workbooks for each receiver, and the bulletin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from taizhang.cli.console import progress_bars, said
from taizhang.errors import InputError
from taizhang.exchange.excel.books import write_books
from taizhang.exchange.letters import Snapshot, read_plan_file, write_bulletin, write_plan_file
from taizhang.exchange.spreading import home_by_home
from taizhang.rules.terms import CityPlan
from taizhang.settings import language

__all__ = ["SendOut"]


@dataclass(frozen=True, slots=True)
class SendOut:
    """What is asked for besides the workbook; read before the work, so that a slip costs no time."""

    per: tuple[tuple[str, Path], ...]  #: county, street or department, and the folder for it
    bulletin: Path | None
    plan_file: Path | None
    since: Path | None
    earlier: Snapshot | None

    @classmethod
    def asked(
        cls,
        per: tuple[tuple[str, Path], ...],
        bulletin: Path | None,
        plan_file: Path | None,
        since: Path | None,
    ) -> SendOut:
        """Return what the options ask for.

        Raises:
            InputError: ``E-ARG-PER`` one folder for two kinds, ``E-ARG-SINCE`` without a bulletin,
                and what reading the earlier plan file may raise.
        """
        _folders_apart(per)
        if since and not bulletin:
            raise InputError(
                "--since is given without --bulletin.",
                hint="Add --bulletin OUT.docx, for which the weeks are compared.",
                zh="使用 --since 时须同时用 --bulletin 指定要写出的通报。",
                code="E-ARG-SINCE",
            )
        return cls(per, bulletin, plan_file, since, read_plan_file(since) if since else None)

    def write(self, city: CityPlan, *, quiet: bool) -> list[Path]:
        """Write it, and return the files; of many workbooks only their list of contents."""
        written: list[Path] = []
        if self.per or self.bulletin or self.plan_file:
            city = home_by_home(city)
        with progress_bars(quiet) as tell:
            for kind, folder in self.per:
                stage = said("写出分发簿", "writing books") + f" {folder.name}"
                made = write_books(kind, folder, city, language=language(), progress=partial(tell, stage))
                written.append(made[0])
        if self.bulletin:
            name = self.since.name if self.since else ""
            written.append(write_bulletin(self.bulletin, city, self.earlier, name))
        if self.plan_file:
            write_plan_file(self.plan_file, city)
            written.append(self.plan_file)
        return written


def _folders_apart(per: tuple[tuple[str, Path], ...]) -> None:
    """Refuse two kinds of workbooks in one folder: each has its list of contents."""
    folders = [folder.resolve() for _, folder in per]
    for folder in folders:
        if folders.count(folder) > 1:
            raise InputError(
                "--per is given the folder {folder} more than once.",
                hint="Give each kind a folder of its own.",
                zh="--per 多次使用同一文件夹 {folder}，请为每一类分发簿各指定一个文件夹。",
                code="E-ARG-PER",
                folder=folder.name,
            )
