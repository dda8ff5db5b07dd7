"""``taizhang keys rotate`` and ``taizhang household erase``: the keys of personal data, and forgetting."""

from __future__ import annotations

import click

from taizhang.cli.console import out, said
from taizhang.cli.office.installation import actor, now, require_ready
from taizhang.office.households import admit_new_holder, erase_household, rotate_keys
from taizhang.office.keeping.placing import key_file

__all__ = ["household", "keys"]


@click.group()
def keys() -> None:
    """The keys under which personal data are sealed.

    \b
    Example:
      taizhang keys rotate
    """


@keys.command()
@click.option("--drop", is_flag=True, help="Take the keys before out of the file: older backups stay sealed.")
def rotate(drop: bool) -> None:
    """Make a new key and wrap every person's key by it; no sealed text changes.

    The keys before stay in the file, so that backups of before can be read.  Copy the file again afterwards.

    \b
    Example:
      taizhang keys rotate
    """
    require_ready()
    told = rotate_keys(actor=actor(), now=now(), drop=drop)
    lines = [
        said(
            f"  已换用新密钥 {told.key}，涉及 {told.people} 人",
            f"  new key {told.key}, wrapping the keys of {told.people} people",
        ),
        said(f"  密钥文件：{key_file()}，请重新另存一份", f"  key file: {key_file()}; copy it again"),
    ]
    if told.dropped:
        gone = "、".join(told.dropped)
        lines.append(
            said(
                f"  已移除旧密钥：{gone}；此前的备份若无旧密钥文件将无法读取个人信息",
                f"  dropped: {gone}; backups of before can be read only with a copy of the old key file",
            )
        )
    out.print("\n".join(lines), markup=False)


@click.group()
def household() -> None:
    """The people of a unit.

    \b
    Example:
      taizhang household erase 4711 --reason 本人申请删除
    """


@household.command()
@click.argument("unit", type=int)
@click.option("--reason", required=True, help="Why; it is kept in the journal.")
def erase(unit: int, reason: str) -> None:
    """Destroy the key of a household: its data cannot be read again, here or in the journal.

    UNIT is the number that stands on the page of the unit.  Backups hold the key of their day.

    \b
    Example:
      taizhang household erase 4711 --reason 本人申请删除
    """
    require_ready()
    erase_household(unit, reason=reason, actor=actor(), now=now())
    out.print(
        said(
            f"  户 {unit} 的个人信息已删除，无法恢复；此前的备份中仍有其密钥",
            f"  the personal data of unit {unit} are erased for good; backups of before still hold their key",
        ),
        markup=False,
    )


@household.command("new-holder")
@click.argument("unit", type=int)
@click.option("--reason", required=True, help="Why; it is kept in the journal.")
def new_holder(unit: int, reason: str) -> None:
    """Let a unit whose household was erased have a new one, from the next ledger that names its holder.

    \b
    Example:
      taizhang household new-holder 4711 --reason 房屋已转让
    """
    require_ready()
    admit_new_holder(unit, reason=reason, actor=actor(), now=now())
    out.print(
        said(
            f"  户 {unit} 可以登记新的权利人；请导入写明新权利人的台账，不要再导入旧台账",
            f"  unit {unit} may have a new holder: import a ledger that names them, and no older one",
        ),
        markup=False,
    )
