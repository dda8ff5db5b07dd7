"""The 处置方案: opens everywhere, says what the plan says, and has a safe name."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document
from docx.shared import Mm
from tests.exchange import report_builder as build

from taizhang.exchange.letters import write_letters
from taizhang.exchange.letters.names import file_names

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
HOSTILE = (
    "CON",
    "a/b",
    "../x",
    "a\\b",
    "小区\x00\n名",
    "NUL.txt",
    "x" * 300,
    " . ",
    "a_b",
    "A/B",
    "<script>",
    "小区\u202egpj",
)


def words_of(path: Path) -> str:
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.fixture
def letters(tmp_path: Path) -> list[Path]:
    return write_letters(tmp_path / "letters", build.make_city())


def test_there_is_one_for_every_estate_in_their_order(letters):
    assert [path.name for path in letters] == [
        "处置方案_东昌府区_湖滨花园小区.docx",
        "处置方案_东昌府区_针织厂家属院（南区）.docx",
        "处置方案_东昌府区_柳园新村.docx",
    ]


def test_the_page_is_that_of_an_official_paper(letters):
    section = Document(str(letters[0])).sections[0]
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)

    assert [round(side.mm) for side in margins] == [37, 35, 28, 26]
    size = (section.page_width, section.page_height)

    assert size == pytest.approx((Mm(210), Mm(297)), rel=1e-3)


def test_it_says_what_the_plan_says(letters):
    text = words_of(letters[0])

    for part in (
        "一、基本情况", "二、存在问题", "三、办理路径", "四、缺项与责任清单", "五、费用与资金",
        "六、时间安排", "七、待核实事项", "八、备选路径", "九、附注",
    ):  # fmt: skip
        assert part in text
    assert "★地籍调查成果（宗地图、界址点）（全小区）" in text
    assert "王建国" in text
    assert "2024.2.12" in text
    assert "替代" in text
    assert "待核实" in text
    assert "未知（2 项）" in text
    assert "不是法律文书" in text


def test_a_blocked_estate_says_what_to_put_to_the_meeting(letters):
    text = words_of(letters[1])

    assert "需会商事项" in text
    assert "提请会商：土地权属来源材料采用“单位说明代替用地材料”" in text
    assert "卡点解除之前不能推算工期" in text
    assert "0 元" not in text.partition("各户应缴")[0]


def test_no_identifier_and_no_personal_number_is_written(letters):
    pack = build.make_pack()
    for path in letters:
        text = words_of(path)

        assert [
            name for name in (*pack.nodes, *pack.evidence, *pack.facts, *pack.suppliers) if name in text
        ] == []
        assert "13800000000" not in text


def test_the_same_city_gives_the_same_bytes(tmp_path, letters):
    again = write_letters(tmp_path / "again", build.make_city())

    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in letters]


def test_the_only_day_in_the_file_is_that_of_the_law(letters):
    core = Document(str(letters[0])).core_properties
    with ZipFile(letters[0]) as archive:
        stamps = {entry.date_time for entry in archive.infolist()}

    assert core.created is not None and core.created.date() == build.AS_OF
    assert core.modified is not None and core.modified.date() == build.AS_OF
    assert stamps == {(2024, 1, 28, 0, 0, 0)}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_inside_the_folder(tmp_path, name):
    folder = tmp_path / "letters"
    (path,) = write_letters(folder, build.make_city(build.done_estate(name)))

    assert path.parent == folder
    assert list(tmp_path.rglob("*.docx")) == [path]
    assert not set(path.name) & set('<>:"/\\|?*')
    assert path.stem.partition(".")[0].upper() not in {"CON", "NUL", "PRN", "AUX"}
    assert len(path.name.encode()) < 255
    assert not path.stem.endswith((".", " "))


def test_no_two_names_are_alike_on_a_system_that_ignores_case():
    pairs = [("", "a_b"), ("", "A/B"), ("", "a:b"), ("", "a_b_2"), ("", ""), ("", " . ")]
    names = file_names(pairs, before="处置方案", suffix=".docx")

    assert len({name.casefold() for name in names}) == len(pairs)


def test_hostile_text_is_text(tmp_path):
    evil = "</w:t><w:r>{{ 7 * 7 }}&amp;\x0b\x00"
    (path,) = write_letters(tmp_path, build.make_city(build.open_estate(sponsor=evil)))

    assert "{{ 7 * 7 }}&amp;" in words_of(path)


@pytest.mark.libreoffice
@pytest.mark.skipif(OFFICE is None and not os.environ.get("CI"), reason="LibreOffice is not installed")
def test_libreoffice_opens_and_prints_it(tmp_path, letters):
    assert OFFICE is not None
    profile = (tmp_path / "profile").as_uri()
    form = ["--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run(
        [OFFICE, f"-env:UserInstallation={profile}", *form, str(letters[0])],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip

    assert (tmp_path / letters[0].with_suffix(".pdf").name).read_bytes().startswith(b"%PDF")


def test_units_of_measure_and_full_width_digits_are_written_once(tmp_path):
    (path,) = write_letters(
        tmp_path, build.make_city(build.open_estate(units_total="８４户", buildings_total="2幢"))
    )

    assert "共2幢，台账所列84户" in words_of(path)
