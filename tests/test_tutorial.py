"""The tutorials say what the commands really print.

Every command of a tutorial is run; the block after it is its output, without the names of the
files written.  ``python -m tests.test_tutorial`` writes the blocks anew, to be read before they
are committed.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .terminal import taizhang

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"en": "docs/tutorial/one-estate.md", "zh": "docs/tutorial/one-estate.zh-CN.md"}
RUN = re.compile(r"```\n((?:taizhang|make demo)[^\n]*)\n```\n\n```\n(.*?)\n```", re.S)


def said(command: str, folder: Path, language: str) -> str:
    """What a command prints, in a folder of its own, without the lines that name files."""
    words = command.replace("make demo-files", "taizhang demo out/demo").split()[1:]
    done = taizhang(*words, language=language, folder=folder)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    return "\n".join(line.rstrip() for line in lines if not re.match(r"\s+.*\.(xlsx|html|docx|svg)$", line))


@pytest.mark.parametrize("language", sorted(PAGES))
def test_the_tutorial_shows_what_is_printed(language, tmp_path):
    text = (ROOT / PAGES[language]).read_text(encoding="utf-8")
    runs = RUN.findall(text)

    assert len(runs) >= 5
    if runs[0][0] != "make demo-files":  # which writes what the others read
        said("taizhang demo out/demo", tmp_path, language)
    for command, shown in runs:
        expected = "\n".join(line for line in shown.splitlines() if not re.match(r"\s+out/demo/", line))
        if "template" not in command:
            assert said(command, tmp_path, language) == expected, command


if __name__ == "__main__":
    import tempfile

    for language, page in PAGES.items():
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            said("taizhang demo out/demo", folder, language)

            def renew(found: re.Match[str], language: str = language, folder: Path = folder) -> str:
                command, shown = found.groups()
                if "template" in command:
                    return found.group(0)
                files = [line for line in shown.splitlines() if re.match(r"\s+out/demo/", line)]
                text = "\n".join([said(command, folder, language), *files])
                return f"```\n{command}\n```\n\n```\n{text}\n```"

            path = ROOT / page
            path.write_text(RUN.sub(renew, path.read_text(encoding="utf-8")), encoding="utf-8")
