"""The route diagram: everything is drawn once, nothing overlaps, every line ends on its boxes."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from tests.exchange import report_builder as build

from taizhang.exchange.diagram import route_diagram
from taizhang.exchange.diagram.boxes import EDGE, WIDTH, Picture
from taizhang.exchange.diagram.chosen import chosen_picture
from taizhang.exchange.diagram.guards import guard_text
from taizhang.exchange.diagram.layout import Item, Layout, Link, arrange
from taizhang.exchange.diagram.measure import clip, text_width, wrap
from taizhang.exchange.diagram.reasons import alternative_text
from taizhang.exchange.diagram.svg import place
from taizhang.exchange.diagram.whole import whole_picture
from taizhang.exchange.diagram.wording import change_text, due_text, money_text, total_text
from taizhang.rules.pack import load_pack
from taizhang.rules.terms import Alternative, Label, Pack, Vector


@pytest.fixture(scope="module")
def pack() -> Pack:
    """The small pack made by hand."""
    return build.make_pack()


@pytest.fixture(scope="module")
def shipped() -> Pack:
    """The pack that is shipped, as of the day of the demonstration."""
    return load_pack("title-certificates", overlays=["title-certificates-shandong"], as_of=build.AS_OF)


def pictures(pack: Pack, shipped: Pack) -> list[tuple[str, Picture]]:
    return [
        ("small", whole_picture(pack, "zh")),
        ("small in English", whole_picture(pack, "en")),
        ("shipped", whole_picture(shipped, "zh")),
        ("shipped in English", whole_picture(shipped, "en")),
        ("open", chosen_picture(pack, build.open_estate(), "zh")),
        ("blocked", chosen_picture(pack, build.blocked_estate(), "zh")),
        ("done", chosen_picture(pack, build.done_estate(), "zh")),
    ]


def frames(picture: Picture, layout: Layout) -> dict[str, tuple[float, float, float, float]]:
    found = {}
    for box in picture.boxes:
        x, y = layout.corners[box.id]
        found[box.id] = (x, y, x + WIDTH, y + box.height)
    return found


def test_no_two_boxes_overlap(pack, shipped):
    for name, picture in pictures(pack, shipped):
        boxes = sorted(frames(picture, place(picture)).items())
        for at, (one, (left, top, right, bottom)) in enumerate(boxes):
            for other, (left2, top2, right2, bottom2) in boxes[at + 1 :]:
                apart = right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top

                assert apart, f"{name}: {one} and {other}"


def test_every_line_ends_on_its_boxes(pack, shipped):
    for name, picture in pictures(pack, shipped):
        layout = place(picture)
        boxes = frames(picture, layout)
        rows = {box.id: box.rows for box in picture.boxes}
        for edge, route in zip(picture.edges, layout.routes, strict=True):
            _, top, right, bottom = boxes[edge.source]
            left2, top2, _, _ = boxes[edge.target]
            row = rows[edge.target][edge.row]

            assert route[0][0] == pytest.approx(right), name
            assert top <= route[0][1] <= bottom, name
            assert route[-1][0] == pytest.approx(left2), name
            assert top2 + row.top <= route[-1][1] <= top2 + row.top + row.height, name


def test_lines_cross_a_column_only_where_no_box_stands(pack, shipped):
    for name, picture in pictures(pack, shipped):
        layout = place(picture)
        boxes = frames(picture, layout)
        for route in layout.routes:
            for (x0, y0), (x1, y1) in list(pairwise(route))[1::2]:
                assert y0 == y1, name
                for box, (left, top, right, bottom) in boxes.items():
                    inside = left < x1 and x0 < right and top < y0 < bottom

                    assert not inside, f"{name}: a line runs through {box}"


def test_lines_run_towards_the_goal_and_boxes_stay_in_the_lane_of_their_level(pack, shipped):
    for name, picture in pictures(pack, shipped):
        layout = place(picture)
        boxes = frames(picture, layout)
        lanes = dict(zip(picture.levels, layout.lanes, strict=False))
        for edge in picture.edges:
            assert layout.columns[edge.source] > layout.columns[edge.target], name
        for box in picture.boxes:
            top, bottom = lanes[box.level]
            assert top <= boxes[box.id][1], name
            assert boxes[box.id][3] <= bottom, name


def test_every_text_fits_its_box(pack, shipped):
    for name, picture in pictures(pack, shipped):
        for box in picture.boxes:
            lines = [*box.head, *(line for row in box.rows for line in row.lines)]
            for line in lines:
                assert text_width(line.text, line.size) <= WIDTH - 2 * EDGE + 0.01, f"{name}: {line.text}"
            assert sum(line.height for line in box.head) <= box.head_height
            for row in box.rows:
                assert sum(line.height for line in row.lines) <= row.height


def test_a_shared_node_is_drawn_once_and_everything_under_the_goal_is_there(shipped):
    picture = whole_picture(shipped, "zh")
    names = [box.id for box in picture.boxes]
    ways = sum(len(shipped.nodes[name].ways) for name in names if name in shipped.nodes)

    assert len(names) == len(set(names))
    assert set(names) <= set(shipped.nodes) | set(shipped.evidence)
    assert sum(len(box.rows) for box in picture.boxes) == ways


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_same_pack_gives_the_same_bytes(shipped, language):
    assert route_diagram(shipped, language=language) == route_diagram(shipped, language=language)


def test_the_picture_is_well_formed_and_refers_to_nothing_outside(pack, shipped):
    for plan, of in ((None, shipped), (build.open_estate(), pack), (build.blocked_estate(), pack)):
        svg = route_diagram(of, plan=plan)
        root = ElementTree.fromstring(svg)
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        urls = re.findall(r"https?://[^\"'\s<]+", svg)

        assert set(urls) == {"http://www.w3.org/2000/svg"}
        assert not tags & {"script", "image", "use", "a", "foreignObject", "style"}
        assert root.find("{http://www.w3.org/2000/svg}title") is not None
        assert root.find("{http://www.w3.org/2000/svg}desc") is not None


def test_hostile_labels_are_text(pack):
    evil = '<script>alert("1")</script>&\x00\x0b\ufffe'
    node = replace(pack.nodes["certificate"], label=Label(evil, evil))
    svg = route_diagram(replace(pack, nodes={**pack.nodes, "certificate": node}))

    ElementTree.fromstring(svg)
    assert "<script" not in svg


def test_no_identifier_is_shown(pack):
    for plan in (None, build.open_estate(), build.blocked_estate()):
        shown = " ".join(ElementTree.fromstring(route_diagram(pack, plan=plan)).itertext())
        for name in (*pack.nodes, *pack.evidence, *pack.facts, *pack.suppliers):
            assert name not in shown


def test_a_pack_says_what_is_ordinary_substitute_foreign_and_lapsed(pack):
    box = next(box for box in whole_picture(pack, "zh").boxes if box.id == "land")

    assert [row.state for row in box.rows] == ["ordinary", "substitute", "foreign", "expired"]
    assert "外地做法（未采用）" in route_diagram(pack)


def test_a_plan_shows_owner_due_date_price_and_reason(pack):
    svg = route_diagram(pack, plan=build.open_estate())

    assert "应于2024年2月12日" in svg  # the parcel survey, fifteen days after the start
    assert "费用 未知" in svg
    assert "费用多 5,000 元" in svg  # what the other way of completion costs
    assert "条件不符" in svg
    assert "共 2 幢" in svg


def test_states_of_a_plan(pack):
    boxes = {box.id: box for box in chosen_picture(pack, build.open_estate(), "zh").boxes}

    assert boxes["contract"].state == "held"
    assert boxes["land_minutes"].state == "missing"
    assert boxes["parcel_survey"].critical
    assert boxes["land"].rows[0].state == "chosen_substitute"
    assert "appraisal" not in boxes  # what the plan does not need is not unfolded


def test_a_blocked_estate_shows_what_blocks_it_and_the_lift(pack):
    boxes = {box.id: box for box in chosen_picture(pack, build.blocked_estate(), "zh").boxes}
    land = {row.way: row.state for row in boxes["land"].rows}

    assert boxes["land_minutes"].state == "blocked"
    assert land == {"certified": "refused", "by_minutes": "blocked", "elsewhere": "lift", "lapsed": "refused"}


def test_a_complete_estate_is_one_green_box(pack):
    (box,) = chosen_picture(pack, build.done_estate(), "zh").boxes

    assert box.state == "held"


def test_a_date_beyond_the_calendar_is_said_to_be_so(pack):
    plan = build.open_estate(known=10)

    assert due_text(plan, 10) == "2024年2月7日"
    assert due_text(plan, 12) == "第12个工作日（2025年放假安排未公布）"
    assert "放假安排未公布" in route_diagram(pack, plan=plan)


def test_layout_of_a_diamond_draws_the_shared_box_once():
    items = [Item(name, 100, 40) for name in "abcd"]
    links = [Link("b", "a", 10), Link("c", "a", 30), Link("d", "b", 20), Link("d", "c", 20)]
    layout = arrange(items, links)

    assert layout.columns == {"a": 0, "b": 1, "c": 1, "d": 2}
    assert layout.crossings == 0


def test_layout_of_nothing_is_nothing():
    assert arrange([], []).width == 0.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('land_status in ["granted", "none"]', "用地状况：出让已办证、无用地手续"),
        ('land_status != "none"', "用地状况不是无用地手续"),
        ("legacy and storeys < 10", "是否列为历史遗留问题：是，且层数＜10"),
        ("not legacy", "是否列为历史遗留问题：否"),
        ("not (legacy or storeys > 3)", "非（是否列为历史遗留问题：是 或 层数＞3）"),
        ("abs(storeys) >= 2", "|层数|≥2"),
    ],
)
def test_guards_are_read_aloud(pack, text, said):
    assert guard_text(pack, text) == said


def test_lines_do_not_begin_with_closing_marks_nor_end_with_opening_ones():
    lines = wrap("国有土地使用证或不动产权证（土地）原件", 12, 150, 3)

    assert "".join(lines) == "国有土地使用证或不动产权证（土地）原件"
    assert not any(line[0] in "）、，" or line[-1] == "（" for line in lines)
    assert clip("短", 12, 100) == "短"


def test_money_that_is_not_known_is_never_nought():
    assert money_text(None) == "未知"
    assert total_text(0, 2) == "未知（2 项）"
    assert total_text(0, 0) == "0 元"
    assert (
        change_text(Vector(money_fen=-12_345, days=-3, items=1))
        == "费用少 123.45 元，少 3 个工作日，多 1 件材料"
    )


def test_a_way_closed_by_a_fact_quotes_the_fact_where_it_is_known(pack):
    plan = build.open_estate()
    known = Alternative("land", plan.place.id, "certified", "guard_false", None, ("land_status",))
    open_ = Alternative("land", plan.place.id, "certified", "guard_false", None, ("storeys",))

    assert alternative_text(pack, plan, known) == "条件不符；用地状况为“无用地手续”"
    assert alternative_text(pack, plan, open_) == "按推算情形不适用；层数尚未查明"


def test_the_whole_pack_is_a_poster_of_the_shape_of_its_sheet(pack, shipped):
    for of, sheet in ((pack, ("420mm", "297mm")), (shipped, ("594mm", "420mm"))):
        root = ElementTree.fromstring(route_diagram(of))
        width, height = map(float, root.attrib["viewBox"].split()[2:])

        assert (root.attrib["width"], root.attrib["height"]) == sheet
        assert 1.1 < width / height < 1.8
