"""Every list a reader relies on is complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from taizhang.cli import taizhang
from taizhang.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "src").rglob("*.py"))]


def codes_in_source() -> set[str]:
    found: set[str] = set()
    for text in SOURCES:
        found |= set(re.findall(r'"([EC]-[A-Z][A-Z0-9-]+)"', text))
    rules = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "src/taizhang/rules").glob("*.py"))
    )
    found |= {f"E-PACK-{code}" for code in re.findall(r'"(E\d\d)"', rules)}
    found |= set(re.findall(r'"(W\d\d)"', rules))
    return found


def test_every_code_that_can_be_said_is_explained():
    text = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`([ECW][A-Z0-9-]+)`", text))

    assert codes_in_source() - explained == set()


def test_every_setting_is_listed_with_its_default():
    text = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")

    for setting in SETTINGS:
        assert f"| `{setting.name}` | `{setting.default}` |" in text


def commands() -> list[str]:
    names = []
    for name, command in taizhang.commands.items():
        below = getattr(command, "commands", None)
        names += [f"{name} {one}" for one in below] if below else [name]
    return names


@pytest.mark.parametrize("name", commands())
def test_every_command_is_documented_and_shows_an_example(name):
    text = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    command = taizhang
    for part in name.split():
        command = command.commands[part]  # type: ignore[attr-defined]

    assert f"## `taizhang {name}" in text
    assert "Example:" in (command.help or "")
    for option in command.params:
        if option.param_type_name == "option":
            assert option.opts[-1] in text


@pytest.mark.parametrize(
    "page", [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "README.zh-CN.md"]
)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
