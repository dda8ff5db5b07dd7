"""The report: one file, nothing fetched, nothing taken for markup, nothing unknown taken for nought."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.exchange import report_builder as build

from taizhang.exchange.report import write_report

VOID = {"meta", "br", "hr", "img", "link", "input", "col"}


class Page(HTMLParser):
    """A page read back: its text, its tags, its attributes, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def report(tmp_path: Path, city=None, language: str = "zh") -> str:
    path = tmp_path / "报告.html"
    write_report(path, city or build.make_city(), language=language)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_is_one_well_formed_file_that_asks_nobody_for_anything(tmp_path, language):
    text = report(tmp_path, language=language)
    page = Page(text)
    fetched = {"src", "srcset", "action", "data", "poster", "background"}

    assert page.open == []
    assert set(re.findall(r"https?://[^\"'\s<)]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert not page.tags & {"script", "link", "iframe", "object", "img"}
    assert not [name for name, _ in page.attributes if name in fetched or name.startswith("on")]
    assert "url(" not in text and "@import" not in text
    assert all(value and value.startswith("#") for name, value in page.attributes if name == "href")


def test_every_inner_link_has_its_target_and_no_id_stands_twice(tmp_path):
    page = Page(report(tmp_path))
    wanted = {value[1:] for name, value in page.attributes if name == "href" and value}

    assert wanted <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_hostile_names_are_text(tmp_path):
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>{{ 7 * 7 }}'
    page = Page(report(tmp_path, build.make_city(build.open_estate(evil, responsible_official=evil))))

    assert not page.tags & {"script", "img"}
    assert evil in page.text
    assert not [name for name, _ in page.attributes if name == "onerror"]


def test_it_says_what_is_missing_from_whom_by_when_and_why(tmp_path):
    text = Page(report(tmp_path)).text

    assert "地籍调查成果（宗地图、界址点）" in text
    assert "测绘单位" in text
    assert "2024年2月12日" in text
    assert "用于办理 “首次登记”".replace(" ", "") in text.replace(" ", "")
    assert "再往上：不动产权证书" in text
    assert "若不补这一项：费用多 5,000 元" in text


def test_unknown_money_is_said_to_be_unknown(tmp_path):
    text = Page(report(tmp_path, build.make_city(build.open_estate()))).text

    assert "未知（2 项）" in text
    assert "另有 1 户尚不能算全" in text
    assert "层数" in text  # what the bill still lacks


def test_questions_say_what_every_answer_changes(tmp_path):
    text = Page(report(tmp_path)).text

    assert "土地证办到哪一步？" in text
    assert "最省的情形" in text
    assert "走不通，需先解除障碍" in text


def test_a_block_comes_with_its_lift(tmp_path):
    text = Page(report(tmp_path, build.make_city(build.blocked_estate()))).text

    assert "卡在 ：竣工验收备案表、用地会商纪要" in text
    assert "设法取得“竣工验收备案表”（1号楼）" in text
    assert "提请会商：土地权属来源材料采用“单位说明代替用地材料”" in text


def test_the_guarantee_is_printed_and_nothing_stronger(tmp_path):
    assert "新增材料不会使按所声明次序比较的最好结果变差" in Page(report(tmp_path)).text


def test_sources_carry_their_mark(tmp_path):
    text = Page(report(tmp_path)).text

    assert re.search(r"不动产登记暂行条例(?! *待核实)", text)


def test_no_identifier_and_no_personal_number_is_shown(tmp_path):
    city = build.make_city()
    text = Page(report(tmp_path, city)).text
    names = (
        *city.pack.nodes,
        *city.pack.evidence,
        *city.pack.facts,
        *city.pack.suppliers,
        *city.pack.sources,
    )

    assert [name for name in names if name in text] == []
    assert "13800000000" not in text


def test_a_date_beyond_the_calendar_is_said_to_be_so(tmp_path):
    assert "2025年放假安排未公布" in report(tmp_path, build.make_city(build.open_estate(known=10)))


def test_the_same_city_gives_the_same_bytes_however_long_it_took(tmp_path):
    city = build.make_city()
    first, again = tmp_path / "a.html", tmp_path / "b.html"
    write_report(first, city)
    write_report(again, replace(city, seconds={"read": 99.0}))

    assert first.read_bytes() == again.read_bytes()


def test_of_more_than_thirty_estates_the_first_thirty_get_a_chapter(tmp_path):
    city = build.make_city(*(build.done_estate(f"小区{number}") for number in range(1, 36)))
    page = Page(report(tmp_path, city))

    assert "前 30 个有详细章节" in page.text
    assert {"e1", "e30"} <= set(page.ids)
    assert "e31" not in page.ids
    assert "小区35" in page.text


def test_a_city_without_estates_is_an_empty_report(tmp_path):
    city = replace(build.make_city(), estates=(), complaints=(), leverage=())

    assert "没有发现数据问题" in Page(report(tmp_path, city)).text


def test_english_has_no_chinese_words_of_its_own(tmp_path):
    text = Page(report(tmp_path, language="en")).text
    rest = re.sub(r"EN \S+", "", text)  # labels of the pack
    for word in ("缺项", "责任", "工作日", "受阻", "费用", "总览"):
        assert word not in rest


def test_the_same_question_for_many_units_is_asked_once_and_names_nobody(tmp_path):
    estate = build.open_estate()
    units = [place.id for place in estate.places.values() if place.level == "unit"]
    worst = build.Vector(1, 0, 18, 9, 21)
    same = tuple(
        build.Question("unit_fact", unit, ((("true",), worst), (("false",), None))) for unit in units
    )
    fact = build.Fact(
        "unit_fact", "unit", "bool", build.label("有无发票"), build.label("有没有发票？"), "household"
    )
    pack = build.make_pack()
    pack = replace(pack, facts={**pack.facts, "unit_fact": fact})
    text = Page(report(tmp_path, build.make_city(replace(estate, questions=same), pack=pack))).text

    assert text.count("有没有发票？") == 1
    assert "有没有发票？ 4 户 购房人" in text


def test_the_holder_behind_the_number_of_a_unit_is_not_named(tmp_path):
    estate = build.open_estate()
    places = dict(estate.places)
    for key, one in estate.places.items():
        if one.level == "unit":
            places[key] = replace(one, name=f"{key.rpartition('/')[2]} 罗某")
    units = tuple(replace(unit, place=places[unit.place.id]) for unit in estate.units)
    text = Page(report(tmp_path, build.make_city(replace(estate, places=places, units=units)))).text

    assert "罗某" not in text
    assert "1号楼101" in text
