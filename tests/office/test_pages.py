"""An officer's day, a leader's look and an import, in a real browser on a real server.

Every page that is visited asks no other host, writes no error to its console, breaks no rule of its content
policy and has no serious fault of accessibility, on a desk and on a telephone.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from taizhang.exchange.excel.example import ESTATE, write_example
from taizhang.ledger.models import Estate, JournalEntry, Task, Unit
from tests.browser import DESKTOP, NOTHING, PHONE, axe

from .builders import law
from .ledger_books import Book, at_the_desk
from .serving import PASSWORD, Served, furnish, served

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture(scope="module")
def server(
    sqlite_ledger: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """One office for all tests here; each works on estates and tasks that no other one touches."""
    folder = tmp_path_factory.mktemp("served")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAIZHANG_DATA", str(folder))
        sqlite_ledger(folder / "taizhang.sqlite3")
        with served(folder, furnish(), {"TAIZHANG_DATA": str(folder)}) as running:
            yield running


@pytest.fixture
def signed_in(server, browser_page):
    """``signed_in("gao")`` opens a browser for a person; every visit must have gone without a complaint."""
    visits = []

    def enter(username, size=DESKTOP, refusals=()):
        visit = browser_page(server.base, size)
        visits.append((visit, refusals))
        visit.page.goto("/")
        visit.page.fill("#id_username", username)
        visit.page.fill("#id_password", PASSWORD)
        visit.page.click("main button")
        still(visit.page)
        return visit.page

    yield enter
    for visit, refusals in visits:
        told = visit.recorded()
        met = tuple(
            one for one in told.errors if not any(f"status of {status} " in one for status in refusals)
        )
        assert replace(told, errors=met) == NOTHING


def still(page):
    """Wait until nothing moves on a page."""
    page.wait_for_selector("body[data-ready]")
    return page


def go(page, address):
    page.goto(address)
    return still(page)


def count(page):
    return int(page.inner_text("#list .count b"))


def test_an_officers_day(server, signed_in):
    gao = signed_in("gao")

    # She sees what is hers, and nothing of the other street.
    assert "高秀岚" in gao.inner_text("h1")
    assert "邮电局家属楼" not in go(gao, "/estates").inner_text("main")
    go(gao, "/").click("table a >> nth=0")
    go(gao, f"/tasks/{server.tasks[0]}")
    paper = gao.inner_text("h1").split("\n")[0].split()[0]

    # Why it is needed leads from the certificate to the paper; why the day is told line by line.
    path = gao.locator(".path span").all_inner_texts()
    assert path[0].startswith("不动产权证书")
    assert path[-1] == paper
    gao.click("summary:has-text('逐日说明')")
    days = gao.locator("table.days tbody tr").all_inner_texts()
    numbers = [int(found.group(1)) for line in days if (found := re.search(r"\t(\d+)\t", line))]
    budget = int(re.search(r"共 (\d+) 个工作日", gao.inner_text("main")).group(1))
    assert numbers == list(range(1, budget + 1))
    assert days[-1].split()[0] == str(Task.objects.get(pk=server.tasks[0]).due_on)

    # She takes note of it and hands a file in.
    gao.click("button:has-text('签收')")
    still(gao)
    gao.set_input_files("#file", {"name": "测绘报告.pdf", "mimeType": "application/pdf", "buffer": PDF})
    gao.fill("#number", "棠测〔2024〕12号")
    gao.click("form.fields button:has-text('提交')")
    still(gao)
    assert "待审核" in gao.inner_text("h1")
    assert axe(gao) == ()

    # She may not accept it herself: it is not offered.
    assert gao.locator("button:has-text('通过')").count() == 0

    # Wang Jianguo finds it on his desk, reads the file and accepts it.
    wang = signed_in("wang")
    assert paper in wang.inner_text("main")
    go(wang, f"/tasks/{server.tasks[0]}")
    with wang.expect_download() as download:
        wang.click("a:has-text('测绘报告.pdf')")
    assert Path(download.value.path()).read_bytes() == PDF
    wang.click("button:has-text('通过') >> nth=0")
    still(wang)
    assert "已办结" in wang.inner_text("h1")

    # The paper is on hand, the plan was computed anew, and each of the acts is in the journal.
    held = json.loads(Estate.objects.get(pk=server.estate).held)
    task = Task.objects.get(pk=server.tasks[0])
    assert held.get(task.item) == "on_hand" or task.level != "estate"
    row = go(wang, f"/estates/{server.estate}").locator(f"tr:has(a[href='/tasks/{task.pk}'])")
    assert "已办结" in row.inner_text()
    assert Estate.objects.get(pk=server.estate).status is not None
    mine = JournalEntry.objects.filter(subject=f"task:{task.pk}").order_by("id")
    assert list(mine.values_list("act", flat=True)) == [
        "acknowledge_task",
        "hand_in_evidence",
        "accept_evidence",
    ]
    assert JournalEntry.objects.filter(act="read_attachment", subject=f"estate:{server.estate}").count() == 1
    assert JournalEntry.objects.filter(act="propose_plans", id__gt=mine.last().pk).exists()


def test_a_leaders_look(server, signed_in):
    wang = signed_in("wang")

    # Every figure of the table is the length of the list it opens.
    go(wang, "/statistics")
    links = wang.locator("table.figures a")
    figures = [(one.inner_text(), one.get_attribute("href")) for one in links.all()]
    assert len(figures) > 50
    for value, address in figures[::4]:
        assert count(go(wang, address)) == int(value), address

    # The ledger is narrowed without leaving it, and the address says how.
    go(wang, "/estates")
    assert count(wang) == Estate.objects.count()
    wang.select_option("#w-county", "茌平区")
    wang.wait_for_url("**county=*")
    still(wang)
    assert count(wang) == 2
    with wang.expect_download() as download:
        wang.click("a:has-text('导出 Excel')")
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(download.value.path()).get_sheet_by_index(0).to_python()
    assert [row[2] for row in rows[2:]] == ["邮电局家属楼", "酒厂宿舍"]

    # He reads what is missing and why, looks at the route and adopts the plan.
    go(wang, f"/estates/{server.other}")
    assert wang.locator(".picture svg").count() == 1
    assert wang.locator("td details summary").first.inner_text()
    wang.click("button:has-text('采用方案')")
    still(wang)
    assert "王建国" in wang.inner_text(".plan")
    assert (
        Task.objects.filter(estate_id=server.other).count()
        == wang.locator("section[aria-labelledby=h-gaps] tbody tr").count()
    )


def test_a_ledger_is_looked_at_before_it_is_written(server, signed_in, tmp_path):
    ledger = tmp_path / "台账.xlsx"
    write_example(ledger, law())
    zhou = signed_in("zhou")
    go(zhou, "/import")
    zhou.set_input_files("#files", ledger)
    zhou.click("main button:has-text('试运行')")

    # The dry run shows what would be new, and writes nothing.
    zhou.wait_for_selector("button:has-text('确认写入')", timeout=60_000)
    assert "1" in zhou.inner_text("table.figures tbody tr >> nth=0")
    assert not Estate.objects.filter(name=ESTATE).exists()
    assert axe(zhou) == ()

    # Written, it is in the ledger with its plan.
    zhou.click("button:has-text('确认写入')")
    zhou.wait_for_selector("a:has-text('查看台账')", timeout=60_000)
    estate = Estate.objects.get(name=ESTATE)
    assert estate.status is not None
    assert ESTATE in go(zhou, f"/estates/{estate.pk}").inner_text("h1")

    # What was handed in is not kept: it names people.
    uploads = Path(os.environ["TAIZHANG_DATA"]) / "uploads"
    for _ in range(50):
        if not list(uploads.glob(f"*/{ledger.name}")):
            break
        zhou.wait_for_timeout(100)
    assert not list(uploads.glob(f"*/{ledger.name}"))


def test_the_ledger_is_taken_out_edited_and_its_conflict_decided(server, signed_in, tmp_path):
    zhou, unit = signed_in("zhou"), Unit.objects.filter(estate=server.other).order_by("id").first()
    go(zhou, f"/estates?county={unit.county}")
    assert axe(zhou) == ()
    with zhou.expect_download() as taken:
        zhou.click("button:has-text('导出台账')")
    path = tmp_path / "ledger.xlsx"
    taken.value.save_as(path)

    # She edits a cell that somebody at the office edits too.
    book = Book(path)
    row = book.row("户台账", 小区名称=unit.estate.name, 房号=unit.name)
    book.cell("户台账", row, "取得方式").value = "集资名册"
    book.save()
    at_the_desk(unit.place, facts={"purchase_basis": "court_document"})

    go(zhou, "/import")
    zhou.set_input_files("#files", path)
    zhou.click("main button:has-text('试运行')")
    zhou.wait_for_selector("#conflicts", timeout=60_000)
    told = zhou.inner_text("#conflicts tbody tr")
    assert all(words in told for words in ("户台账", "（空）", "集资名册", "法院文书", "3 高秀岚"))
    assert axe(zhou) == ()

    # The ledger's is kept unless she says otherwise.
    assert zhou.is_checked("input[name=conflicts][value=keep]")
    zhou.check("input[name=conflicts][value=take]")
    zhou.click("button:has-text('确认写入')")
    zhou.wait_for_selector("a:has-text('查看台账')", timeout=60_000)
    assert json.loads(Unit.objects.get(pk=unit.pk).facts)["purchase_basis"] == "funded_roster"


def test_a_ledger_is_taken_back_where_nobody_has_acted_on_it(server, signed_in, tmp_path):
    """Looked at first; the batch on which people have acted says so, and offers nothing."""
    rows = ["县（市、区）,街道（镇）,小区,楼号,户号", "茌平区,振兴街道,粮站家属院,1,101"]
    ledger = tmp_path / "误导入.csv"
    ledger.write_text("\n".join(rows) + "\n", encoding="utf-8")
    zhou = signed_in("zhou")
    go(zhou, "/import")
    zhou.set_input_files("#files", ledger)
    zhou.click("main button:has-text('试运行')")
    zhou.click("button:has-text('确认写入')", timeout=60_000)
    zhou.wait_for_selector("a:has-text('查看台账')", timeout=60_000)
    assert Estate.objects.filter(name="粮站家属院").exists()
    assert "其后已有人员办理" in go(zhou, "/batches/1").inner_text("main")
    assert zhou.locator("#reason").count() == 0

    go(zhou, "/import")
    zhou.click("th a[href^='/batches/'] >> nth=0")
    assert "测算方案" in still(zhou).inner_text("main table")
    assert axe(zhou) == ()
    zhou.fill("#reason", "导错了县")
    zhou.click("button:has-text('撤销本次导入')")
    zhou.wait_for_selector("text=已撤销，涉及", timeout=60_000)

    assert not Estate.objects.filter(name="粮站家属院").exists()
    assert "已撤销" in go(zhou, "/import").inner_text("main")


def test_a_part_of_a_page_leads_to_the_sign_in_once_the_session_has_ended(server, signed_in):
    """The whole page goes there, and comes back to where it was."""
    gao = signed_in("gao")
    address = f"/tasks/{server.tasks[0]}"
    go(gao, address)
    gao.context.clear_cookies()
    gao.evaluate(f"htmx.ajax('GET', '/estates/{server.estate}/route', '#main')")
    gao.wait_for_url(f"**/sign-in?next={address}")

    assert still(gao).locator("#id_username").count() == 1


def test_what_is_wrong_with_a_file_is_said_and_nothing_is_half_done(server, signed_in, tmp_path):
    wrong = tmp_path / "照片.xlsx"
    wrong.write_bytes(b"not a workbook")
    zhou = signed_in("zhou")
    go(zhou, "/import")
    zhou.set_input_files("#files", wrong)
    zhou.click("main button:has-text('试运行')")
    zhou.wait_for_selector("[role=alert]", timeout=60_000)
    assert re.search(r"照片\.xlsx.*\[E-[A-Z-]+\]", zhou.inner_text("[role=alert]"), re.DOTALL)


def test_five_failures_lock_the_door(server, browser_page):
    visit = browser_page(server.base)
    for attempt in range(5):
        visit.page.goto("/sign-in")
        visit.page.fill("#id_username", "chen")
        visit.page.fill("#id_password", f"wrong {attempt}")
        visit.page.click("main button")
        visit.page.wait_for_selector("h1")
    assert "锁定" in visit.page.inner_text("h1")
    visit.page.goto("/sign-in")
    visit.page.fill("#id_username", "chen")
    visit.page.fill("#id_password", PASSWORD)
    visit.page.click("main button")
    visit.page.wait_for_selector("h1")
    assert "锁定" in visit.page.inner_text("h1")


def test_of_two_who_decide_at_once_the_second_is_told(server, signed_in):
    gao, again = signed_in("gao"), signed_in("gao", refusals=(409,))
    for page in (gao, again):
        go(page, f"/tasks/{server.tasks[1]}")
    gao.click("button:has-text('签收')")
    still(gao)
    with again.expect_response(f"**/tasks/{server.tasks[1]}/*") as answer:
        again.click("button:has-text('签收')")
    assert answer.value.status == 409
    assert "E-TASK-STATE" in still(again).inner_text("[role=alert]")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "telephone"])
def test_every_page_is_within_reach_of_everybody(server, signed_in, size):
    """No page is wider than the screen, and axe finds nothing serious, in both languages."""
    pages = {"wang": ["/", "/statistics", "/password"], "zhou": ["/import", "/batches/1", "/estates/999"]}
    pages["wang"] += ["/estates", "/units", "/tasks", f"/estates/{server.estate}", f"/estates/{server.other}"]
    pages["wang"] += [f"/tasks/{server.tasks[3]}", "/nowhere"]
    for username, addresses in pages.items():
        page = signed_in(username, size, refusals=(403, 404))
        for address in addresses:
            with page.expect_response("**") as answer:
                page.goto(address)
            still(page)
            assert answer.value.status < 500
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], address
            assert axe(page) == (), address
        page.click("button:has-text('English')")
        still(page)
        assert page.locator("html").get_attribute("lang") == "en"
        assert axe(page) == ()


def test_without_a_script_the_pages_work(server, chromium):
    with chromium.visits() as visit:
        page = visit(server.base).page
        page.route("**/*.js", lambda route: route.abort())
        page.goto("/")
        page.fill("#id_username", "gao")
        page.fill("#id_password", PASSWORD)
        page.click("main button")
        page.goto("/estates?county=茌平区")
        assert page.inner_text("#list .count b") == "0"
        page.goto(f"/tasks/{server.tasks[2]}")
        page.click("button:has-text('签收')")
        page.wait_for_selector("h1 .acknowledged")
