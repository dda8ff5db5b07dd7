"""A command line that is written wrongly, said as every other error is: in the language set, with a code.

Reads from: ``console``.  Read by: ``cli``.
"""

from __future__ import annotations

import click

from taizhang.errors import InputError

__all__ = ["wrongly_written"]


def wrongly_written(error: click.UsageError) -> InputError:
    """The error of click as one of ours: ``E-USAGE``."""
    command = error.ctx.command_path if error.ctx else "taizhang"
    return InputError(
        "{english}",
        hint="See '{command} --help'.",
        zh="{chinese}用法见 {command} --help。",
        code="E-USAGE",
        english=error.format_message(),
        chinese=_chinese(error),
        command=command,
    )


def _chinese(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        near = "、".join(error.possibilities or ())
        return f"没有选项 {error.option_name}。" + (f"是否应为 {near}？" if near else "")
    if isinstance(error, click.MissingParameter):
        return f"缺少{_named(error)}。"
    if isinstance(error, click.BadParameter):
        return f"{_named(error)}的取值不对：{_wanted(error)}。"
    if error.message.startswith("No such command"):
        return f"没有命令 {error.message.removeprefix('No such command ').rstrip('.')}。"
    if error.message.startswith("Got unexpected extra argument"):
        return f"多出了参数 {error.message.partition('(')[2].rstrip(')')}。"
    return f"命令写法有误：{error.message}"


def _named(error: click.BadParameter) -> str:
    """The option or argument."""
    one = error.param
    if isinstance(one, click.Option):
        return f"选项 {one.opts[-1]} "
    return f"参数 {str(one.name).upper()} " if one else "参数"


def _wanted(error: click.BadParameter) -> str:
    """What the value should be."""
    kind = error.param.type if error.param else None
    if isinstance(kind, click.IntRange):
        return f"须为 {kind.min} 至 {kind.max} 的整数"
    if isinstance(kind, click.Choice):
        return f"须为 {'、'.join(map(str, kind.choices))} 之一"
    if kind is click.INT:
        return "须为整数"
    if isinstance(kind, click.Path) and "does not exist" in error.message:
        return "没有这个文件或文件夹"
    if isinstance(kind, click.Path) and "is a directory" in error.message:
        return "须为文件，所给的是文件夹"
    if isinstance(kind, click.Path) and "is a file" in error.message:
        return "须为文件夹，所给的是文件"
    return error.message.rpartition(" / ")[2].rstrip("。.")
