"""What is asked of a what-if is understood, or refused with what was meant, before it is computed."""

from __future__ import annotations

import json
import re
import shlex
import sys
from datetime import date
from pathlib import Path

import pytest

from taizhang.cli.mappings import Mappings
from taizhang.cli.naming import path_of
from taizhang.cli.worlds import Worlds
from tests.terminal import Done, taizhang

LAW = ("--law", "title-certificates-shandong", "--law", "demo-city-rules", "--as-of", "2024-01-28")
RESALE = ("--enable", "transfer_cause.resale_chain")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up city of four estates."""
    path = tmp_path_factory.mktemp("city") / "台账.xlsx"
    done = taizhang("demo-city", path, "--estates", "4", "--units", "300", "--seed", "3")
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture
def planless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be planned: a slip is said right after reading."""

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("planned before the question was understood")

    monkeypatch.setattr(sys.modules["taizhang.cli.whatif"], "what_if", forbidden)
    monkeypatch.setattr(sys.modules["taizhang.cli.leverage"], "drawn", forbidden)


def whatif(city: Path, *words: object, language: str = "zh") -> Done:
    return taizhang("whatif", city, *LAW, *words, language=language)


@pytest.fixture(scope="module")
def home(city: Path) -> tuple[str, str, str]:
    """Estate, building and unit of a home whose estate has two buildings with a unit of that name."""
    worlds = Worlds.of("title-certificates", LAW[1:4:2], date(2024, 1, 28), ())
    pack = worlds.before_pack
    worlds = worlds.reading((city,), Mappings(None, ()), lambda *_: None)
    for dossier in worlds.dossiers:
        named: dict[str, str] = {}
        for place in dossier.places.values():
            path = path_of(dossier, place.id)
            if place.level == pack.levels[-1]:
                if place.name in named:
                    estate, building, unit = named[place.name].split("/")
                    return estate, building, unit
                named[place.name] = path
    raise AssertionError("no such home")


@pytest.mark.usefixtures("planless")
@pytest.mark.parametrize("command", ["whatif", "leverage"])
def test_a_home_that_is_misspelt_is_answered_with_those_like_it(command, city, home):
    estate, building, unit = home
    words = RESALE if command == "whatif" else ()
    for wrong in (f"{estate[:-1]}園/{building}/{unit}", f"{estate}/{building}/{unit}9"):
        done = taizhang(command, city, *LAW, *words, "--why", wrong)
        assert done.returncode == 2, done.stderr
        assert "[E-WHATIF-PLACE]" in done.stderr
        assert f"是否应为：{estate}/{building}/" in done.stderr


@pytest.mark.usefixtures("planless")
def test_a_home_of_which_there_are_several_is_not_guessed(city, home):
    """Without its building the first one used to be taken."""
    estate, building, unit = home
    done = whatif(city, *RESALE, "--why", f"{estate}/{unit}")

    assert "[E-WHATIF-PLACE]" in done.stderr
    assert f"{estate}/{building}/{unit}" in done.stderr


@pytest.mark.usefixtures("planless")
def test_a_paper_at_a_place_that_is_misspelt_is_answered_with_the_places_like_it(city, home):
    estate, building, _ = home
    done = whatif(city, "--supply", f"developer_tax_certificate@{estate[:-1]}園")
    assert "[E-WHATIF-PLACE]" in done.stderr
    assert f"是否应为：developer_tax_certificate@{estate}" in done.stderr

    done = whatif(city, "--supply", f"address_certificate@{estate}/{building[:-1]}栋", language="en")
    assert f"Did you mean: address_certificate@{estate}" in done.stderr
    assert f"address_certificate@{estate}/{building}" in done.stderr


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("--enable", "转卖链条专题处理"), "transfer_cause.resale_chain"),
        (("--enable", "登记原因证明文件·转卖链条专题处理"), "transfer_cause.resale_chain"),
        (("--supply", "地籍调查成果@某小区"), "parcel_survey"),
        (("--set", "契税法定税率=0.01"), "deed_tax_rate"),
    ],
)
def test_a_name_in_words_finds_its_id_before_any_ledger_is_read(words, meant, tmp_path):
    """Officers know the label; the file does not even exist."""
    done = whatif(tmp_path / "none.xlsx", *words)

    assert "[E-WHATIF-NAME]" in done.stderr
    assert meant in done.stderr


def test_the_set_that_is_found_can_be_simulated_by_the_line_that_is_told(tmp_path):
    """The last line is copied as it stands: ids, places, law and day are in it, and it does what was said."""
    city = tmp_path / "城市 台账.xlsx"  # with a blank in its name
    assert taizhang("demo-city", city, "--estates", "10", "--units", "260", "--seed", "3").returncode == 0
    done = taizhang("leverage", city, "-k", "8", "--law", LAW[1], "--overlay", LAW[3], *LAW[4:])
    assert done.returncode == 0, done.stderr
    words = shlex.split(done.stdout.splitlines()[-1].partition("：")[2])
    assert words[:3] == ["taizhang", "whatif", str(city)]
    options = [" ".join(pair) for pair in zip(words[3::2], words[4::2], strict=True)]
    supposed = [one for one in options if one.startswith(("--enable", "--supply"))]
    assert supposed
    for one in supposed:
        assert f"{one}；" in done.stdout or f"{one}）" in done.stdout  # beside its label

    again = taizhang(*words[1:], "--json", "-")
    assert again.returncode == 0, again.stderr
    told = json.loads(again.stdout)
    assert told["unlocked"] + told["eased"] > 0
    assert len(told["suppositions"]) == len(supposed)
    assert not told["notices"]


def test_what_is_so_already_and_what_is_said_twice_is_told(city):
    done = whatif(
        city,
        *("--overlay", "demo-city-rules", "--enable", "transfer_cause.inheritance"),
        *("--set", "deed_tax_rate=0.03", *RESALE, *RESALE),
    )
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stdout.splitlines() if line.startswith("--")]
    assert told == [
        "--enable transfer_cause.resale_chain 重复给出，只计一次。",
        "--overlay demo-city-rules 现已如此，推演不会带来变化。",
        "--enable transfer_cause.inheritance 现已如此，推演不会带来变化。",
        "--set deed_tax_rate=0.03 现已如此，推演不会带来变化。",
    ]
    assert not [line for line in whatif(city, *RESALE).stdout.splitlines() if line.startswith("--")]


@pytest.mark.parametrize(
    "words",
    [
        ("--set", "deed_tax_rate=0.01", "--set", "deed_tax_rate=0.02"),
        ("--require", "transfer_cause.resale_chain.parcel_survey",
         "--waive", "transfer_cause.resale_chain.parcel_survey"),
    ],
)  # fmt: skip
def test_suppositions_that_contradict_each_other_are_refused(words, tmp_path):
    for language in ("zh", "en"):
        done = whatif(tmp_path / "none.xlsx", *words, language=language)
        assert "[E-WHATIF-CONTRARY]" in done.stderr
        assert f"{words[0]} {words[1]}" in done.stderr


def test_what_the_ledger_says_wrongly_is_counted_in_one_line(city, tmp_path):
    """A plan complains at length; these commands say that there is something, and where to see it."""
    from openpyxl import load_workbook

    book = load_workbook(city)
    sheet = book.worksheets[0]
    last = sheet.max_column + 1
    row = next(row for row in range(1, 20) if sheet.cell(row, 1).value and sheet.cell(row, 3).value)
    sheet.cell(row, last).value = "完全未知的一列"
    sheet.cell(sheet.max_row, last).value = "x"
    path = tmp_path / "台账.xlsx"
    book.save(path)
    for words in (("whatif", path, *LAW, *RESALE), ("leverage", path, "-k", "1", *LAW)):
        done = taizhang(*words)
        assert done.returncode == 0, done.stderr
        assert len([line for line in done.stdout.splitlines() if "1 列未识别" in line]) == 1
    assert "未识别" not in whatif(city, *RESALE).stdout


def test_long_work_says_where_it_is_though_nobody_watches_a_terminal(city, monkeypatch):
    """Lines to stderr by stages; the answer stays clean, and short work says nothing."""
    assert whatif(city, *RESALE).stderr == ""
    monkeypatch.setattr("taizhang.cli.console._BETWEEN_LINES", 0.0)

    done = taizhang("leverage", city, "-k", "2", *LAW)

    stages = [line.split(" ")[0] for line in done.stderr.splitlines()]
    assert list(dict.fromkeys(stages)) == ["读取台账", "测算方案", "比较组合"]
    assert "测算方案" not in done.stdout
    assert taizhang("leverage", city, "-k", "2", *LAW, "--json", "-").stderr == ""


def test_the_list_of_the_pack_has_the_ids_that_the_messages_send_for():
    told = taizhang("pack", "show").stdout
    for name in ("transfer_cause.resale_chain", "parcel_survey", "deed_tax_rate"):
        assert f"({name}" in told


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_example_of_the_first_page_shows_something(page, tmp_path):
    """A newcomer's first what-if must not answer 0, 0, 0."""
    text = (Path(__file__).parents[1] / page).read_text(encoding="utf-8")
    line = next(one for one in text.splitlines() if ".venv/bin/taizhang whatif" in one)
    words = shlex.split(line.partition("#")[0])
    options = words[3 : words.index("--report")]
    city = tmp_path / "city.xlsx"
    assert taizhang("demo-city", city, "--estates", "10", "--units", "260", "--seed", "3").returncode == 0

    done = taizhang("whatif", city, *options, "--as-of", "2024-01-28", "--json", "-")

    told = json.loads(done.stdout)
    assert told["unlocked"] + told["eased"] > 0
    assert all("--law" in one for one in text.splitlines() if ".venv/bin/taizhang leverage" in one)


def test_report_and_json_tell_the_ledger_the_law_the_building_and_the_answer(city, home, tmp_path):
    """A reader of the report alone knows what it is of, and can tell two homes of one number apart."""
    where, report, result = "/".join(home), tmp_path / "推演.html", tmp_path / "推演.json"
    done = whatif(city, *RESALE, *("--supply", "parcel_survey", "--why", where),
                  *("--report", report, "--json", result))  # fmt: skip
    assert done.returncode == 0, done.stderr
    page, told = report.read_text(encoding="utf-8"), json.loads(result.read_text(encoding="utf-8"))

    head = page.partition("<main>")[0]
    assert "台账：台账.xlsx" in head
    assert "已在执行的地方规则和决定：title-certificates-shandong、demo-city-rules" in head
    rows = re.findall(r"<tr><td>(.+?)</td><td>(.+?)</td><td>(.+?)</td>", page.partition('id="homes"')[2])
    assert len(rows) == told["unlocked"] + told["eased"] + told["harmed"] > 0
    assert len(set(rows)) == len(rows)
    assert all(building.endswith("幢") for _, building, _ in rows)

    assert told["ledgers"] == ["台账.xlsx"]
    assert told["law"] == ["title-certificates-shandong", "demo-city-rules"]
    assert told["why"]["home"] == where
    assert f"{where}：现在" in page and f"{where}：现在" in done.stdout

    done = taizhang("leverage", city, "-k", "1", *LAW, "--why", where, "--json", "-")
    assert json.loads(done.stdout)["why"]["home"] == where
