"""A slip at the command line is answered as every other error: in the language set, with a code."""

from __future__ import annotations

import pytest

from tests.terminal import taizhang


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("leverage", "x.xlsx", "-k", "99"), "选项 -k 的取值不对：须为 1 至 30 的整数。"),
        (("leverage", "x.xlsx", "-k", "三"), "选项 -k 的取值不对：须为 1 至 30 的整数。"),
        (("plan",), "缺少参数 LEDGERS 。"),
        (("plan", "x.xlsx", "--as-of", "2024年"), "选项 --as-of 的取值不对：日期请写作 2024-01-28。"),
        (("plan", "x.xlsx", "--prefer", "best"), "须为 cheapest、fewest、fastest 之一。"),
        (("plan", "x.xlsx", "--repport", "y"), "没有选项 --repport。是否应为 --report"),
        (("plam", "x.xlsx"), "没有命令 'plam'"),
        (("template", "x.xlsx", "y.xlsx"), "多出了参数 y.xlsx。"),
        (("import", "nowhere.xlsx"), "参数 LEDGERS 的取值不对：没有这个文件或文件夹。"),
    ],
)
def test_a_command_that_is_written_wrongly_is_explained(words, told):
    done = taizhang(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert done.stderr.endswith("--help。 [E-USAGE]\n")
    assert "Error" not in done.stderr

    done = taizhang(*words, language="en")
    assert done.returncode == 2
    assert done.stderr.endswith("--help'. [E-USAGE]\n")


def test_help_and_version_are_as_they_were():
    assert taizhang("--version").returncode == 0
    assert "Usage:" in taizhang("plan", "--help").stdout
    done = taizhang()
    assert done.returncode == 2 and "Usage:" in done.stderr and "E-USAGE" not in done.stderr
