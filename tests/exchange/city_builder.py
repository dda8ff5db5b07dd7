"""A small city by hand: two estates under a pack of three requirements.

甲小区 can be completed, with a paper of unknown price and an assumption; 乙小区 is blocked, with
a lift, and its dates lie beyond the calendar.  Names and cells try to be formulas.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from taizhang.rules.expressions import parse
from taizhang.rules.terms import (
    Alternative,
    Assumption,
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
    Held,
    JointPlan,
    Label,
    Ledger,
    LedgerRow,
    LeverageRow,
    Lift,
    Node,
    Pack,
    Place,
    ProblemClass,
    Question,
    RecognisedColumn,
    Ref,
    RouteChoice,
    SheetCopy,
    Source,
    Span,
    Status,
    Step,
    UnitPlan,
    Vector,
    Way,
)

AS_OF = date(2024, 1, 28)
INJECTION = '=HYPERLINK("http://evil.example","点我")'


def _sources() -> list[Source]:
    return [
        Source(
            "s01",
            Label("不动产登记暂行条例", "Interim Regulation on Real Estate Registration"),
            "regulation",
            False,
            Span(date(2015, 3, 1)),
        ),
        Source(
            "s02",
            Label("关于加快解决不动产登记若干历史遗留问题的通知（自然资发〔2021〕1号）", "MNR 2021-1"),
            "notice",
            True,
            Span(date(2021, 1, 15)),
            Label("仅见转载，未见正式文本", "seen in reprint only"),
        ),
        Source("p01", Label("外地容缺受理办法", "practice elsewhere"), "practice", True),
    ]


def _papers() -> list[Evidence]:
    return [
        Evidence(
            "land_permit",
            "estate",
            Label("国有土地使用证", "land use certificate"),
            "land_bureau",
            Cost(1_200_000, 6, 20, 30),
            sources=("s01",),
        ),
        Evidence(
            "survey_report",
            "building",
            Label("房产测绘成果报告", "survey report"),
            "survey_team",
            Cost(None, 8, 15),
            sources=("s02",),
        ),
        Evidence(
            "purchase_contract", "unit", Label("购房合同", "purchase contract"), "household", Cost(0, 1, 2)
        ),
        Evidence(
            "tax_receipt", "unit", Label("契税完税凭证", "deed tax receipt"), "tax_bureau", Cost(0, 1, 3)
        ),
        Evidence(
            "city_minutes",
            "city",
            Label("市专班会议纪要", "minutes of the city task force"),
            "task_force",
            Cost(0, 4, 10),
            kind="decision",
            sources=("s02",),
        ),
    ]


def _nodes() -> list[Node]:
    return [
        Node(
            "certificate",
            "unit",
            Label("办证（转移登记）", "certificate"),
            (
                Way(
                    "transfer",
                    Label("转移登记", "transfer"),
                    (Ref("first_registration"), Ref("purchase_contract"), Ref("tax_receipt")),
                    step=Cost(8_000, 1, 5, 30),
                    step_supplier="registry",
                    sources=("s01",),
                ),
            ),
        ),
        Node(
            "first_registration",
            "estate",
            Label("首次登记", "first registration"),
            (
                Way(
                    "ordinary",
                    Label("按常规程序", "ordinary"),
                    (Ref("land_settled"), Each("building", "survey_report")),
                    step=Cost(0, 6, 30, 30),
                    step_supplier="registry",
                    sources=("s01",),
                ),
                Way(
                    "deferred",
                    Label("容缺受理", "deferred"),
                    (Ref("land_settled"),),
                    rank=1,
                    adopted=False,
                    sources=("p01",),
                ),
            ),
        ),
        Node(
            "land_settled",
            "estate",
            Label("土地来源材料", "land settled"),
            (
                Way(
                    "by_permit",
                    Label("土地使用证", "by certificate"),
                    (Ref("land_permit"),),
                    sources=("s01",),
                ),
                Way(
                    "by_minutes",
                    Label("会议纪要认定", "by minutes"),
                    (Ref("city_minutes"),),
                    rank=1,
                    sources=("s02",),
                ),
                Way(
                    "old_rule",
                    Label("旧规定", "old rule"),
                    (),
                    rank=2,
                    effective=Span(None, date(2020, 6, 29)),
                ),
            ),
        ),
    ]


def _facts() -> list[Fact]:
    return [
        Fact(
            "land_status",
            "estate",
            "enum",
            Label("土地状况", "land status"),
            Label("土地是出让还是划拨？", "Is the land granted or allocated?"),
            "land_bureau",
            {"granted": Label("出让", "granted"), "allocated": Label("划拨", "allocated")},
        ),
        Fact(
            "area_m2",
            "unit",
            "decimal",
            Label("建筑面积", "floor area"),
            Label("建筑面积多少？", "How large?"),
            "survey_team",
        ),
        Fact(
            "developer_exists",
            "estate",
            "bool",
            Label("开发企业存续", "developer exists"),
            Label("开发企业是否存续？", "Does the developer exist?"),
            "street",
        ),
    ]


def _fees() -> list[Fee]:
    return [
        Fee(
            "deed_tax",
            "unit",
            Label("契税", "deed tax"),
            "household",
            parse("1"),
            Decimal("0.01"),
            "half_up",
            (),
        ),
        Fee(
            "registration_fee",
            "unit",
            Label("登记费", "registration fee"),
            "household",
            parse("80"),
            Decimal("0.01"),
            "half_up",
            (),
        ),
    ]


def _suppliers() -> dict[str, str]:
    return {
        "registry": "不动产登记中心",
        "land_bureau": "自然资源和规划局",
        "survey_team": "测绘单位",
        "household": "住户",
        "tax_bureau": "税务局",
        "task_force": "市专班",
        "street": "街道办事处",
    }


def pack() -> Pack:
    """Three requirements, five papers, one way that is not adopted, one that is not in force."""
    return Pack(
        id="title-certificates",
        version="0.1.0",
        title=Label("房屋产权确权颁证", "title certificates"),
        jurisdiction="CN",
        levels=("city", "county", "estate", "building", "unit"),
        goal="certificate",
        objective=("rank", "money", "effort", "items", "days"),
        as_of=AS_OF,
        sources={one.id: one for one in _sources()},
        params={},
        facts={one.id: one for one in _facts()},
        suppliers={key: Label(zh, key.replace("_", " ")) for key, zh in _suppliers().items()},
        evidence={one.id: one for one in _papers()},
        nodes={one.id: one for one in _nodes()},
        fees={one.id: one for one in _fees()},
        headings={},
        classes=(
            ProblemClass("LAND", Label("用地手续不完善", "land procedure"), ("land_settled",)),
            ProblemClass("SURVEY", Label("测绘缺失", "no survey"), ("first_registration",)),
        ),
        lock=(("title-certificates", "0.1.0", "ab" * 32),),
    )


def due(days: int, last: int) -> dict[int, date | None]:
    """Dates for offsets up to ``days``; none is known after ``last``."""
    return {n: AS_OF + timedelta(days=n * 7 // 5) if n <= last else None for n in range(days + 1)}


TOP = RouteChoice("乙", "certificate", "transfer")


def _places(estate: str, name: str, units: int) -> dict[str, Place]:
    places = [
        Place("city", "city", None, "聊城市"),
        Place("county", "county", "city", "东昌府区"),
        Place("estate", estate, "county", name),
        Place("building", f"{estate}/1", estate, "1"),
    ]
    places += [Place("unit", f"{estate}/1/{n}", f"{estate}/1", f"{n}01") for n in range(1, units + 1)]
    return {place.id: place for place in places}


def open_estate(units: int = 4, key: str = "e1", name: str = "甲小区") -> EstatePlan:
    """An estate that lacks a land paper, a survey of unknown price and papers of its units."""
    places = _places(key, name, units)
    e, b = key, f"{key}/1"
    own = [f"{b}/{n}" for n in range(1, units + 1)]
    path = (
        RouteChoice(own[0], "certificate", "transfer"),
        RouteChoice(e, "first_registration", "ordinary"),
        RouteChoice(e, "land_settled", "by_permit"),
    )
    others = (
        Alternative("land_settled", e, "by_minutes", "dearer", Vector(1, -1_200_000, -2, 0, -10)),
        Alternative("land_settled", e, "old_rule", "not_in_force"),
    )
    deferred = Alternative("first_registration", e, "deferred", "not_adopted", Vector(1, 0, -8, -1, -15))
    gaps = [
        Gap(
            "land_permit",
            e,
            "estate",
            "land_bureau",
            1_200_000,
            6,
            20,
            0,
            20,
            0,
            True,
            units,
            "chosen",
            Vector(1, -1_200_000, -2, 0, -10),
            path,
            others,
        ),
        Gap(
            "survey_report",
            b,
            "building",
            "survey_team",
            None,
            8,
            15,
            0,
            15,
            5,
            False,
            units,
            "necessary",
            None,
            path[:2],
            (deferred,),
        ),
        *[
            Gap(
                "purchase_contract",
                u,
                "unit",
                "household",
                0,
                1,
                2,
                0,
                2,
                48,
                False,
                1,
                "necessary",
                None,
                (RouteChoice(u, "certificate", "transfer"),),
            )
            for u in own
        ],
        *[
            Gap(
                "tax_receipt",
                u,
                "unit",
                "tax_bureau",
                None if n else 150_000,
                1,
                3,
                2,
                5,
                45,
                False,
                1,
                "necessary",
                None,
                (RouteChoice(u, "certificate", "transfer"),),
            )
            for n, u in enumerate(own)
        ],
    ]
    steps = [
        Step("first_registration", e, "ordinary", "registry", 30, 6, 0, 20, 50, 0, True, 30),
        *[Step("certificate", u, "transfer", "registry", 5, 1, 8_000, 50, 55, 0, True, 30) for u in own],
    ]
    route = [*path[1:], *[RouteChoice(u, "certificate", "transfer") for u in own]]
    vector = Vector(0, 1_200_000 + 150_000 + 8_000 * units, 20 + 3 * units, 2 + 2 * units, 55)
    joint = JointPlan(
        vector,
        (0, vector.money_fen, vector.effort, vector.items, 55),
        True,
        tuple(gaps),
        tuple(steps),
        tuple(sorted(route)),
        (Assumption("land_status", e, ("granted",)),),
        (),
        unknown_costs=("survey_report", "tax_receipt"),
    )
    bills = [
        Bill({"deed_tax": 1_500_050, "registration_fee": 8_000}, 1_508_050, frozenset(), AS_OF),
        Bill({"registration_fee": 8_000}, 8_000, frozenset({"area_m2"}), AS_OF),
        Bill({}, 0, frozenset({"area_m2", "land_status"}), AS_OF),
    ]
    plans = tuple(
        UnitPlan(
            places[u],
            (Status.OPEN, Status.DEPENDS)[n == 1],
            n != 1,
            Vector(0, 1_358_000, 22, 4, 55),
            ("purchase_contract", "tax_receipt"),
            (("land_permit", e), ("survey_report", b)),
            bills[n % 3],
        )
        for n, u in enumerate(own)
    )
    question = Question(
        "land_status", e, ((("granted",), Vector(0, 1_382_000, 32, 10, 55)), (("allocated",), None))
    )
    return EstatePlan(
        place=places[e],
        identity={
            "county": "东昌府区",
            "street": "柳园街道",
            "responsible_official": "张三",
            "sponsor": "李四",
        },
        places=places,
        facts={("area_m2", own[0]): Decimal("90.00")},
        status=Status.DEPENDS,
        node_status={"certificate": Status.OPEN},
        classes=("LAND", "SURVEY"),
        joint=joint,
        units=plans,
        questions=(question,),
        blocked_by=(),
        lift=None,
        alternatives=(*others, deferred),
        start=AS_OF,
        due=due(55, 55),
    )


def blocked_estate() -> EstatePlan:
    """An estate named like a formula: one unit waits for the city, one is blocked, one is proved."""
    places = _places("e2", "=乙小区（北区）", 3)
    own = [f"e2/1/{n}" for n in (1, 2, 3)]
    path = (
        RouteChoice(own[0], "certificate", "transfer"),
        RouteChoice("e2", "first_registration", "ordinary"),
        RouteChoice("e2", "land_settled", "by_minutes"),
    )
    closed = Alternative("land_settled", "e2", "by_permit", "blocked", None, ("land_permit",))
    gap = Gap(
        "city_minutes",
        "city",
        "city",
        "task_force",
        0,
        4,
        10,
        0,
        600,
        0,
        True,
        1,
        "necessary",
        None,
        path,
        (closed, Alternative("land_settled", "e2", "old_rule", "guard_false", None, ("land_status",))),
    )
    vector = Vector(1, 0, 4, 1, 600)
    joint = JointPlan(
        vector, (1, 0, 4, 1, 600), False, (gap,), (), path, (), (own[1],), bound=(0, 0, 2, 1, 500)
    )
    none = Bill({}, 0, frozenset({"area_m2"}), AS_OF)
    shared = (("city_minutes", "city"),)
    plans = (
        UnitPlan(places[own[0]], Status.OPEN, True, vector, (), shared, none),
        UnitPlan(places[own[1]], Status.BLOCKED, True, None, (), (), none, ("land_permit",)),
        UnitPlan(places[own[2]], Status.PROVED, True, Vector(), (), (), none),
    )
    return EstatePlan(
        place=places["e2"],
        identity={"county": "东昌府区", "street": "+古楼街道"},
        places=places,
        facts={("land_status", "e2"): "allocated", ("developer_exists", "e2"): False},
        status=Status.BLOCKED,
        node_status={"certificate": Status.BLOCKED},
        classes=("LAND",),
        joint=joint,
        units=plans,
        questions=(),
        blocked_by=("land_permit",),
        lift=Lift(
            (("land_permit", "e2"),),
            (RouteChoice("e2", "first_registration", "deferred"),),
            Vector(1, 99_900, 5, 2, 30),
        ),
        alternatives=(closed,),
        start=AS_OF,
        due=due(600, 500),
    )


def ledger(name: str = "2024年台账/第一季度:东昌府区与柳园街道联合摸排结果汇总表（最终版）") -> Ledger:
    """A ledger with a merged title, text that looks like numbers, and two problem cells."""
    rows = (
        ("房屋产权确权颁证台账", None, None, None, None, None),
        ("序号", "小区", "竣工日期", "身份证号", "面积", "备注"),
        (1, "甲小区", date(2003, 5, 1), "371502198001010011", 90.5, INJECTION),
        (2, "=乙小区（北区）", "2003.13", 371502198001010000, Decimal("88.10"), "\t制表符\x0b与_x0041_与<&>"),
        (3, "+古楼", "不清楚", True, None, "-1"),
    )
    complaints = (
        Complaint(
            "C-DATE",
            name,
            "C4",
            "2003.13",
            "'2003.13' is not a date; write 2003-12.",
            "“2003.13”不是日期，请写成 2003-12。",
        ),
        Complaint(
            "C-DATE", name, "C5", "=不清楚", "'=不清楚' is not a date.", "“不清楚”不是日期，不知道请留空。"
        ),
    )
    columns = (
        RecognisedColumn(name, "B", "小区", "estate", "identity", "same as the heading", "与表头同名"),
        RecognisedColumn(name, "C", "竣工日期", "land_status", "fact", "synonym", "同义词"),
        RecognisedColumn(name, "F", "备注", "", "unknown", "no synonym; kept", "无对应，原样保留"),
    )
    unit = LedgerRow(
        "unit", name, 3, "甲小区", "1", "101", {"holder": "@王五"}, {}, {"land_permit": Held.MISSING}
    )
    return Ledger(
        "台账.xlsx", (unit,), columns, complaints, (SheetCopy(name, rows, ((0, 0, 0, 5),), (0, 1)),)
    )


def small_city(*estates: EstatePlan) -> CityPlan:
    """The city of both estates, or of those given."""
    book = ledger()
    plans = estates or (open_estate(), blocked_estate())
    unpublished = "部分日期落在尚未公布放假安排的年份，以工作日数代替日期。"
    calendar = Complaint("C-CALENDAR-YEAR", "", "", "2026", "No holiday notice for 2026.", unpublished)
    return CityPlan(
        pack=pack(),
        ledgers=(book,),
        estates=tuple(plans),
        complaints=(*book.complaints, calendar),
        leverage=(
            LeverageRow("land_permit", ("e1",), 4, 0),
            LeverageRow("city_minutes", ("e2",), 1, 1),
        ),
        prefer="cheapest",
        overlays=("title-certificates-shandong",),
        decisions=(),
        seconds={"read": 0.5},
    )


def city_of(units: int, per_estate: int = 180) -> CityPlan:
    """A city of many units, for measuring."""
    full, rest = divmod(units, per_estate)
    sizes = [per_estate] * full + ([rest] if rest else [])
    estates = [open_estate(size, f"e{n}", f"第{n}小区") for n, size in enumerate(sizes, 1)]
    return replace(small_city(*estates), complaints=())
