"""What is checked behind every door of the pages, against the list of rights.

Reads from: ``rights``, ``rights_visit``, the pages.  Read by: ``test_rights``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlencode

import python_calamine
from django.core.files.uploadedfile import SimpleUploadedFile

from .rights import STATES
from .rights_people import BUREAU, EAST, LIU, PEOPLE, WEST
from .rights_visit import LINK, Visit, checks, pulse, rolled_back, samples
from .rights_world import TaskNote

__all__ = ["COLUMNS", "WISHES"]

COLUMNS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "estates": ("estates", {}),
    "units": ("units", {}),
    "units_proved": ("units", {"status": "proved"}),
    "units_open": ("units", {"status": "open"}),
    "units_depends": ("units", {"status": "depends"}),
    "units_blocked": ("units", {"status": "blocked"}),
    "estates_adopted": ("estates", {"plan": "adopted"}),
    "tasks_running": ("tasks", {"state": "running"}),
    "tasks_overdue": ("tasks", {"due": "overdue"}),
    "tasks_complete": ("tasks", {"state": "complete"}),
    "estates_registered": ("estates", {"case": "registered"}),
    "units_certified": ("units", {"title": "certified"}),
    "estates_closed": ("estates", {"case": "closed"}),
}
WISHES: Mapping[str, Sequence[Mapping[str, str]]] = {
    "estates": (
        {},
        {"county": WEST},
        {"q": "丙"},
        {"county": EAST, "street": LIU},
        {"class": "ARREARS"},
        {"status": "open"},
        {"plan": "adopted"},
        {"plan": "none"},
        {"late": "1"},
        {"case": "registered"},
        {"case": "closed"},
    ),
    "units": (
        {},
        {"county": WEST},
        {"q": "101"},
        {"status": "blocked"},
        {"class": "ARREARS"},
        {"fees": "unknown"},
        {"estate": "3"},
        {"title": "certified"},
        {"title": "billed"},
        {"title": "collected"},
    ),
    "tasks": (
        {},
        {"county": WEST},
        {"q": "丙"},
        {"county": EAST, "street": LIU},
        {"supplier": BUREAU},
        {"state": "handed_in"},
        {"due": "overdue"},
        {"kind": "gap", "due": "week"},
        {"estate": "3"},
        {"item": "identity_document"},
    ),
}

# ------------------------------------------------------------------------------------ lists


def count_of(page: Any) -> int:
    """The number above a list."""
    return int(page.xpath("string(//p[@class='count']/b)") or -1)


def keys_of(page: Any, kind: str) -> list[object]:
    """The rows of a list."""
    rows = page.xpath("//div[@id='list']//tbody/tr[th]")
    if kind == "units":
        return [(_key(row, "estates"), row.xpath("string(td[1])").strip()) for row in rows]
    return [_key(row, kind) for row in rows]


def _key(row: Any, kind: str) -> int:
    links = [one for one in row.xpath(".//a/@href") if one.startswith(f"/{kind}/")]
    return int(links[0].rsplit("/", 1)[1]) if links else 0


def told_rows(going: Visit, kind: str, keys: frozenset[int]) -> Counter[object]:
    """The rows of a list as they are told."""
    if kind == "units":
        return Counter((going.world.units[key].estate, going.world.units[key].label) for key in keys)
    return Counter(keys)


@checks("estates", "units", "tasks")
def lists(going: Visit) -> None:
    """Exactly the rows, their count, the boxes to narrow by; unknown wishes are refused."""
    for kind, wishes in WISHES.items():
        for wanted in (wishes[0], *going.pick(wishes[1:])):
            _list(going, kind, wanted)
        path = f"/{kind}?county={WEST}&page="
        for page in going.pick(("999", "abc")):
            going.get(path + page, skip=[WEST])
        for wish in going.pick(
            ("nothing=1", "status=nothing", "state=nothing", "estate=x", "due=never", "case=x", "title=x")
        ):
            going.get(f"/{kind}?{wish}", 422)


def _list(going: Visit, kind: str, wanted: Mapping[str, str]) -> None:
    path = f"/{kind}?{urlencode(wanted)}"
    page = going.get(path)
    if page is None or "error" in page.classes:
        return
    told = told_rows(going, kind, going.rights.listed(kind, wanted))
    going.same(f"GET {path}", "count", count_of(page), sum(told.values()))
    rows = Counter(keys_of(page, kind))
    for number in range(2, sum(told.values()) // 50 + 2 if sum(told.values()) > 50 else 2):
        rows.update(keys_of(going.get(f"{path}&page={number}"), kind))
    going.same(f"GET {path}", "rows", rows, told)
    for name, told_names in (
        ("county", going.rights.counties()),
        ("street", going.rights.streets(wanted.get("county", ""))),
    ):
        boxes = page.xpath(f"//select[@name='{name}']")
        if boxes:
            names = [one for one in boxes[0].xpath("option/@value") if one]
            going.same(f"GET {path}", f"names to narrow by {name}", names, told_names)


@checks("exported")
def exports(going: Visit) -> None:
    """A workbook holds the rows of the list; who may not export gets none."""
    for kind, wishes in WISHES.items():
        for wanted in (wishes[0], *going.pick(wishes[1:4])):
            path = f"/export/{kind}.xlsx?{urlencode(wanted)}"
            status = 200 if going.rights.posts("export") else 403
            before = pulse()[0]
            answer = going.client.get(path)
            going.same(f"GET {path}", "status of an export", answer.status_code, status)
            going.same(f"GET {path}", "export recorded", pulse()[0] - before, int(status == 200))
            if answer.status_code == 200:
                told = Counter(_cells(going, kind, going.rights.listed(kind, wanted, "export")))
                going.same(f"GET {path}", "rows of an export", Counter(_read(answer.content, kind)), told)
    going.get("/export/estates.xlsx?nothing=1", 422 if going.rights.posts("export") else 403)
    going.get("/export/officials.xlsx", 404)


@checks("ledger")
def ledgers(going: Visit) -> None:
    """The ledger goes out with the estates of who may take it out, and the journal says so."""
    may = bool(going.rights.posts("export_ledger"))
    page = going.get("/estates")
    going.same("GET /estates", "taking out offered", bool(page.xpath("//form[@action='/ledger.xlsx']")), may)
    told = sorted(going.world.estates[key].name for key in going.rights.estates("export_ledger"))
    status = 403 if not may else 200 if told else 422
    with rolled_back():
        before = pulse()
        answer = going.client.post("/ledger.xlsx")
        going.same("POST /ledger.xlsx", "status", answer.status_code, status)
        going.same("POST /ledger.xlsx", "recorded", pulse() != before, status == 200)
        if status == answer.status_code == 200:
            sheet = python_calamine.load_workbook(BytesIO(answer.content)).get_sheet_by_name("小区台账")
            _, heads, *rows = sheet.to_python()
            names = sorted(str(row[heads.index("小区名称")]) for row in rows)
            going.same("POST /ledger.xlsx", "estates taken out", names, told)
    going.post("/ledger.xlsx", 422 if may else 403, {"status": "nothing"}, writes=False)


def _read(content: bytes, kind: str) -> list[tuple[object, ...]]:
    book = python_calamine.load_workbook(BytesIO(content))
    rows = book.get_sheet_by_index(0).to_python()[2:]
    return [tuple(row[: {"estates": 4, "units": 2, "tasks": 2}[kind]]) for row in rows]


def _cells(going: Visit, kind: str, keys: frozenset[int]) -> Iterator[tuple[object, ...]]:
    world = going.world
    for key in keys:
        if kind == "estates":
            one = world.estates[key]
            yield (one.county, one.street, one.name, float(one.units))
        elif kind == "units":
            yield (world.estates[world.units[key].estate].name, world.units[key].label)
        else:
            task = world.tasks[key]
            yield (world.labels[task.item], world.estates[task.estate].name)


# ---------------------------------------------------------------------------------- figures


def figure(going: Visit, where: str, link: str, value: str, *, follow: bool) -> None:
    """A number is that of the records, and the length of the list its link opens."""
    kind, _, query = link.strip("/").partition("?")
    told = len(going.rights.listed(kind, dict(parse_qsl(query))))
    going.same(where, f"figure of {link}", value, str(told))
    if follow:
        going.same(where, f"length of the list at {link}", str(count_of(going.get(link))), value)


def _tiles(going: Visit, where: str, page: Any, number: int) -> None:
    tiles = page.xpath("//ul[@class='tiles']/li/a")
    going.same(where, "figures", len(tiles), number)
    for at, one in enumerate(tiles):
        follow = at % going.share == going.turn % going.share
        figure(going, where, one.get("href"), one.xpath("string(b)"), follow=follow)


@checks("statistics")
def statistics(going: Visit) -> None:
    """Every figure by county and by class; a county in which nothing is seen has no row."""
    page = going.get("/statistics")
    by_county, by_class = page.xpath("//table[@class='figures']")
    rows = [*by_county.xpath("tbody/tr"), *by_county.xpath("tfoot/tr")]
    names = [row.xpath("string(th)").strip() for row in rows]
    counties = going.rights.counties()
    going.same("GET /statistics", "counties", names[:-1], counties)
    told: list[str] = []
    for county in (*counties, ""):
        where = {"county": county} if county else {}
        for kind, wanted in COLUMNS.values():
            told.append(_link(kind, {**where, **wanted}))
    cells = by_county.xpath(".//td/a")
    going.same("GET /statistics", "links", [one.get("href") for one in cells], told)
    cells += by_class.xpath(".//td/a")
    for at, one in enumerate(cells):
        follow = at % (going.share**2) == going.turn % (going.share**2)
        figure(going, "GET /statistics", one.get("href"), one.text_content(), follow=follow)


def _link(kind: str, wanted: Mapping[str, str]) -> str:
    return f"/{kind}" + (f"?{urlencode(wanted)}" if wanted else "")


# ------------------------------------------------------------------------------- the sheets


@checks("desk")
def desk(going: Visit) -> None:
    """My tasks, what waits for my decision, what was noticed; five figures."""
    page = going.get("/")
    _tiles(going, "GET /", page, 5)
    rights, tasks = going.rights, going.world.tasks
    see = [tasks[key] for key in rights.tasks()]
    running = {"open", "acknowledged", "handed_in", "handed_back"}
    mine = {one.key for one in see if one.responsible == rights.me and one.state in running}
    waiting = {one.key for one in see if not rights.outcome("accept_evidence", one)}
    asked = {
        key
        for key in rights.tasks("decide_extension")
        if tasks[key].asked is not None and tasks[key].asked != rights.me
    }
    noticed = {one.key for one in see if one.notices}
    pauses = {one.key for one in see if not rights.outcome("decide_suspension", one)}
    told = [("mine", mine), ("waiting", waiting), ("extensions", asked), ("suspensions", pauses)]
    told.append(("notices", noticed))
    is_ = list(_sections(page))
    expected = [one for one in told if one[1] or one[0] == "mine"]
    going.same("GET /", "sections", len(is_), len(expected))
    for (name, keys), links in zip(expected, is_, strict=False):
        whole = len(keys) <= 30
        going.same("GET /", name, links if whole else len(links), keys if whole else 30)
        going.same("GET /", f"{name} that are none", links - keys, set())


def _sections(page: Any) -> Iterator[set[int]]:
    """The tasks under every heading."""
    for head in page.xpath("//main//h2"):
        links: set[int] = set()
        for one in head.itersiblings():
            if one.tag == "h2":
                break
            found = [LINK.match(link) for link in one.xpath(".//a/@href|self::a/@href")]
            links |= {int(told[2]) for told in found if told and told[1] == "tasks"}
        yield links


@checks("estate", "route")
def estates(going: Visit) -> None:
    """An estate's tasks, figures, history and route as far as they are seen; others do not exist."""
    rights, world = going.rights, going.world
    for key in (*world.estates, 999):
        seen = key in rights.estates()
        page = going.get(f"/estates/{key}", 200 if seen else 403)
        if seen and page is not None:
            _estate(going, key, page)
        if key in going.pick(list(world.estates)) or not seen:
            _route(going, key, seen=seen)


def _estate(going: Visit, key: int, page: Any) -> None:
    rights, where = going.rights, f"GET /estates/{key}"
    _tiles(going, where, page, 5)
    links = {LINK.match(one) for one in page.xpath("//main//a/@href")}
    tasks = {int(one[2]) for one in links if one and one[1] == "tasks"}
    mine = {task for task in rights.tasks() if going.world.tasks[task].estate == key}
    going.same(where, "tasks", tasks, mine)
    adopts = f"/estates/{key}/adopt" in page.xpath("//form/@action")
    going.same(where, "adopting offered", adopts, rights.may_adopt(key))
    subjects = Counter(page.xpath("//ol[@class='line']/li/small/text()"))
    told = {f"estate:{key}", *(f"task:{task}" for task in mine)}
    expected = Counter(one for one in going.world.journal if one in told)
    going.same(where, "what has happened", subjects, expected)


def _route(going: Visit, key: int, *, seen: bool) -> None:
    path = f"/estates/{key}/route"
    page = going.get(path, 200 if seen else 403)
    if seen and page is not None:
        drawn = "办理中" in page.text_content()
        going.same(f"GET {path}", "work drawn", drawn, going.rights.working(key))
    if not seen:
        going.get(f"{path}?whole=1", 403)


@checks("unit")
def units(going: Visit) -> None:
    """A household is masked; in full for who may read it, with a reason, and the reading is recorded."""
    rights, world = going.rights, going.world
    named = [key for key, one in world.units.items() if one.people]
    others = [key for key in world.units if key not in named]
    for key in (*going.pick(named), *going.pick(others), *sorted(rights.units() & set(named))[:1]):
        seen, people = key in rights.units(), world.units[key].people
        may = key in rights.units("read_household")
        page = going.get(f"/units/{key}", 200 if seen else 403)
        if seen and page is not None:
            offered = f"/units/{key}" in page.xpath("//main//form/@action")
            going.same(f"GET /units/{key}", "reading offered", offered, may and bool(people))
        status = (200 if people else 409) if may else 403
        reads = may and bool(people)
        page = going.post(
            f"/units/{key}", status, {"reason": "核对"}, writes=reads, skip=people if may else ()
        )
        if reads and page is not None:
            going.same(f"POST /units/{key}", "in full", people[0] in page.text_content(), True)
        going.post(f"/units/{key}", 422 if may else 403, writes=False)
    going.get("/units/9999", 403)


@checks("holder")
def holders(going: Visit) -> None:
    """A search by identity number, the same for every household here, finds those one may read."""
    rights, world = going.rights, going.world
    may = bool(rights.posts("read_household"))
    told = {"number": next(one.people[1] for one in world.units.values() if one.people), "reason": "核对"}
    page = going.post("/units/holder", 200 if may else 403, told, writes=may)
    if may and page is not None:
        links = {LINK.match(one) for one in page.xpath("//main//a/@href")}
        expected = {key for key in rights.units("read_household") if world.units[key].people}
        going.same("POST /units/holder", "units", {int(one[2]) for one in links if one}, expected)
    going.post("/units/holder", 422 if may else 403, {**told, "reason": ""}, writes=False)


@checks("adopt")
def adopting(going: Visit) -> None:
    """Only who may adopt there adopts."""
    world = going.world
    for name in ("戊字院", *going.pick(("甲字院", "丙字院", "乙字院"))):
        key = world.estate(name)
        may = key in going.rights.estates("adopt_plan")
        # of the first a paper has come in since; the plan of the others is in force as it is
        same = name in {"丙字院", "乙字院"}
        going.post(f"/estates/{key}/adopt", (409 if same else 302) if may else 403, writes=may and not same)


@checks("task")
def tasks(going: Visit) -> None:
    """A task with its files and what may be done with it as it stands; others do not exist."""
    some = going.pick(samples(going.world))
    for one in some:
        seen = one.key in going.rights.tasks()
        page = going.get(f"/tasks/{one.key}", 200 if seen else 403)
        if seen and page is not None:
            _task(going, one, page)
    going.get("/tasks/9999", 403)


def _task(going: Visit, one: TaskNote, page: Any) -> None:
    where = f"GET /tasks/{one.key}"
    links = page.xpath("//form/@action|//button/@formaction")
    acts = {link.rsplit("/", 1)[1] for link in links if link.startswith(f"/tasks/{one.key}/")}
    going.same(where, "acts offered", acts, going.rights.offered(one))
    files = {link for link in page.xpath("//a/@href") if link.startswith("/attachments/")}
    told = {f"/attachments/{key}" for key, file in going.world.files.items() if one.key in file.tasks}
    going.same(where, "files", files, told)
    others = {one.split()[-1] for one in page.xpath("//select[@name='to']/option/text()")} & set(PEOPLE)
    expected = going.rights.others(one) if "hand_over_task" in acts else set()
    going.same(where, "who it may be handed to", others, expected)


@checks("do")
def acts(going: Visit) -> None:
    """Every act on a task: done where it may be, else refused with nothing written."""
    some = samples(going.world)
    every = list(STATES)
    for at, act in enumerate(every if going.share == 1 else every[going.turn % 3 :: 3]):
        ready = [one for one in some if one.state in STATES[act]]
        chosen = ready if going.share == 1 else [ready[(going.turn + at) % len(ready)]]
        for one in dict.fromkeys(chosen):
            code = going.rights.outcome(act, one)
            seen = one.key in going.rights.tasks()
            refused = 403 if not seen or code in {"E-ACCESS", "E-FOUR-EYES"} else 409
            going.post(f"/tasks/{one.key}/{act}", refused if code else 302, _form(going), writes=not code)
    mine = [one for one in some if one.key in going.rights.tasks()]
    for one in mine[:1]:
        going.post(f"/tasks/{one.key}/burn", 404, _form(going), writes=False)


def _form(going: Visit) -> Mapping[str, object]:
    return {
        "reason": "理由",
        "days": "3",
        "granted": "yes",
        "number": "1",
        "to": str(going.world.officials["leader-city"]),
        "file": SimpleUploadedFile("paper.pdf", b"%PDF-1.4 " + going.rights.name.encode()),
    }


@checks("attachment")
def attachments(going: Visit) -> None:
    """A file is given to who sees a task it was handed in for, and the reading is in the journal."""
    for key, one in going.world.files.items():
        seen = key in going.rights.files()
        with rolled_back():
            before = pulse()
            answer = going.client.get(f"/attachments/{key}")
            going.same(f"GET /attachments/{key}", "status", answer.status_code, 200 if seen else 403)
            if answer.streaming:
                going.same(f"GET /attachments/{key}", "bytes", answer.getvalue(), one.content)
            going.same(f"GET /attachments/{key}", "reading recorded", pulse() != before, seen)
    going.get("/attachments/999", 403)


@checks("import", "job", "write")
def imports(going: Visit) -> None:
    """Jobs of one's own, for who may import."""
    may, own = bool(going.rights.posts("import_ledger")), going.rights.jobs()
    page = going.get("/import", 200 if may else 403)
    offered = "/import" in page.xpath("//nav/a/@href")
    going.same("GET /import", "offered", offered, may)
    if may:
        links = [LINK.match(one) for one in page.xpath("//main//a/@href")]
        told = {
            kind: {int(one[2]) for one in links if one and one[1] == kind} for kind in ("import", "batches")
        }
        going.same("GET /import", "jobs", told["import"], set(own))
        going.same("GET /import", "batches", told["batches"], set(going.rights.batches()))
    ledger = SimpleUploadedFile("台账.csv", "小区\n甲\n".encode())
    going.post("/import", 302 if may else 403, {"files": ledger}, writes=may)
    going.post("/import", 422 if may else 403, writes=False)
    for key, one in going.world.jobs.items():
        going.get(f"/import/{key}", 200 if key in own else 403)
        ready = one.kind == "dry_run" and one.state == "done"
        status = (302 if ready else 409) if key in own else 403
        going.post(f"/import/{key}/write", status, writes=status == 302)


@checks("batch")
def batches(going: Visit) -> None:
    """An import is shown to who may take it back, and asked to be taken back with a reason."""
    for key in (*going.world.batches, 99):
        may = key in going.rights.batches()
        going.get(f"/batches/{key}", 200 if may else 403)
        going.post(f"/batches/{key}", 422 if may else 403, writes=False)
        going.post(f"/batches/{key}", 302 if may else 403, {"reason": "误导入"}, writes=may)


@checks("password")
def password(going: Visit) -> None:
    """One's own, and only with the old one."""
    going.get("/password")
    told = {"old": "not the old one", "new": "a-new-password-2024", "again": "a-new-password-2024"}
    for one in going.pick((told,)):  # a password takes a third of a second, as it should
        going.post("/password", 200, one, writes=False)


@checks("sign-out")
def signing_out(going: Visit) -> None:
    """Who signs out is a stranger."""
    client = going.world.client(going.rights.name)
    with rolled_back():
        client.post("/sign-out")
        going.same("POST /sign-out", "status of the desk afterwards", client.get("/").status_code, 302)
