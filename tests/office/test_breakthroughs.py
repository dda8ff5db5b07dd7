"""Which decisions the next meeting should take, asked of the office's own ledger by who calls meetings.

Wang Jianguo leads the city's task force, Zheng Bo that of Yanggu; Gao Xiulan works in a sub-district office.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from taizhang.errors import InputError
from taizhang.exchange.working import kinds_of_work
from taizhang.ledger.models import Estate, Job, JournalEntry, Official, Organisation
from taizhang.office import breakthroughs
from taizhang.office.access import person_of
from taizhang.office.accounts import open_account
from taizhang.office.breakthroughs import found_breakthroughs
from taizhang.office.dossier import dossiers_of
from taizhang.office.installation import remember_law
from taizhang.office.jobs import work_off
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.register import register
from taizhang.office.why_home import home_named
from taizhang.rules.city import plan_city
from taizhang.rules.leverage import leverage
from taizhang.rules.outline import outline_of
from taizhang.rules.supposing import adoptable, supply
from taizhang.rules.terms import Held, Supposition
from taizhang.rules.whatif import World, what_if
from taizhang.rules.worktime import WorkCalendar

from .builders import DAY, NOON, draft, law
from .results import LAW

EAST, YANGGU = "东昌府区", "阳谷县"
LOST = "机床厂家属院"


def lost(made):
    """The same estate, whose developer has been lost."""
    facts = dict(made.dossier.facts) | {("developer_status", made.place): "lost_contact"}
    return replace(made, dossier=replace(made.dossier, facts=facts))


def lacking(made, shared: int):
    """The same estate, which lacks so many shared papers of its plan and has all the others."""
    (plan,) = plan_city(law(), [made.dossier], [{}], WorkCalendar.china())
    gaps = [(gap.item, gap.place) for gap in plan.joint.gaps if gap.level != "unit"]
    held = dict(made.dossier.held) | dict.fromkeys(gaps[shared:], Held.ON_HAND)
    return replace(made, dossier=replace(made.dossier, held=held))


@cache
def estates():
    """Three: of the first much is lacking; of the others two shared papers, and one."""
    return [
        lost(draft(LOST, units=4)),
        lacking(draft(units=2), 2),
        lacking(draft("纺织厂家属院", YANGGU, "侨润街道", units=3), 1),
    ]


@pytest.fixture
def office(ledger):
    """Three estates in two counties, and who works on them."""
    register(estates(), programme=LAW.pack, file_name="台账.xlsx", sha256="0" * 64, actor="test", now=NOON)
    suppliers = {name: one.zh for name, one in law().suppliers.items()}
    establish_offices(suppliers, city="市专班", actor="test", now=NOON)
    city = Organisation.objects.get(kind="city")
    yanggu = Organisation.objects.create(id=901, kind="county", name="阳谷县专班", county=YANGGU)
    street = Organisation.objects.create(id=902, kind="street", name="柳园", county=EAST, street="柳园街道")
    people = {
        "王建国": ("leader", city), "郑波": ("leader", yanggu), "高秀岚": ("officer", street),
        "周岩": ("leader", street),
    }  # fmt: skip
    for name, (role, where) in people.items():
        account = grant_role(name, role, where, actor="test", now=NOON)
        open_account(account, name, "a-long-password-2024", actor="test", now=NOON)
    remember_law(LAW)
    return ledger


def visiting(name: str) -> Client:
    client = Client(SERVER_NAME="localhost")
    account = get_user_model().objects.get(username=name)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def asked(name: str, most: int = 3) -> Client:
    """Somebody who has asked, and whose search is done."""
    client = visiting(name)
    assert client.post("/breakthroughs", {"most": most}).status_code == 302
    assert work_off(kinds_of_work(LAW, lambda: NOON, LAW.pack), lambda: NOON)
    assert Job.objects.latest("id").state == "done", Job.objects.latest("id").error
    return client


def known(county: str = ""):
    estates = [one for one in Estate.objects.order_by("id") if county in ("", one.county)]
    return list(dossiers_of(estates, DAY))


def test_the_page_tells_what_the_rules_find_in_the_ledger_and_what_would_follow(office):
    before = JournalEntry.objects.count()
    client = asked("王建国")

    page = client.get("/breakthroughs").content.decode()
    told = json.loads(Job.objects.get().result)

    pack, dossiers = law(), known()
    plans = plan_city(pack, dossiers, [{}] * 3, WorkCalendar.china())
    found = leverage(pack, dossiers, list(map(outline_of, plans)), 3)
    assert [(one["k"], one["units"], one["proved"]) for one in told["sets"]] == [
        (one.k, one.units, one.proved) for one in found.bundles
    ]
    assert told["waiting"] == found.waiting > 0
    assert (told["estates"], told["units"]) == (3, 9)
    best = found.bundles[-1]
    assert best.units > 0, "the story has something to be found"
    supposed = [Supposition("supply", one.item, one.place) for one in best.items]
    shift = what_if(
        World(pack, dossiers), World(pack, supply(pack, dossiers, supposed)), [{}] * 3, WorkCalendar.china()
    )
    counts = {kind: told["shift"][kind] for kind in ("unlocked", "eased", "harmed")}
    assert counts == {kind: shift.count(kind) for kind in counts}
    rows = re.findall(r'<tr><th scope="row" class="n">(\d+) .*?<b>(\d+)</b>', page)
    assert rows == [(str(one.k), str(one.units)) for one in found.bundles]
    for one in best.items:
        assert pack.label_of(one.item).zh in page
    assert "“只差这一项”可以多于取得它能打开的户数" in page, "the two counts are told apart"
    assert JournalEntry.objects.count() == before, "nothing is written"


def test_a_home_is_told_why_it_is_or_is_not_among_them(office):
    client = asked("王建国")

    page = client.get("/breakthroughs", {"home": f"{LOST}/1/101"}).content.decode()
    opened = client.get("/breakthroughs", {"home": "纺织厂家属院 1 101"}).content.decode()
    unknown = client.get("/breakthroughs", {"home": "没有的小区/101"})

    items = json.loads(Job.objects.get().result)["sets"][-1]["items"]
    (item,) = (one["item"] for one in items if one["name"] == "纺织厂家属院")
    assert f"起作用的：{law().label_of(item).zh}" in opened, "the paper without which it is not opened"
    assert "最省的路径上仍缺的共用材料" not in opened
    assert "不再需要" not in opened, "what is obtained was needed"

    assert home_named(person_of(Official.objects.get(name="王建国"), DAY), f"{LOST}/1幢/101").name == "101"
    for written in (f"{LOST} 1 101", f"{LOST}1幢101", f"{LOST} 1幢 101 ", f"{LOST}／1／101"):
        assert home_named(person_of(Official.objects.get(name="王建国"), DAY), written).name == "101"
    assert "现在：" in page
    assert "采纳之后：" in page
    assert "起作用的：" in page
    assert "那时仍缺的本户材料：" in page
    assert 'id="why" class="answer" tabindex="-1"' in page
    assert '/breakthroughs#why"' in page, "the page jumps to the answer"
    assert 'id="why"' in unknown.content.decode(), "and to what is wrong"
    assert unknown.status_code == 422
    assert "[E-WHATIF-PLACE]" in unknown.content.decode()
    with pytest.raises(InputError):
        home_named(person_of(Official.objects.get(name="郑波"), DAY), f"{LOST}/1/101")


def test_a_county_looks_at_its_own_estates_and_others_see_nothing_of_it(office):
    asked("郑波")

    told = json.loads(Job.objects.get().result)
    assert (told["estates"], told["units"]) == (1, 3)
    zheng, east = Official.objects.get(name="郑波"), Organisation.objects.get(id=902)
    assert found_breakthroughs(person_of(zheng, DAY)).found
    grant_role(str(zheng.pk), "leader", east, actor="test", now=NOON)
    assert not found_breakthroughs(person_of(zheng, DAY)).found, "found with other rights than today's"
    assert "最佳组合" not in visiting("王建国").get("/breakthroughs").content.decode()
    for name in ("高秀岚", "周岩"):  # a street's leader leads no county's meetings
        for answer in (visiting(name).get("/breakthroughs"), visiting(name).post("/breakthroughs")):
            assert answer.status_code == 403
        assert "突破口" not in visiting(name).get("/meetings").content.decode()
    assert "突破口" in visiting("郑波").get("/meetings").content.decode()


def test_a_set_of_too_many_or_no_number_is_refused(office):
    client = visiting("王建国")
    for most in ("0", "11", "三", ""):
        answer = client.post("/breakthroughs", {"most": most})
        assert answer.status_code == 422
        assert "[E-BREAKTHROUGH-MOST]" in answer.content.decode()
    assert not Job.objects.exists()


def test_while_the_search_runs_the_page_says_so_and_asks_again(office):
    client = visiting("王建国")
    client.post("/breakthroughs", {"most": 2})
    client.post("/breakthroughs", {"most": 3})
    assert Job.objects.count() == 1, "a second click is no second search"

    page = client.get("/breakthroughs").content.decode()

    assert "排队中" in page
    assert 'hx-trigger="every 1s"' in page
    assert "最佳组合" not in page


def kept(items, **more) -> None:
    """A search of Wang Jianguo that is done and found one set."""
    wang = Official.objects.get(name="王建国")
    one = {"k": len(items), "units": 4, "greedy": 4, "proved": False, "bound": 7, "items": items}
    found = {
        "day": DAY.isoformat(),
        "estates": 3,
        "units": 9,
        "waiting": 7,
        "rows": [],
        "opens": [],
        "sets": [one],
    }
    found |= {"scope": sorted(map(repr, person_of(wang, DAY).scopes)), "shift": None, **more}
    Job.objects.create(
        kind="breakthroughs", asked_by=wang, asked_at=NOON, state="done", result=json.dumps(found)
    )


def adoptions() -> list[dict[str, object]]:
    """A decision for the whole city whose sources are to be verified."""
    pack = law()
    for target in adoptable(pack):
        node, _, name = target.partition(".")
        way = next(one for one in pack.nodes[node].ways if one.id == name)
        if any(pack.sources[one].verify for one in way.sources):
            return [{"item": target, "place": "", "estate": 0, "name": "", "where": ""}]
    raise AssertionError("practice of other places that is to be verified")


def test_a_decision_that_is_no_law_here_says_so_with_what_it_rests_on(office):
    kept(adoptions())
    client = visiting("王建国")

    page = client.get("/breakthroughs").content.decode()

    node, _, name = str(adoptions()[0]["item"]).partition(".")
    way = next(one for one in law().nodes[node].ways if one.id == name)
    told = page[page.index("全市采用：") : page.index("</tbody>")]
    assert "目前非本地规定，须有本地文件" in told
    for source in way.sources:
        assert law().sources[source].title.zh in told
    assert '<span class="mark">待核实</span>' in told
    assert "taizhang init --overlay" in page
    client.post("/language", {"language": "en", "next": "/breakthroughs"})
    page = client.get("/breakthroughs").content.decode()
    assert "no law here yet" in page
    assert "to be verified" in page


def test_each_paper_leads_to_where_it_is_acted_on(office):
    estate = Estate.objects.get(name=LOST)
    bureaus, decided = "developer_extinct_proof", "gov_designation_letter"
    told = {"place": estate.place, "estate": estate.pk, "name": estate.name, "where": ""}
    kept([{"item": bureaus, **told}, {"item": decided, **told}])
    client = visiting("王建国")

    page = client.get("/breakthroughs").content.decode()

    assert f"/estates/{estate.pk}#h-gaps" in page
    assert law().suppliers[law().evidence[bureaus].supplier].zh in page
    agenda = f"/estates/{estate.pk}?item={decided}"
    assert f"{agenda}#h-meet" in page
    assert f"item={bureaus}" not in page, "no meeting provides what a bureau issues"
    assert "先召集会商" in client.get(agenda).content.decode()
    client.post("/meetings", {"title": "第一次会商", "held_on": DAY.isoformat(), "county": ""})
    form = client.get(agenda).content.decode()
    assert f'<option value="{decided}" selected>' in form
    assert f'value="{law().evidence[decided].label.zh}" required' in form
    other = client.get(f"/estates/{estate.pk}?item={bureaus}").content.decode()
    form, other = (one[one.index('id="h-meet"') : one.index('id="h-title"')] for one in (form, other))
    assert bureaus not in form
    assert " selected" not in other


def test_estates_that_are_not_listed_are_counted_and_summed_up(office, monkeypatch):
    monkeypatch.setattr(breakthroughs, "_ESTATES", 1)
    page = asked("王建国").get("/breakthroughs").content.decode()

    told = json.loads(Job.objects.get().result)["shift"]
    assert len(told["estates"]) == 1
    assert told["rest"]["estates"] > 0, "the story has more than one"
    for at, kind in enumerate(("unlocked", "eased", "harmed"), 1):
        assert told["estates"][0][at] + told["rest"][kind] == told[kind]
    assert f"共 {1 + told['rest']['estates']} 个，列出破解户数最多的 1 个，其余合计" in page
    assert "个小区合计" in page


def test_the_sets_are_shown_while_it_is_worked_out_what_would_follow(office, monkeypatch):
    client = visiting("王建国")
    client.post("/breakthroughs", {"most": 2})
    pages = []

    def looked_at(*told):
        pages.append(client.get("/breakthroughs").content.decode())
        stamp = re.search(r"shown=([^\"&]+)", pages[0]).group(1)
        part = client.get(f"/breakthroughs?shown={stamp}", headers={"HX-Request": "true"})
        pages.append(part.content.decode())

    monkeypatch.setattr(breakthroughs, "_shift", looked_at)
    assert work_off(kinds_of_work(LAW, lambda: NOON, LAW.pack), lambda: NOON)

    page, part = pages
    assert 'hx-trigger="every 1s"' in page
    assert "正在推算采纳之后各户的变化" in page
    assert '<table id="sets"' in page
    assert "若全部采纳" not in page
    assert 'id="progress"' in part
    assert 'id="results"' not in part, "what the page shows already is not told again"
    assert "shift" in json.loads(Job.objects.get().result)
