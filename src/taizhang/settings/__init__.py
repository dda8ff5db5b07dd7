"""Every setting, read once from the environment, with its help.

``docs/reference/settings.md`` lists them; ``tests/test_docs.py`` keeps that list complete.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from taizhang.errors import InputError

__all__ = ["SETTINGS", "Setting", "data_folder", "database", "language", "proxies", "setting"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its variable, its default, its allowed values and what it does."""

    name: str
    default: str
    allowed: tuple[str, ...]
    help: str


SETTINGS = (
    Setting("TAIZHANG_LANG", "zh", ("zh", "en"), "Language of messages and outputs: zh or en."),
    Setting(
        "TAIZHANG_DATA",
        "~/.taizhang",
        (),
        "Folder of the installation: database, keys, attachments, and the mappings of offices.",
    ),
    Setting(
        "TAIZHANG_DATABASE",
        "",
        (),
        "postgresql://user:password@host:port/name; empty: taizhang.sqlite3 in the data folder.",
    ),
    Setting(
        "TAIZHANG_KEYS",
        "",
        (),
        "File of the keys of personal data; empty: keys.json in the data folder. Keep a copy elsewhere.",
    ),
    Setting(
        "TAIZHANG_HOSTS", "localhost,127.0.0.1", (), "Host names under which the pages may be asked for."
    ),
    Setting(
        "TAIZHANG_HTTPS",
        "no",
        ("yes", "no"),
        "yes: a proxy before the server speaks https and says so in X-Forwarded-Proto.",
    ),
    Setting(
        "TAIZHANG_PROXIES",
        "0",
        (),
        "How many trusted proxies stand before the server; each adds an address to X-Forwarded-For.",
    ),
)
_MOST_PROXIES = 9


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


def setting(name: str, environment: Mapping[str, str] | None = None) -> str:
    """The value of a setting by its variable.

    Raises:
        InputError: ``E-SETTING`` a value that is not allowed.
        KeyError: No such setting.
    """
    found = {one.name: one for one in SETTINGS}[name]
    return _value(found, os.environ if environment is None else environment)


def language(environment: Mapping[str, str] | None = None) -> str:
    """``zh`` or ``en``.

    Raises:
        InputError: ``E-SETTING`` another value.
    """
    return _value(SETTINGS[0], os.environ if environment is None else environment)


def proxies(environment: Mapping[str, str] | None = None) -> int:
    """How many trusted proxies stand before the server.

    Raises:
        InputError: ``E-SETTING`` no number from 0 to 9.
    """
    told = setting("TAIZHANG_PROXIES", environment)
    if not (told.isascii() and told.isdecimal()) or int(told) > _MOST_PROXIES:
        raise InputError(
            "Setting TAIZHANG_PROXIES cannot be '{value}'.",
            hint="Write how many proxies of yours stand before the server, 0 to {most}.",
            zh="设置 TAIZHANG_PROXIES 不能为“{value}”；请填写服务器前自有代理的层数，0 至 {most}。",
            code="E-SETTING",
            value=told,
            most=_MOST_PROXIES,
        )
    return int(told)


def data_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Where what is remembered is kept; it need not exist yet."""
    return Path(_value(SETTINGS[1], os.environ if environment is None else environment)).expanduser()


def database(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Where the ledger is kept, in the words of Django: ``ENGINE``, ``NAME`` and so on.

    Raises:
        InputError: ``E-SETTING`` no address of a PostgreSQL database.
    """
    address = setting("TAIZHANG_DATABASE", environment)
    if not address:
        path = data_folder(environment) / "taizhang.sqlite3"
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}
    parts = urlsplit(address)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgresql", "postgres"} or not name:
        raise InputError(
            "Setting TAIZHANG_DATABASE is not the address of a PostgreSQL database.",
            hint="Write postgresql://user:password@host:port/name, or leave it empty for SQLite.",
            zh="设置 TAIZHANG_DATABASE 不是 PostgreSQL 地址；请写作 postgresql://用户:口令@主机:端口/库名，"
            "或留空使用 SQLite。",
            code="E-SETTING",
        )
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
    }
