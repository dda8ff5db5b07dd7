"""From a meeting to certificates and the closed case, in a real browser on a real server.

Wang Jianguo and Sun Min lead the city's task force, Ma Rui is the registry's registrar, Qian Fang takes the
fees; Gao Xiulan works in the street.  One estate goes the whole way by the hands of all; another one is on
its way already, for the pages that are only looked at and for the forms that are sent without a script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from taizhang.ledger.models import (
    Bill,
    Case,
    Decision,
    Estate,
    Meeting,
    Official,
    Organisation,
    Payment,
    Unit,
)
from taizhang.office.access import person_of
from taizhang.office.accounts import open_account
from taizhang.office.bills import issue_bills, record_payment
from taizhang.office.certificates import CertificateDraft, record_certificates
from taizhang.office.installation import law_of
from taizhang.office.meetings import (
    Matter,
    call_meeting,
    put_on_agenda,
    record_decision,
    record_minutes,
)
from taizhang.office.organisations import grant_role
from taizhang.office.papers import decision_papers
from taizhang.office.planning import propose_plans
from taizhang.office.register import register
from taizhang.office.registrations import record_first_registration
from tests.browser import DESKTOP, NOTHING, PHONE, axe

from .builders import DAY, NOON, draft, law, measured
from .serving import PASSWORD, Served, furnish, served

NEW, BEGUN = "机床厂家属院", "纺织厂家属院"
EAST = "东昌府区"


def someone(name: str):
    return person_of(Official.objects.get(name=name), DAY)


def furnish_results() -> tuple[int, int, tuple[int, ...]]:
    """The small office with two measured estates more; the second is on its way to certificates."""
    keys = furnish()
    register(
        [measured(draft(NEW, units=2)), measured(draft(BEGUN, units=3))],
        programme="title-certificates",
        file_name="测绘台账.xlsx",
        sha256="1" * 64,
        actor="test",
        now=NOON,
    )
    pack, city = law(), Organisation.objects.get(kind="city")
    people = (("孙敏", "leader", "sun"), ("马瑞", "registrar", "ma"), ("钱芳", "cashier", "qian"))
    for name, role, username in people:
        official = grant_role(name, role, city, actor="test", now=NOON)
        open_account(official, username, PASSWORD, actor="test", now=NOON)
    estates = list(Estate.objects.filter(name__in=[NEW, BEGUN]))
    propose_plans(pack, estates, actor="test", now=NOON)
    _begin(Estate.objects.get(name=BEGUN))
    propose_plans(pack, [Estate.objects.get(name=BEGUN)], actor="test", now=NOON)
    return keys


def _begin(estate: Estate) -> None:
    """A meeting held and one to come; registered, billed, one fee paid, one certificate of three."""
    wang, sun, told = someone("王建国"), someone("孙敏"), law_of()
    papers = sorted(decision_papers(law()))
    held = call_meeting(wang, "", "历史遗留问题专题会商", DAY, NOON)
    found = put_on_agenda(wang, told, held.pk, estate.pk, Matter("请议定是否认定", papers[0]), NOON)
    put_on_agenda(wang, told, held.pk, estate.pk, Matter("请议定后续责任由谁承担"), NOON)
    record_minutes(wang, held.pk, "专纪〔2024〕2号", NOON)
    record_decision(sun, found.pk, NOON, taken=True, text="同意认定，由县专班跟进")
    call_meeting(wang, "", "节后会商", DAY, NOON)
    issue_bills(someone("钱芳"), law(), estate.pk, NOON)
    unit, other, _ = Unit.objects.filter(estate=estate).order_by("id")
    line = Bill.objects.get(unit=unit).lines.order_by("id")[0]
    record_payment(someone("钱芳"), unit.pk, line.fee, line.fen, "票0001", DAY, NOON)
    remark = "登记机构已登簿"
    record_first_registration(someone("马瑞"), estate.pk, [], "登首2024-7", DAY, NOON, remark=remark)
    drafts = [CertificateDraft(one.pk, f"测（2024）不动产权第000000{one.pk}号", DAY) for one in (unit, other)]
    record_certificates(someone("马瑞"), drafts, NOON)


@pytest.fixture(scope="module")
def server(
    sqlite_ledger: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """One office for all tests here."""
    folder = tmp_path_factory.mktemp("served")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAIZHANG_DATA", str(folder))
        sqlite_ledger(folder / "taizhang.sqlite3")
        with served(folder, furnish_results(), {"TAIZHANG_DATA": str(folder)}) as running:
            yield running


@pytest.fixture
def signed_in(server, browser_page):
    """``signed_in("ma")`` opens a browser for a person; every visit must have gone without a complaint."""
    visits = []

    def enter(username, size=DESKTOP):
        visit = browser_page(server.base, size)
        visits.append(visit)
        sign_in(visit.page, username)
        return still(visit.page)

    yield enter
    for visit in visits:
        met = tuple(one for one in visit.recorded().errors if "status of 422 " not in one)
        assert replace(visit.recorded(), errors=met) == NOTHING


def sign_in(page, username):
    page.goto("/")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.click("main button")


def still(page):
    """Wait until nothing moves on a page."""
    page.wait_for_selector("body[data-ready]")
    return page


def go(page, address):
    page.goto(address)
    return still(page)


def send(page, act):
    """Send the first form of an act, wherever it is folded away."""
    form = page.locator(f"form[action$='/{act}']").first
    with page.expect_navigation():
        form.locator("button").first.click()
    return still(page)


def unfold(page, words):
    page.click(f"summary:has-text('{words}')")


def test_an_estate_goes_from_a_meeting_to_its_closed_case(server, signed_in):
    estate = Estate.objects.get(name=NEW)
    wang = decided(signed_in, estate)
    paid(signed_in, estate)
    certified(signed_in, estate)

    # Wang closes the case, and has to give no reason.
    go(wang, f"/estates/{estate.pk}")
    unfold(wang, "销号")
    send(wang, "close")
    assert "销号" in wang.inner_text("section[aria-labelledby=h-title] dl")
    assert Case.objects.get(estate=estate).state == "closed"

    # The statistics count it, and each figure opens its list.
    go(wang, "/statistics")
    told = {}
    for wish in ("case=registered", "title=certified", "case=closed"):
        link = wang.locator(f"table.figures tfoot a[href*='{wish}']")
        told[wish] = (int(link.inner_text()), link.get_attribute("href"))
    assert [one for one, _ in told.values()] == [2, 4, 1]
    for value, address in told.values():
        assert int(go(wang, address).inner_text("#list .count b")) == value
    assert NEW in wang.inner_text("#list")


def decided(signed_in, estate):
    """Called by one leader, put on the agenda by the street, decided by the other one; Wang's page."""
    page_of = f"/estates/{estate.pk}"

    # Wang calls a meeting of the county.
    wang = go(signed_in("wang"), "/meetings")
    wang.fill("#title", "机床厂专题会商")
    wang.select_option("#county", EAST)
    send(wang, "meetings")
    meeting = Meeting.objects.get(title="机床厂专题会商")
    assert wang.url.endswith(f"/meetings/{meeting.pk}")
    assert meeting.county == EAST

    # Gao, who may not call one, puts her estate on its agenda from the estate's page.
    gao = go(signed_in("gao"), "/meetings")
    assert gao.locator("#title").count() == 0
    go(gao, page_of)
    if not gao.locator(f"#matter-{meeting.pk}").is_visible():
        unfold(gao, "提请会商")
    gao.fill(f"#matter-{meeting.pk}", "请认定登记主体")
    gao.select_option(f"#item-{meeting.pk}", "responsible_entity")
    send(gao, f"meetings/{meeting.pk}/agenda")
    assert NEW in gao.inner_text("article.matter")
    assert gao.locator("article.matter button").count() == 0  # she proposes and does not decide

    # Wang records the minutes, Sun what was decided.
    go(wang, f"/meetings/{meeting.pk}")
    assert wang.locator("article.matter button").count() == 0  # nothing is decided before the minutes
    wang.fill("#minutes", "专纪〔2024〕9号")
    send(wang, f"meetings/{meeting.pk}")
    sun = go(signed_in("sun"), f"/meetings/{meeting.pk}")
    decision = Decision.objects.get(meeting=meeting)
    sun.fill(f"#text-{decision.pk}", "同意认定")
    send(sun, f"decisions/{decision.pk}/record")
    assert "同意认定" in sun.inner_text("article.matter")
    decision.refresh_from_db()
    assert (decision.state, decision.decided_by.name) == ("taken", "孙敏")
    return wang


def paid(signed_in, estate):
    """Lists for both households; the first one pays line by line."""
    # Qian issues the lists, and takes what the first household owes line by line.
    unit = Unit.objects.filter(estate=estate).order_by("id")[0]
    qian = go(signed_in("qian"), f"/estates/{estate.pk}")
    send(qian, "bill")
    assert Bill.objects.filter(estate=estate).count() == 2
    go(qian, f"/units/{unit.pk}")
    lines = list(Bill.objects.get(unit=unit).lines.order_by("id"))
    for number, line in enumerate(one for one in lines if one.fen):
        qian.fill(f"#receipt-{line.pk}", f"机床票{number}")
        send(qian, "pay")
    assert sum(Payment.objects.filter(unit=unit).values_list("fen", flat=True)) == sum(
        one.fen for one in lines
    )
    assert qian.locator("form[action$='/pay']").count() == 0


def printed(page):
    """On paper the page is the household's slip: every amount explained, and nothing that is the office's."""
    assert page.is_visible("#h-known")
    page.emulate_media(media="print")
    assert not page.is_visible("#h-ask")
    assert not page.is_visible("#h-known")
    assert page.locator("form:visible, details:has(form):visible").count() == 0
    slip = page.inner_text("section[aria-labelledby=h-fees]")
    assert "依据：" in slip
    assert "怎样算出" not in slip
    page.emulate_media(media="screen")


def certified(signed_in, estate):
    """Registered first, a certificate for each unit, one of them in its holder's hands."""
    units = list(Unit.objects.filter(estate=estate).order_by("id"))
    # Ma may not leave out why it is registered before the plan is complete, and then records it.
    ma = go(signed_in("ma"), f"/estates/{estate.pk}")
    unfold(ma, "登记首次登记结果")
    ma.fill("#reg-number", "登首2024-9")
    send(ma, "register")
    assert "E-REGISTRATION-REASON" in ma.inner_text("[role=alert]")
    unfold(ma, "登记首次登记结果")
    ma.fill("#reg-number", "登首2024-9")
    ma.fill("#reg-reason", "登记机构已登簿")
    send(ma, "register")
    assert "登首2024-9" in ma.inner_text("section[aria-labelledby=h-title]")
    for unit in units:
        go(ma, f"/units/{unit.pk}")
        ma.fill("#cert-number", f"测（2024）不动产权第00009{unit.pk:02d}号")
        send(ma, "certify")
        assert f"第00009{unit.pk:02d}号" in ma.inner_text("section[aria-labelledby=h-cert]")

    # Gao hands the first one out.
    gao = go(signed_in("gao"), f"/units/{units[0].pk}")
    printed(gao)
    send(gao, "hand-out")
    assert "已领取" in gao.inner_text("section[aria-labelledby=h-cert]")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "telephone"])
def test_pages_of_results_are_within_reach_of_everybody(server, signed_in, size):
    """No page is wider than the screen, and axe finds nothing serious, in both languages."""
    page = signed_in("wang", size)
    estate = Estate.objects.get(name=BEGUN)
    met = Meeting.objects.order_by("id").values_list("pk", flat=True)[:2]
    units = Unit.objects.filter(estate=estate).order_by("id").values_list("pk", flat=True)
    addresses = ["/meetings", *(f"/meetings/{key}" for key in met), f"/estates/{estate.pk}", "/statistics"]
    addresses += [f"/units/{key}" for key in (units[0], units[2])]
    for language in ("zh-CN", "en"):
        assert page.locator("html").get_attribute("lang") == language
        for address in addresses:
            go(page, address)
            page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], (address, language)
            assert axe(page) == (), (address, language)
        if language == "zh-CN":
            page.click("button:has-text('English')")
            still(page)


def test_without_a_script_certificates_are_handed_out_and_meetings_called(server, chromium):
    unit = Unit.objects.filter(estate__name=BEGUN).order_by("id")[1]
    with chromium.visits() as visit:
        page = visit(server.base).page
        page.route("**/*.js", lambda route: route.abort())
        sign_in(page, "wang")
        page.goto(f"/units/{unit.pk}")
        page.click("form[action$='/hand-out'] button")
        page.wait_for_selector("section[aria-labelledby=h-cert] li:has-text('已领取')")
        page.goto("/meetings")
        page.fill("#title", "不用脚本的会商")
        page.click("form[action$='/meetings'] button")
        page.wait_for_selector("h1:has-text('不用脚本的会商')")
