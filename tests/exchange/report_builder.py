"""A small pack and a small city by hand: what the report, the letters and the diagram are tested with.

The pack has what a picture must be able to show: an ordinary way, a substitute, a way that
is practised elsewhere only, one that has lapsed, guards, a decision, needs for every
building, for a share of the units and for two papers of three.
"""

# ruff: noqa: E501, PLR0913, PLR0917 (records are written as tables: one row a line)

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from taizhang.rules.expressions import parse
from taizhang.rules.terms import (
    Alternative,
    Assumption,
    AtLeast,
    Bill,
    CityPlan,
    Complaint,
    Cost,
    Each,
    EstatePlan,
    Evidence,
    Fact,
    Fee,
    Gap,
    JointPlan,
    Label,
    LeverageRow,
    Lift,
    Node,
    Pack,
    Place,
    ProblemClass,
    Question,
    Ref,
    RouteChoice,
    Share,
    Source,
    Span,
    Status,
    Step,
    UnitPlan,
    Vector,
    Way,
)

AS_OF = date(2024, 1, 28)
ORDER = ("rank", "money", "effort", "items", "days")


def label(zh: str) -> Label:
    return Label(zh, f"EN {zh}")


def paper(
    id_: str, level: str, zh: str, supplier: str, days: int, money: int | None = 0, kind: str = "evidence"
) -> Evidence:
    return Evidence(id_, level, label(zh), supplier, Cost(money, 2, days), kind, ("s_rules",), "V")


def way(id_: str, zh: str, *needs: object, **more: object) -> Way:
    return Way(id_, label(zh), tuple(Ref(one) if isinstance(one, str) else one for one in needs), **more)  # type: ignore[arg-type]


EVIDENCE = (
    paper("land_certificate", "estate", "国有土地使用证", "land_bureau", 2),
    paper("land_minutes", "estate", "用地会商纪要", "task_force", 10, kind="decision"),
    paper("parcel_survey", "estate", "地籍调查成果（宗地图、界址点）", "surveyor", 15, None),
    paper("building_survey", "building", "房产测绘报告（分层分户图）", "surveyor", 15, None),
    paper("completion_filing", "building", "竣工验收备案表", "housing_bureau", 3),
    paper("appraisal", "building", "房屋结构安全鉴定报告", "appraiser", 20, 500_000),
    paper("witness_a", "estate", "档案馆查档证明", "archive", 3),
    paper("witness_b", "estate", "施工单位证明", "developer", 5),
    paper("witness_c", "estate", "质量监督存档", "housing_bureau", 5),
    paper("identity", "unit", "权利人身份及婚姻材料", "household", 1),
    paper("contract", "unit", "已备案的商品房买卖合同", "household", 1),
    paper("court_paper", "unit", "生效裁判文书", "court", 60),
    paper("consent", "unit", "业主同意意见", "household", 2),
)

NODES = (
    Node(
        "certificate",
        "unit",
        label("不动产权证书"),
        (
            way(
                "issue",
                "登簿缴费后发证",
                "first_registration",
                "cause",
                "identity",
                step=Cost(0, 1, 1),
                step_supplier="registry",
            ),
        ),
        "milestone",
    ),
    Node(
        "first_registration",
        "estate",
        label("首次登记"),
        (
            way(
                "examine",
                "材料齐全审核登簿",
                "land",
                Each("building", "completion"),
                Each("building", "building_survey"),
                Share("unit", "consent", Fraction(2, 3)),
                "parcel_survey",
                step=Cost(0, 4, 5, 30),
                step_supplier="registry",
                sources=("s_rules",),
            ),
        ),
        "milestone",
    ),
    Node(
        "land",
        "estate",
        label("土地权属来源材料"),
        (
            way(
                "certified",
                "已有土地证",
                "land_certificate",
                when=parse('land_status == "granted"'),
                sources=("s_rules",),
            ),
            way(
                "by_minutes",
                "会商确定用地（一事一议）",
                "land_minutes",
                rank=1,
                sources=("s_notice",),
                step=Cost(0, 2, 3),
                step_supplier="task_force",
            ),
            way(
                "elsewhere",
                "单位说明代替用地材料",
                "witness_b",
                rank=2,
                adopted=False,
                sources=("s_elsewhere",),
            ),
            way(
                "lapsed",
                "原省级文件规定的代替办法",
                "witness_c",
                rank=3,
                effective=Span(date(2020, 6, 30), date(2023, 6, 29)),
            ),
        ),
        "decision",
    ),
    Node(
        "completion",
        "building",
        label("房屋已经竣工的材料"),
        (
            way("filed", "竣工验收备案", "completion_filing"),
            way(
                "legacy",
                "历史遗留项目竣工意见",
                "appraisal",
                "witnesses",
                rank=1,
                when=parse("legacy and storeys < 10"),
                step=Cost(0, 3, 10),
                step_supplier="housing_bureau",
            ),
        ),
    ),
    Node(
        "witnesses",
        "estate",
        label("建设过程证明材料"),
        (way("two", "三件中有两件", AtLeast(2, ("witness_a", "witness_b", "witness_c"))),),
    ),
    Node(
        "cause",
        "unit",
        label("登记原因证明文件"),
        (way("contract", "备案合同", "contract"), way("court", "法院文书", "court_paper", rank=1)),
    ),
)

FACTS = (
    Fact(
        "land_status",
        "estate",
        "enum",
        label("用地状况"),
        label("土地证办到哪一步？"),
        "land_bureau",
        {"granted": label("出让已办证"), "none": label("无用地手续")},
    ),
    Fact(
        "legacy",
        "estate",
        "bool",
        label("是否列为历史遗留问题"),
        label("是否列为历史遗留问题？"),
        "task_force",
    ),
    Fact("storeys", "building", "integer", label("层数"), label("本幢几层？"), "surveyor"),
)

SUPPLIERS = {
    "land_bureau": "自然资源和规划局", "task_force": "县级专班", "surveyor": "测绘单位", "housing_bureau": "住房和城乡建设局",
    "appraiser": "鉴定机构", "archive": "城建档案馆", "developer": "开发建设单位", "household": "购房人", "court": "人民法院",
    "registry": "不动产登记中心",
}  # fmt: skip


def make_pack(**changes: object) -> Pack:
    """Return the pack."""
    pack = Pack(
        "small", "0.1.0", Label("房屋产权确权颁证（小例）", "Title certificates (small)"), "CN",
        ("city", "county", "estate", "building", "unit"), "certificate", ORDER, AS_OF,
        {"s_rules": Source("s_rules", label("不动产登记暂行条例"), "regulation", False),
         "s_notice": Source("s_notice", label("关于历史遗留问题的通知"), "notice", True),
         "s_elsewhere": Source("s_elsewhere", label("外地某市办法"), "practice", True)},
        {}, {fact.id: fact for fact in FACTS}, {key: label(zh) for key, zh in SUPPLIERS.items()},
        {one.id: one for one in EVIDENCE}, {node.id: node for node in NODES},
        {"deed_tax": Fee("deed_tax", "unit", label("契税"), "household", parse("1"), 0, "half_up", ("s_rules",))},  # type: ignore[arg-type]
        {}, (ProblemClass("LAND", label("用地手续不完善"), ("land",), sources=("s_notice",)),
             ProblemClass("COMPLETION", label("未竣工验收备案"), ("completion",))), (),
    )  # fmt: skip
    return replace(pack, **changes)  # type: ignore[arg-type]


def due(last: int, known: int) -> dict[int, date | None]:
    """Return dates for every offset up to ``last``; those after ``known`` have no holiday notice."""
    return {offset: AS_OF + timedelta(days=offset) if offset <= known else None for offset in range(last + 1)}


def places_of(name: str) -> dict[str, Place]:
    found = [
        Place("city", "city", None, "某市"), Place("county", "county", "city", "东昌府区"), Place("estate", name, "county", name),
        Place("building", f"{name}/1", name, "1号楼"), Place("building", f"{name}/2", name, "2号楼"),
    ]  # fmt: skip
    found += [
        Place("unit", f"{name}/{b}/{u}01", f"{name}/{b}", f"{b}号楼{u}01室") for b in (1, 2) for u in (1, 2)
    ]
    return {place.id: place for place in found}


def gap(
    item: str,
    place: str,
    end: int,
    *,
    start: int = 0,
    critical: bool = False,
    path: tuple[RouteChoice, ...] = (),
) -> Gap:
    paper_ = next(one for one in EVIDENCE if one.id == item)
    refusal = Vector(1, 500_000, 6, 2, 25) if item == "completion_filing" else None
    return Gap(item, place, paper_.level, paper_.supplier, paper_.cost.money_fen, 2, paper_.cost.days, start, end,
               0 if critical else 4, critical, 4, "necessary" if refusal is None else "chosen", refusal, path)  # fmt: skip


def identity(**more: str) -> dict[str, str]:
    return {
        "county": "东昌府区", "street": "新区街道", "neighbourhood": "湖滨社区", "developer_name": "某置业有限公司",
        "buildings_total": "2", "units_total": "4", "responsible_official": "王建国", "sponsor": "李某", "phone": "13800000000",
        **more,
    }  # fmt: skip


def unit_plans(
    places: dict[str, Place], status: Status, blocked_by: tuple[str, ...] = ()
) -> tuple[UnitPlan, ...]:
    known = Bill({"deed_tax": 300_000}, 300_000, frozenset(), AS_OF)
    open_ = Bill({}, 0, frozenset({"storeys"}), AS_OF, (), {"deed_tax": ("storeys",)})
    units = [place for place in places.values() if place.level == "unit"]
    return tuple(
        UnitPlan(unit, status, True, None if status is Status.BLOCKED else Vector(1, 0, 8, 4, 34),
                 ("identity",), (("parcel_survey", "x"),), open_ if at == 0 else known, blocked_by)
        for at, unit in enumerate(units)
    )  # fmt: skip


def open_estate(name: str = "湖滨花园小区", *, known: int = 365, **more: str) -> EstatePlan:
    """Return an estate that can be completed: land by a decision (a substitute), the rest ordinary."""
    places = places_of(name)
    one, two = f"{name}/1", f"{name}/2"
    unit = f"{name}/1/101"
    path = (RouteChoice(unit, "certificate", "issue"), RouteChoice(name, "first_registration", "examine"))
    gaps = (
        gap("land_minutes", name, 10, path=(*path, RouteChoice(name, "land", "by_minutes"))),
        gap("parcel_survey", name, 15, critical=True, path=path),
        gap("building_survey", one, 15, critical=True, path=path), gap("building_survey", two, 15, critical=True, path=path),
        gap("completion_filing", two, 3, path=(*path, RouteChoice(two, "completion", "filed"))),
        *(gap("identity", place.id, 1, path=path[:1]) for place in places.values() if place.level == "unit"),
    )  # fmt: skip
    steps = (
        Step("land", name, "by_minutes", "task_force", 3, 2, 0, 10, 13, 2, False),
        Step("first_registration", name, "examine", "registry", 5, 4, 0, 15, 20, 0, True, 30),
        Step("certificate", unit, "issue", "registry", 1, 1, 0, 20, 21, 0, True),
    )
    route = (
        *path, RouteChoice(name, "land", "by_minutes"), RouteChoice(one, "completion", "filed"),
        RouteChoice(two, "completion", "filed"), RouteChoice(unit, "cause", "contract"), RouteChoice(f"{name}/1/201", "cause", "court"),
    )  # fmt: skip
    joint = JointPlan(Vector(1, 0, 18, 9, 21), (1, 0, 18, 9, 21), True, gaps, steps, route,
                      (Assumption("legacy", name, ("true",)),), (), None, ("parcel_survey", "building_survey"))  # fmt: skip
    best, worst = Vector(0, 0, 16, 8, 18), Vector(1, 0, 18, 9, 21)
    questions = (
        Question("land_status", name, ((("granted",), best), (("none",), worst))),
        Question("storeys", one, ((("< 10",), worst), ((">= 10",), None))),
    )
    alternatives = (
        Alternative("land", name, "certified", "guard_false", None, ("land_status",)),
        Alternative("land", name, "elsewhere", "not_adopted", Vector(1, 0, 1, 0, -5)),
        Alternative("land", name, "lapsed", "not_in_force"),
        Alternative("completion", two, "legacy", "dearer", Vector(1, 500_000, 6, 2, 25)),
    )
    status = {
        **dict.fromkeys(("certificate", "first_registration", "land", "completion"), Status.OPEN), "cause": Status.PROVED,
        "contract": Status.PROVED, "court_paper": Status.PROVED, "consent": Status.PROVED, "completion_filing": Status.OPEN,
    }  # fmt: skip
    facts = {("land_status", name): "none", ("legacy", name): True}
    return EstatePlan(places[name], identity(**more), places, facts, Status.DEPENDS, status, ("LAND", "COMPLETION"), joint,
                      unit_plans(places, Status.OPEN), questions, (), None, alternatives, AS_OF, due(40, known))  # fmt: skip


def blocked_estate(name: str = "针织厂家属院（南区）", **more: str) -> EstatePlan:
    """Return an estate with no way left, and a lift: a way of elsewhere, and a paper to be had after all."""
    places = places_of(name)
    status = {**dict.fromkeys(("certificate", "first_registration", "land", "completion"), Status.BLOCKED),
              "completion_filing": Status.BLOCKED, "land_certificate": Status.BLOCKED, "land_minutes": Status.BLOCKED}  # fmt: skip
    joint = JointPlan(
        Vector(),
        (0,) * 5,
        True,
        (),
        (),
        (),
        (),
        tuple(one.id for one in places.values() if one.level == "unit"),
    )
    lift = Lift(
        (("completion_filing", f"{name}/1"),),
        (RouteChoice(name, "land", "elsewhere"),),
        Vector(2, 0, 20, 8, 30),
    )
    blockers = ("completion_filing", "land_minutes")
    return EstatePlan(places[name], identity(**more), places, {("land_status", name): "none"}, Status.BLOCKED, status, ("LAND", "COMPLETION"),
                      joint, unit_plans(places, Status.BLOCKED, blockers), (), blockers, lift, (), AS_OF, {})  # fmt: skip


def done_estate(name: str = "柳园新村") -> EstatePlan:
    """Return an estate with nothing left to do."""
    places = places_of(name)
    joint = JointPlan(Vector(), (0,) * 5, True, (), (), (), (), ())
    status = dict.fromkeys((*(node.id for node in NODES), *(one.id for one in EVIDENCE)), Status.PROVED)
    return EstatePlan(places[name], identity(), places, {}, Status.PROVED, status, (), joint,
                      unit_plans(places, Status.PROVED), (), (), None, (), AS_OF, {})  # fmt: skip


def make_city(*estates: EstatePlan, pack: Pack | None = None) -> CityPlan:
    """Return a city of the given estates, by default one of each kind."""
    complaint = Complaint(
        "C-DATE", "台账", "F17", "2019.13.02", "Not a date.", "不是日期，请写作 2019-12-02。"
    )
    chosen = estates or (open_estate(), blocked_estate(), done_estate())
    leverage = (LeverageRow("parcel_survey", (chosen[0].place.id,), 4, 1),)
    return CityPlan(
        pack or make_pack(), (), chosen, (complaint,), leverage, "cheapest", (), (), {"read": 1.0}
    )
