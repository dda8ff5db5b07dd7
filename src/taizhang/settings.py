"""Every setting, read once from the environment, with its help.

``docs/reference/settings.md`` lists them; ``tests/test_docs.py`` keeps that list complete.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from taizhang.errors import InputError

__all__ = ["SETTINGS", "Setting", "data_folder", "language"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its variable, its default, its allowed values and what it does."""

    name: str
    default: str
    allowed: tuple[str, ...]
    help: str


SETTINGS = (
    Setting("TAIZHANG_LANG", "zh", ("zh", "en"), "Language of messages and outputs: zh or en."),
    Setting("TAIZHANG_DATA", "~/.taizhang", (), "Folder for what is remembered, as the mappings of offices."),
)


def _value(setting: Setting, environment: Mapping[str, str]) -> str:
    value = environment.get(setting.name, setting.default)
    if setting.allowed and value not in setting.allowed:
        raise InputError(
            "Setting {name} cannot be '{value}'.",
            hint="Use one of {allowed}.",
            zh="设置 {name} 不能为“{value}”，可用：{allowed}。",
            code="E-SETTING",
            name=setting.name,
            value=value,
            allowed=", ".join(setting.allowed),
        )
    return value


def language(environment: Mapping[str, str] | None = None) -> str:
    """``zh`` or ``en``.

    Raises:
        InputError: ``E-SETTING`` another value.
    """
    return _value(SETTINGS[0], os.environ if environment is None else environment)


def data_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Where what is remembered is kept; it need not exist yet."""
    return Path(_value(SETTINGS[1], os.environ if environment is None else environment)).expanduser()
