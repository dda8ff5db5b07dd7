"""Draws the pictures of ``docs/explanation``: every number in them is computed here by the product.

``python tools/draw_explanations.py [FOLDER]`` writes ``why``, ``unknown``, ``decisions-curve`` and
``decisions-together``, each as ``.svg`` and ``.zh-CN.svg``, into ``docs/pictures``.  One home is planned
under the national pack and the provincial overlay, on 28 January 2024; the made-up city has 40 estates
and 2,000 homes.  Takes about a minute and a half.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path

from taizhang.exchange.diagram import ink
from taizhang.exchange.diagram.measure import wrap
from taizhang.rules import Dossier, WorkCalendar, assess, cheapest_plan, load_pack
from taizhang.rules.estate import full_plan
from taizhang.rules.terms import Alternative, EstatePlan, Pack, Question, Value, Vector, Way

DAY = date(2024, 1, 28)
PROVINCE = "title-certificates-shandong"
CITY = "demo-city-rules"
NODE = "transfer_application"

#: A home that was bought by a filed contract; its building is registered, its developer is no more.
FACTS: Mapping[str, Value] = {
    "legacy_case": True,
    "developer_status": "deregistered",
    "successor_exists": True,
    "co_developer_exists": False,
    "superior_authority_exists": False,
    "purchase_basis": "presale_contract_filed",
    "price_paid_in_full": True,
    "invoice": "developer_gone",
    "minor_or_incapable": False,
    "agent_used": False,
    "advance_notice_registered": False,
    "bank_loan": False,
    "area_error_pct": 0,
    "resale_of_reform_home": False,
    "unit_seizure": "none",
    "maintenance_fund_status": "paid",
    "residential": True,
    "tax_exempt_reason": "none",
}
ON_HAND = ("first_registration", "unit_survey_sheet", "applicant_identity", "filed_contract")
LETTER = "successor_entity_acts"

GREEN, BLUE, AMBER, RED, GREY = "held", "route", "missing", "critical", "pale"
WORD = {
    "proved": ("已具备", "proved"),
    "open": ("缺件可补", "open"),
    "depends": ("待查明", "depends"),
    "blocked": ("受阻", "blocked"),
}


class Sheet:
    """A picture that grows; English or Chinese."""

    def __init__(self, language: str, width: float, height: float, title: tuple[str, str]) -> None:
        self.zh = language == "zh"
        self.width, self.height, self.title = width, height, self.say(*title)
        self.parts: list[str] = []

    def say(self, zh: str, en: str) -> str:
        """The words in the language of the sheet."""
        return zh if self.zh else en

    def line(self, x: float, y: float, said: str, size: float = 14, **more: str) -> None:
        """One line of words."""
        self.parts.append(ink.text(x, y, said, size, **more))

    def block(self, at: tuple[float, float], said: str, width: float, size: float = 13, **more: str) -> float:
        """Broken lines from a first baseline on; returns the baseline after the last."""
        x, y = at
        for one in wrap(said, size, width if self.zh else 1.13 * width, 7):  # widths are of Chinese letters
            self.line(x, y, one, size, **more)
            y += size * 1.38
        return y

    def box(self, at: tuple[float, float, float, float], state: str, *, dashed: bool = False) -> str:
        """A box of a state; returns the ink for its words."""
        paper, edge, words = ink.STATES[state]
        more = {"stroke_dasharray": "5 4"} if dashed else {}
        self.parts.append(ink.rect(*at, fill=paper, stroke=edge, rx=5, stroke_width=1.3, **more))
        return words

    def arrow(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """An arrow to the left or down, from what is needed to what needs it."""
        self.parts.append(f'<path d="M{x0} {y0}L{x1} {y1}" stroke="#5A6673" stroke-width="1.6" fill="none"/>')
        tip = (
            f"M{x1} {y1}l8 -4.5v9z"
            if y0 == y1 and x1 < x0
            else f"M{x1} {y1}l-8 -4.5v9z"
            if y0 == y1
            else f"M{x1} {y1}l-4.5 8h9z"
        )
        self.parts.append(f'<path d="{tip}" fill="#5A6673"/>')

    def link(self, path: str) -> None:
        """A line without an arrow."""
        self.parts.append(f'<path d="{path}" stroke="#5A6673" stroke-width="1.5" fill="none"/>')

    def svg(self) -> str:
        """The picture."""
        size = f'viewBox="0 0 {self.width:g} {self.height:g}" width="{self.width:g}" height="{self.height:g}"'
        title = ink.words(self.title)
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{title}"'
        self.parts.insert(0, ink.rect(0, 0, self.width, self.height, fill=ink.PAPER))
        return f'{head} font-family="{ink.FONT}"><title>{title}</title>{"".join(self.parts)}</svg>\n'


# -- one home, why ----------------------------------------------------------------------------------------


def law() -> Pack:
    """The national pack with the provincial overlay."""
    return load_pack("title-certificates", overlays=[PROVINCE], as_of=DAY)


def planned(pack: Pack, lost: Sequence[str] = (), **other: Value) -> EstatePlan:
    """The home of the example, some things being otherwise."""
    case = Dossier.of(pack, on_hand=ON_HAND, unobtainable=lost, facts={**FACTS, **other})
    return full_plan(pack, case, {}, WorkCalendar.china())


def cost_of(vector: Vector, sheet: Sheet) -> str:
    """What a plan costs, in words."""
    return sheet.say(
        f"位次 {vector.rank}，{vector.effort} 工时，{vector.items} 件，{vector.days} 个工作日",
        f"rank {vector.rank}, {vector.effort} hours, {vector.items} papers, {vector.days} working days",
    )


def delta_of(vector: Vector, sheet: Sheet) -> str:
    """A difference between two plans, in words."""
    return sheet.say(
        f"位次 {vector.rank:+d}，工时 {vector.effort:+d}，件数 {vector.items:+d}，工作日 {vector.days:+d}",
        f"rank {vector.rank:+d}, hours {vector.effort:+d}, papers {vector.items:+d}, days {vector.days:+d}",
    ).replace("-", "\N{MINUS SIGN}")


def verdict(pack: Pack, plan: EstatePlan, way: Way, sheet: Sheet) -> tuple[str, str, str]:
    """State, headline and reason of one way in one plan."""
    lang = "zh" if sheet.zh else "en"
    if any(one.node == NODE and one.way == way.id for one in plan.joint.route):
        return BLUE, sheet.say("选用", "chosen"), sheet.say("排在最前", "comes first")
    told = next((one for one in plan.alternatives if one.node == NODE and one.way == way.id), None)
    if told is None:
        told = _without_route(pack, plan, way)
    names = sheet.say("、", ", ").join(pack.label_of(one).in_(lang) for one in told.detail)
    if told.reason == "dearer":
        assert told.delta is not None
        return (
            GREY,
            sheet.say("走得通，次序靠后", "open, but later in the order"),
            delta_of(told.delta, sheet),
        )
    if told.reason == "not_adopted":
        return (
            GREY,
            sheet.say("本地未采用", "not adopted here"),
            sheet.say("规则包未列为本地可用", "the pack does not take it as law here"),
        )
    if told.reason == "guard_false":
        return GREY, sheet.say("条件不符", "condition not met"), names
    return RED, sheet.say("走不通", "blocked"), sheet.say(f"无法取得：{names}", f"cannot be had: {names}")


def _without_route(pack: Pack, plan: EstatePlan, way: Way) -> Alternative:
    """Of a blocked plan, which has no route: the same reasons, read from the facts and papers."""
    if not way.adopted:
        return Alternative(NODE, "unit", way.id, "not_adopted")
    facts = {name: value for (name, _), value in plan.facts.items()}
    assert way.when is not None
    if way.when.truth(facts.get) is False:
        read = tuple(sorted(name for name in way.when.names if name in facts))
        return Alternative(NODE, "unit", way.id, "guard_false", None, read)
    return Alternative(NODE, "unit", way.id, "blocked", None, (LETTER,))


def source_of(pack: Pack, way: Way, sheet: Sheet) -> str:
    """The sources of a way; those whose official text nobody has seen are marked."""
    lang = "zh" if sheet.zh else "en"
    told = []
    for one in dict.fromkeys(way.sources):
        source = pack.sources[one]
        told.append(
            source.title.in_(lang) + (sheet.say("（待核实）", " (to be verified)") if source.verify else "")
        )
    return sheet.say("；", "; ").join(told)


def why(language: str) -> str:
    """The matrix of ways and three cases."""
    pack = law()
    lang = "zh" if language == "zh" else "en"
    sheet = Sheet(language, 990, 738, ("一户的转移登记由哪些材料倒推而来", "Backwards from one certificate"))
    sheet.line(20, 32, sheet.title, 19, weight="700")
    sheet.line(
        20,
        55,
        sheet.say(
            "规则：国家层面规则包加山东省文件，2024年1月28日；一户虚构住宅",
            "National pack with the Shandong overlay on 28 January 2024; one made-up home",
        ),
        13,
        fill="#4A5663",
    )
    _chain(pack, sheet, lang)
    cases = (
        (planned(pack), ("甲：材料都能取得", "A: every paper can be had")),
        (planned(pack, [LETTER]), ("乙：承继单位不出函", "B: the successor gives no letter")),
        (
            planned(pack, [LETTER], price_paid_in_full=False),
            ("丙：不出函，房款也未付清", "C: no letter, price not paid in full"),
        ),
    )
    top, first, wide = 268.0, 272.0, 220.0
    sheet.line(
        20,
        top - 30,
        sheet.say("“转移登记申请”的五条办理路径", "The five ways to the application for transfer"),
        15,
        weight="700",
    )
    for at, (_, name) in enumerate(cases):
        sheet.line(first + 26 + at * (wide + 8), top - 10, sheet.say(*name), 13.5, weight="700")
    y = top
    for way in pack.nodes[NODE].ways:
        label = way.label.in_(lang)
        named = sheet.say(f"{label}（位次 {way.rank}）", f"{label} (rank {way.rank})")
        below = sheet.block((20, y + 18), named, first - 8, 14, weight="700")
        end = sheet.block((20, below), source_of(pack, way, sheet), first - 14, 11.5, fill="#4A5663")
        tall = max(end - y - 6, 68 if sheet.zh else 80)
        for at, (plan, _) in enumerate(cases):
            x = first + 26 + at * (wide + 8)
            state, head, reason = verdict(pack, plan, way, sheet)
            words = sheet.box((x, y, wide, tall), state, dashed=state == GREY)
            shade = "#3A4653" if state == GREY else words
            sheet.line(x + 10, y + 21, head, 14, weight="700", fill=shade)
            sheet.block((x + 10, y + 40), reason, wide - 24, 12.5, fill=shade)
        y += tall + 8
    _results(pack, sheet, [plan for plan, _ in cases], (first + 26, y + 4, wide), lang)
    sheet.height = y + (98 if sheet.zh else 124)
    return sheet.svg()


def _chain(pack: Pack, sheet: Sheet, lang: str) -> None:
    """From the certificate back to what acceptance needs."""
    names = ("ownership_certificate", "transfer_registration", "register_entry", "transfer_accepted")
    for at, name in enumerate(names):
        x = 20 + at * 178
        sheet.box((x, 76, 148, 44), BLUE)
        said = wrap(pack.label_of(name).in_(lang), 13, 134, 2)
        for row, one in enumerate(said):
            sheet.line(x + 74, 76 + (27 if len(said) == 1 else 19) + row * 16, one, 13, anchor="middle")
        if at:
            sheet.arrow(x, 98, x - 30, 98)
    note = sheet.say(
        "从左往右读：“要有它，还需要什么？”证书本身另需登记费缴纳凭证（缺，必需）。",
        "Read from the left: what does it take? The certificate itself also takes "
        "the registration fee (missing, necessary).",
    )
    sheet.block((724, 90), note, 246, 12.5, fill="#4A5663")
    boxes = (
        (GREEN, "first_registration", ("已有", "on hand")),
        (GREEN, "transfer_cause", ("已有备案合同", "filed contract on hand")),
        (AMBER, NODE, ("缺，见下表", "missing, see below")),
        (AMBER, "deed_tax_cleared", ("缺 3 件，均必需", "3 missing, all necessary")),
        (AMBER, "", ("缺 2 件，均必需", "2 missing, both necessary")),
    )
    plan = planned(pack)
    grades = {gap.item: gap.grade for gap in plan.joint.gaps}
    rest = [one for one in grades if one not in _OF_THE_WAY]
    assert len(rest) == 6 and {grades[one] for one in rest} == {"necessary"}, "what the boxes say"
    for at, (state, name, told) in enumerate(boxes):
        x = 20 + at * 190
        words = sheet.box((x, 148, 180, 60), state)
        label = (
            pack.label_of(name).in_(lang)
            if name
            else sheet.say(
                "购房人名册核对单、维修资金交存凭证", "check of the roster, maintenance fund receipt"
            )
        )
        for row, one in enumerate(wrap(label, 12.5, 166, 2)):
            sheet.line(x + 90, 165 + row * 16, one, 12.5, anchor="middle", fill=words)
        sheet.line(x + 90, 201, sheet.say(*told), 12, anchor="middle", weight="700", fill=words)
    sheet.link("M628 120v14M110 148v-14H870v14M300 134v14M490 134v14M680 134v14")


_OF_THE_WAY = ("developer_extinct_proof", LETTER, "joint_application")


def _results(
    pack: Pack, sheet: Sheet, plans: Sequence[EstatePlan], at: tuple[float, float, float], lang: str
) -> None:
    x, y, wide = at
    sheet.line(20, y + 24, sheet.say("结果", "Result"), 15, weight="700")
    for plan in plans:
        blocked = plan.status.word == "blocked"
        words = sheet.box((x, y, wide, 78 if sheet.zh else 104), RED if blocked else AMBER)
        sheet.line(x + 10, y + 21, sheet.say(*WORD[plan.status.word]), 14, weight="700", fill=words)
        if blocked:
            assert plan.lift is not None
            lift = pack.label_of(plan.lift.items[0][0]).in_(lang)
            root = pack.label_of(plan.blocked_by[0]).in_(lang)
            said = sheet.say(
                f"根源卡点：{root}。破解：取得{lift}", f"root blocker: {root}. Lift: {lift}, got after all"
            )
        else:
            said = cost_of(plan.joint.vector, sheet)
        sheet.block((x + 10, y + 40), said, wide - 24, 12.5, fill=words)
        x += wide + 8
    foot = sheet.say(
        "蓝：选用；灰：没有选；红：走不通或受阻；绿：已有；橙：缺",
        "Blue: chosen. Grey: not taken. Red: blocked. Green: on hand. Orange: missing.",
    )
    sheet.block((20, y + 46), foot, 240, 12, fill="#4A5663")


# -- the same home, two facts unknown --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leaf:
    """The plan under one pair of answers."""

    status: str
    vector: Vector
    blocked_by: str
    ways: tuple[tuple[str, str], ...]


def leaf(pack: Pack, invoice: str, successor: bool) -> Leaf:
    """Answer both questions and plan."""
    case = Dossier.of(
        pack, on_hand=ON_HAND, facts={**FACTS, "invoice": invoice, "successor_exists": successor}
    )
    told, plan = assess(pack, case), cheapest_plan(pack, case)
    route = tuple((one.node, one.way) for one in plan.route)
    return Leaf(told.status[pack.goal].word, plan.vector, (*told.blocked_by, "")[0], route)


def unknown(language: str) -> str:
    """A tree of two facts with plans at its leaves."""
    pack = law()
    lang = "zh" if language == "zh" else "en"
    facts = {name: value for name, value in FACTS.items() if name not in ("invoice", "successor_exists")}
    case = Dossier.of(pack, on_hand=ON_HAND, facts=facts)
    told, plan = assess(pack, case), cheapest_plan(pack, case)
    assert [one.fact for one in told.questions] == ["invoice", "successor_exists"], "the order of the picture"
    sheet = Sheet(
        language,
        980,
        552,
        ("两项事实未知：每种答复下的方案", "Two facts unknown: the plan under each answer"),
    )
    sheet.line(20, 32, sheet.title, 19, weight="700")
    sheet.block(
        (20, 56),
        sheet.say(
            "同一户，同一天，但发票情况和有无承继单位都还没有查明。现在的状态：",
            "The same home on the same day, but nobody has yet found out about the invoice "
            "or a successor. Status now: ",
        )
        + sheet.say(*WORD[told.status[pack.goal].word]),
        940,
        13.5,
        fill="#4A5663",
    )
    _questions(pack, sheet, lang, told.questions)
    answers = {"have": 134.0, "developer_gone": 302.0, "refused": 460.0}
    for value, y in answers.items():
        label = pack.facts["invoice"].values[value].in_(lang)
        sheet.link(ink.curve(((200.0, 190.0), (262.0, y + 32))))
        words = sheet.box((262, y, 176, 64), "plain")
        for row, one in enumerate(wrap(label, 13.5, 160, 2)):
            sheet.line(350, y + 37 + row * 18, one, 13.5, anchor="middle", fill=words, weight="700")
    best = plan.vector
    for value, yes in product(answers, (True, False)):
        y = answers[value] + (-48 if yes else 34)
        found = leaf(pack, value, yes)
        if found.status == "blocked":
            if yes:
                _leaf(sheet, answers["refused"] - 6, found, best, pack, lang)
            else:
                assert found == leaf(pack, value, True), "whatever the other answer is"
            continue
        sheet.link(ink.curve(((438.0, answers[value] + 32), (500.0, y + 38))))
        sheet.line(
            506,
            y + 42,
            sheet.say("有承继单位", "a successor") if yes else sheet.say("无承继单位", "no successor"),
            13,
            weight="700",
        )
        _leaf(sheet, y, found, best, pack, lang)
    return sheet.svg()


def _questions(pack: Pack, sheet: Sheet, lang: str, asked: Sequence[Question]) -> None:
    assert any(vector is None for _, vector in asked[0].outcomes), "one answer blocks the home"
    ranks = [vector.rank for _, vector in asked[1].outcomes if vector is not None]
    hours = [pack.facts[one.fact].find.effort for one in asked]
    sheet.box((20, 124, 180, 132), AMBER)
    sheet.block((32, 146), sheet.say("先问", "Asked first"), 160, 12.5, fill="#7A3B00")
    end = sheet.block((32, 168), pack.facts["invoice"].ask.in_(lang), 158, 13.5, weight="700")
    sheet.block(
        (32, end + 2),
        sheet.say(
            f"有一种答复会使本户受阻；{hours[0]} 小时可查明",
            f"one answer blocks the home; {hours[0]} hour to find out",
        ),
        158,
        12,
    )
    sheet.box((20, 300, 180, 150), AMBER, dashed=True)
    sheet.block(
        (32, 322), sheet.say("再问（每一支上）", "Asked next, on each branch"), 160, 12.5, fill="#7A3B00"
    )
    end = sheet.block((32, 344), pack.facts["successor_exists"].ask.in_(lang), 158, 13.5, weight="700")
    sheet.block(
        (32, end + 2),
        sheet.say(
            f"最坏差 {max(ranks) - min(ranks)} 个位次；{hours[1]} 小时可查明",
            f"{max(ranks) - min(ranks)} ranks at worst; {hours[1]} hours to find out",
        ),
        158,
        12,
    )


def _leaf(sheet: Sheet, y: float, found: Leaf, best: Vector, pack: Pack, lang: str) -> None:
    blocked = found.status == "blocked"
    shown = found.vector == best and not blocked
    x, wide = 606.0, 354.0
    words = sheet.box((x, y, wide, 76), RED if blocked else GREEN if shown else "plain")
    if blocked:
        sheet.link(f"M438 {y + 38}H{x}")
        sheet.line(446, y + 30, sheet.say("有无承继单位都一样", "successor or not"), 13, weight="700")
        root = pack.label_of(found.blocked_by).in_(lang)
        head, said = sheet.say(*WORD["blocked"]), sheet.say(f"根源卡点：{root}", f"root blocker: {root}")
    else:
        head = sheet.say(*WORD[found.status]) + (
            sheet.say(" · 现在显示的方案", " · the plan shown now") if shown else ""
        )
        said = cost_of(found.vector, sheet)
    sheet.line(x + 12, y + 22, head, 14, weight="700", fill=words)
    sheet.line(x + 12, y + 43, said, 13, fill=words)
    way = next((one for one in pack.nodes[NODE].ways if (NODE, one.id) in found.ways), None)
    if way:
        sheet.line(
            x + 12, y + 63, sheet.say("申请：", "who applies: ") + way.label.in_(lang), 12.5, fill=words
        )


# -- a made-up city --------------------------------------------------------------------------------------


def run(*words: str) -> None:
    """Run a command of the product."""
    subprocess.run([sys.executable, "-m", "taizhang", *words], check=True, capture_output=True)


@dataclass(frozen=True, slots=True)
class City:
    """What the two commands found."""

    leverage: Mapping[str, object]
    together: Mapping[str, object]

    @classmethod
    def made_up(cls) -> City:
        """Write the city and run both commands."""
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            ledger, one, two = (str(folder / name) for name in ("city.xlsx", "leverage.json", "whatif.json"))
            run("demo-city", ledger, "--estates", "40", "--units", "2000")
            day = ("--as-of", DAY.isoformat())
            run("leverage", ledger, "-k", "10", "--law", PROVINCE, "--law", CITY, *day, "--json", one)
            supposed = [word for way in PAIR for word in ("--enable", way)]
            run("whatif", ledger, "--law", PROVINCE, *day, *supposed, "--json", two)
            return cls(json.loads(Path(one).read_text("utf-8")), json.loads(Path(two).read_text("utf-8")))


PAIR = ("defence_material.opinion", "transfer_cause.funded_roster")


def curve(language: str, city: City) -> str:
    """Homes opened by the best set of 1 to 10 items, beside the greedy choice."""
    rows: list[dict[str, int]] = city.leverage["bundle"]  # type: ignore[assignment]
    waiting = int(str(city.leverage["waiting_units"]))
    sheet = Sheet(language, 980, 470, ("取几项，打开多少户", "So many items, so many homes opened"))
    sheet.line(20, 32, sheet.title, 19, weight="700")
    sheet.block(
        (20, 56),
        sheet.say(
            f"虚构城市：40 个小区，2,000 户（合成数据）；等待共用材料或受阻的 {waiting:,} 户",
            f"Made-up city of 40 estates and 2,000 homes (synthetic data); {waiting:,} of them "
            "held back by something shared",
        ),
        940,
        13.5,
        fill="#4A5663",
    )
    left, floor, step, high = 60.0, 400.0, 90.0, 290.0
    most = max(row["units"] for row in rows)
    for tick in range(0, most + 20, 20):
        y = floor - high * tick / (most + 10)
        sheet.parts.append(f'<path d="M{left} {ink.number(y)}H960" stroke="#E3E7EC"/>')
        sheet.line(left - 8, y + 4.5, str(tick), 12.5, anchor="end", fill="#4A5663")
    for at, row in enumerate(rows):
        x = left + 10 + at * step
        for shift, key, colour in ((0, "units", "#1F4E79"), (34, "greedy_units", "#D9A013")):
            tall = high * row[key] / (most + 10)
            sheet.parts.append(ink.rect(x + shift, floor - tall, 32, tall, fill=colour))
            sheet.line(x + shift + 16, floor - tall - 6, str(row[key]), 13, anchor="middle", weight="700")
        sheet.line(x + 33, floor + 20, sheet.say(f"{row['k']} 项", str(row["k"])), 13.5, anchor="middle")
    sheet.parts.append(f'<path d="M{left} {floor}H960" stroke="#5A6673"/>')
    proved = all(row["proved"] for row in rows)
    sheet.parts.append(ink.rect(60, 440, 14, 14, fill="#1F4E79"))
    sheet.line(
        80,
        452,
        sheet.say(
            "最佳组合" + ("（已证最优）" if proved else ""), "the best set" + (" (proved)" if proved else "")
        ),
        13.5,
    )
    sheet.parts.append(ink.rect(300, 440, 14, 14, fill="#D9A013"))
    sheet.line(
        320,
        452,
        sheet.say(
            "逐步取优：每次取平均每项打开户数最多的一步",
            "greedily: always the step that opens most homes an item",
        ),
        13.5,
    )
    return sheet.svg()


def together(language: str, city: City) -> str:
    """Two decisions, each alone and both together."""
    pack = law()
    lang = "zh" if language == "zh" else "en"
    alone: list[dict[str, int]] = city.together["singly"]  # type: ignore[assignment]
    sheet = Sheet(
        language,
        980,
        300,
        (
            "两项做法：单独几乎打不开，合在一起才打开",
            "Two ways that open almost nothing alone, and much together",
        ),
    )
    sheet.line(20, 32, sheet.title, 19, weight="700")
    sheet.block(
        (20, 56),
        sheet.say(
            "同一座虚构城市（合成数据），尚无市一级规则时；可破解的户数",
            "The same made-up city (synthetic data) before it has rules of its own; homes unlocked",
        ),
        940,
        13.5,
        fill="#4A5663",
    )
    names = []
    for target in PAIR:
        node, _, way_id = target.partition(".")
        way = next(way for way in pack.nodes[node].ways if way.id == way_id)
        names.append(sheet.say(f"只采用“{way.label.in_(lang)}”", f"only: {way.label.in_(lang)}"))
    both = int(str(city.together["unlocked"]))
    rows = [
        (names[0], alone[0]["unlocked"]),
        (names[1], alone[1]["unlocked"]),
        (sheet.say("两项一起采用", "both together"), both),
    ]
    for at, (name, count) in enumerate(rows):
        y = 86.0 + at * 62
        sheet.line(20, y + 28, name, 14.5, weight="700")
        long = max(3.0, 500 * count / both)
        sheet.parts.append(ink.rect(380, y + 8, long, 32, fill="#1F4E79" if at == 2 else "#8FA9C4"))
        sheet.line(390 + long, y + 30, sheet.say(f"{count} 户", str(count)), 15, weight="700")
    more = both - alone[0]["unlocked"] - alone[1]["unlocked"]
    sheet.line(
        20,
        284,
        sheet.say(
            f"{more} 户缺了其中任何一项都打不开。",
            f"{more} homes need both: with either one missing they stay shut.",
        ),
        13.5,
        fill="#4A5663",
    )
    return sheet.svg()


def main() -> None:
    """Write all pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "docs/pictures"
    city = City.made_up()
    drawings: dict[str, Callable[[str], str]] = {
        "why": why,
        "unknown": unknown,
        "decisions-curve": lambda language: curve(language, city),
        "decisions-together": lambda language: together(language, city),
    }
    for name, draw in drawings.items():
        for language, ending in (("en", ".svg"), ("zh", ".zh-CN.svg")):
            (folder / f"{name}{ending}").write_text(draw(language), encoding="utf-8")
            print(folder / f"{name}{ending}")


if __name__ == "__main__":
    main()
