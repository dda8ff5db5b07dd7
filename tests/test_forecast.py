"""``taizhang forecast``: a leader asks when estates will be done, and what more surveyors would change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from .terminal import taizhang

LAW = ("--law", "title-certificates-shandong", "--law", "demo-city-rules", "--as-of", "2024-01-28")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("city") / "城市.xlsx"
    assert taizhang("demo-city", path, "--estates", "8", "--units", "200", "--seed", "3").returncode == 0
    return path


@pytest.fixture(scope="module")
def log(city: Path) -> Path:
    path = city.with_name("办件记录.xlsx")
    assert taizhang("demo-log", path, "--pieces", "12000").returncode == 0
    return path


@pytest.mark.slow
def test_a_leader_asks_when_estates_will_be_done_and_what_more_surveyors_change(city, log, tmp_path):
    """Backtest first, then days with their certainty, bottlenecks, and the same runs with other desks."""
    found = tmp_path / "预测.json"

    told = taizhang("forecast", city, "--log", log, *LAW, "--runs", "40", "--json", found)

    assert told.returncode == 0, told.stderr
    result = json.loads(found.read_text(encoding="utf-8"))
    assert 0.7 <= result["backtest"]["within"]["p80"] <= 0.95
    assert f"回测：{result['backtest']['since']} 起收件的" in told.stdout
    assert told.stdout.index("回测") < told.stdout.index("80%: 202"), "no date before its backtest"
    for one in result["estates"]:
        assert one["p50"]["days"] <= one["p80"]["days"] <= one["p95"]["days"]
    last = max(result["estates"], key=lambda one: one["p80"]["days"])
    assert f"{last['name']}（{last['units']} 户，关键路径 {last['path_days']} 工作日）" in told.stdout
    assert str(last["p80"]["date"]) in told.stdout

    most = max(result["desks"], key=lambda one: one["pieces"])
    assert f"{most['desks']} 个台位，{most['pieces']} 件" in told.stdout
    more, one_desk = tmp_path / "更多台位.json", ("--desks", f"{most['supplier']}=1")
    supposed = *one_desk, "--more", f"{most['supplier']}=20", "--json", more
    after = taizhang("forecast", city, "--log", log, *LAW, "--runs", "40", *supposed)
    assert after.returncode == 0, after.stderr
    changed = json.loads(more.read_text(encoding="utf-8"))
    assert sum(one["change_days"] for one in changed["estates"]) < 0
    assert "等待变化 -" in after.stdout
    assert "各小区办结平均变化 -" in after.stdout
    assert "各单位台位，最忙的在前：" in after.stdout


def test_in_english_and_as_json_only(city, log):
    told = taizhang(
        "forecast", city, "--log", log, *LAW, "--runs", "20", "--first", "homes", "--json", "-", language="en"
    )

    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["first"] == "homes"
    assert "pieces of work finished" in told.stderr, "what was read of the log does not get into the JSON"


@pytest.mark.parametrize(
    ("option", "code", "said"),
    [
        (("--desks", "surveyr=2"), "E-FORECAST-SUPPLIER", "surveyor"),
        (("--desks", "surveyor=0"), "E-FORECAST-DESKS", "surveyor=2"),
        (("--desks", "surveyor"), "E-FORECAST-DESKS", "surveyor=2"),
        (("--more", "测绘单位=两个"), "E-FORECAST-DESKS", "测绘单位=2"),
        (("--desks", "surveyor=2", "--desks", "测绘单位=3"), "E-FORECAST-DESKS", "测绘单位=3"),
    ],
)
def test_slips_are_said_before_anything_is_read(tmp_path, option, code, said):
    told = taizhang("forecast", tmp_path / "no.xlsx", "--log", tmp_path / "no.csv", *option)

    assert told.returncode == 2
    assert code in told.stderr
    assert said in told.stderr


def test_without_enough_finished_work_no_date_is_told(city, tmp_path):
    short = tmp_path / "记录.csv"
    short.write_text("item,received,ended\ndeed_tax_recept,2023-03-01,2023-03-06\n", encoding="utf-8")

    told = taizhang("forecast", city, "--log", short, *LAW)

    assert told.returncode == 2
    assert "E-FORECAST-LOG" in told.stderr
    assert "2024-" not in told.stdout
    assert "deed_tax_receipt" in told.stdout, "why none of its rows could be used"


def test_what_of_a_log_could_not_be_used_is_told(city, log, tmp_path):
    """Rows that are not understood are counted and shown; the others are used."""
    rows = CalamineWorkbook.from_path(str(log)).get_sheet_by_index(0).to_python()
    rows[1][0], rows[2][4] = "不存在的材料", "月底"
    worse = tmp_path / "记录.csv"
    worse.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="utf-8")

    told = taizhang("forecast", city, "--log", worse, *LAW, "--runs", "20")

    assert told.returncode == 0, told.stderr
    assert "未采用 2 处" in told.stdout
    assert "记录!A2 '不存在的材料'" in told.stdout
    assert "C-LOG-ITEM" in told.stdout
    assert "记录!E3 '月底'" in told.stdout


def test_a_made_up_log_is_not_written_over_one_that_is_there(log):
    before = log.read_bytes()

    told = taizhang("demo-log", log)

    assert told.returncode == 2
    assert "E-OUT-EXISTS" in told.stderr
    assert log.read_bytes() == before
