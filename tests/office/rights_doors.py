"""What is checked behind the doors of meetings and of results: pages, offered forms, acts, refusals.

Every act is a :class:`Question` with the code of its refusal as ``rights_acts`` tells it: the answer has
its status and says the code, and where it is refused nothing is written.

Reads from: ``rights``, ``rights_acts``, ``rights_visit``, the pages.  Read by: ``test_rights``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taizhang.office.papers import decision_papers

from . import rights_acts as acts
from .builders import law
from .rights import Rights
from .rights_people import EAST, WEST
from .rights_results import LINES, PROVIDED
from .rights_visit import LINK, Visit, checks

__all__ = ["Question"]

_INPUT = {
    *("E-MEETING-TITLE", "E-MINUTES", "E-MEETING-DAY", "E-MATTER", "E-DECISION-ITEM", "E-REASON"),
    *("E-REGISTRATION-REASON", "E-REGISTRATION-NUMBER", "E-CLOSE-REASON", "E-CERTIFICATE-NUMBER"),
    *("E-BREAKTHROUGH-MOST", "E-RECEIPT", "E-PAYMENT-SUM", "E-DECISION", "E-MEETING-COUNTY", "E-FACT-BASIS"),
}
_REFUSED = {"E-ACCESS", "E-ACCESS-PLACE", "E-NOT-SEEN", "E-FOUR-EYES"}
FRESH = "测试不动产权第990001号"


@dataclass(frozen=True, slots=True)
class Question:
    """An act that is asked for.

    ``skip`` are words that it says itself, ``idle``: it finds nothing to do, ``told_there``: the page it was
    asked on says what was done.
    """

    path: str
    told: Mapping[str, object]
    code: str
    skip: Sequence[str] = ()
    idle: bool = False
    told_there: bool = False

    @property
    def status(self) -> int:
        """As the refusal is answered; done, one is led on."""
        if not self.code:
            return 200 if self.told_there else 302
        return 403 if self.code in _REFUSED else 422 if self.code in _INPUT else 409


def ask(going: Visit, questions: Sequence[Question]) -> None:
    """Ask the share of them."""
    for one in going.pick(questions):
        page = going.post(one.path, one.status, one.told, writes=not (one.code or one.idle), skip=one.skip)
        if one.code and page is not None:
            said = f"[{one.code}]" in page.text_content()
            going.same(f"POST {one.path} {one.told}", "says", said or page.text_content(), True)


def _forms(page: Any, path: str) -> set[str]:
    """The acts of the forms of a page whose address begins so."""
    return {one.removeprefix(path) for one in page.xpath("//form/@action") if one.startswith(path)}


# ------------------------------------------------------------------------------------ meetings


@checks("meetings")
def meetings(going: Visit) -> None:
    """Exactly the meetings one sees, counting what one sees; called where one may."""
    rights, told = going.rights, going.world.results
    page = going.get("/meetings")
    if page is not None:
        seen = [told.decisions[key] for key in rights.decisions()]
        expected = set()
        for key in rights.meetings():
            mine = [one.state for one in seen if one.meeting == key]
            expected.add((key, str(len(mine)), str(mine.count("taken"))))
        going.same("GET /meetings", "meetings", set(_meeting_rows(page)), expected)
        places = [one for one in ("", *rights.counties()) if rights.holds("call_meeting", one)]
        options = page.xpath("//select[@name='county']/option")
        names = [one.get("value", one.text_content()) for one in options]
        going.same("GET /meetings", "where one may call", names, places)
        going.same("GET /meetings", "calling offered", "/meetings" in _forms(page, ""), bool(places))
    ask(
        going,
        [
            Question(
                "/meetings",
                {"county": county, "title": title, "held_on": "2024-02-01"},
                acts.calling(rights, county, title),
                skip=[county],
            )
            for county in ("", EAST, WEST)
            for title in ("另一会商", "")
        ],
    )


def _meeting_rows(page: Any) -> Iterator[tuple[int, str, str]]:
    for row in page.xpath("//main//tbody/tr[th]"):
        key = LINK.match(row.xpath("string(th/a/@href)"))
        yield int(key[2]) if key else 0, row.xpath("string(td[4])"), row.xpath("string(td[5])")


@checks("breakthroughs")
def breakthroughs(going: Visit) -> None:
    """Who calls meetings may search; a search is seen by who asked for it, and writes nothing."""
    rights = going.rights
    allowed = any(rights.holds("call_meeting", one) for one in ("", *rights.counties()))
    page = going.get("/breakthroughs", 200 if allowed else 403)
    if page is not None and allowed:
        going.same("GET /breakthroughs", "searching offered", "/breakthroughs" in _forms(page, ""), True)
    ask(going, [Question("/breakthroughs", {"most": "11"}, "E-BREAKTHROUGH-MOST" if allowed else "E-ACCESS")])


@checks("meeting")
def meeting(going: Visit) -> None:
    """A meeting with the matters one sees and the forms that would be taken; others do not exist."""
    rights, told = going.rights, going.world.results
    # where everybody goes in turn, each looks at one or two: a page of a meeting is a long one
    for key in told.meetings if going.share <= 4 else going.pick(list(told.meetings) * 2):
        seen = key in rights.meetings()
        page = going.get(f"/meetings/{key}", 200 if seen else 403)
        if seen and page is not None:
            _meeting(going, key, page)
    going.get("/meetings/999", 403)
    ask(
        going,
        [
            Question(f"/meetings/{key}", {"minutes": text}, acts.recording_minutes(rights, key, text))
            for key in (*told.meetings, 999)
            for text in ("另一纪要", "")
        ],
    )


def _meeting(going: Visit, key: int, page: Any) -> None:
    rights, where = going.rights, f"GET /meetings/{key}"
    mine = [one for one in going.world.results.decisions.values() if one.meeting == key]
    shown = [int(one.removeprefix("matter-")) for one in page.xpath("//article/@id")]
    going.same(where, "matters", shown, [one.key for one in mine if one.key in rights.decisions()])
    holds = not acts.recording_minutes(rights, key, "文号") or (
        acts.recording_minutes(rights, key, "文号") == "E-MEETING-DAY"
    )
    going.same(where, "minutes offered", where.removeprefix("GET ") in _forms(page, ""), holds)
    offered = {(form, button) for form in _forms(page, "/decisions/") for button in _buttons(page, form)}
    told = {(f"{one.key}/record", "yes") for one in mine if not acts.deciding(rights, one, taken=True)}
    told |= {(f"{one.key}/record", "no") for one in mine if not acts.deciding(rights, one, taken=False)}
    told |= {(f"{one.key}/repeal", "") for one in mine if not acts.repealing(rights, one)}
    going.same(where, "decisions offered", offered, told)
    forms = page.xpath(f"//form[@action='/meetings/{key}/agenda']")
    tasks = {
        tuple(form.xpath(f"string(.//input[@name='{name}']/@value)") for name in _AGENDA) for form in forms
    }
    papers = decision_papers(law())
    expected = {(str(estate), item) for estate, item in acts.candidates(rights, key, papers)}
    going.same(where, "what waits for a decision", tasks, expected)


_AGENDA = ("estate", "item")


def _buttons(page: Any, form: str) -> Sequence[str]:
    return [one.get("value", "") for one in page.xpath(f"//form[@action='/decisions/{form}']//button")]


@checks("agenda")
def agenda(going: Visit) -> None:
    """An estate is put on the agenda of a meeting that one sees and that is to come."""
    rights, told = going.rights, going.world.results

    def put(meeting_: int, estate: int, item: str) -> Question:
        form = {"estate": estate, "item": item, "matter": "新的议题"}
        return Question(f"/meetings/{meeting_}/agenda", form, acts.putting(rights, meeting_, estate, item))

    same = [put(one.meeting, one.estate, one.item) for one in told.decisions.values()]
    every = [put(key, estate, PROVIDED[0]) for key in (*told.meetings, 999) for estate in _some(going)]
    ask(going, [*same, *every])
    open_ = [key for key, one in told.meetings.items() if not one.minutes and key in rights.meetings()]
    for key in open_[:1]:
        for form, code in (
            ({"matter": ""}, "E-MATTER"),
            ({"matter": "1", "item": "nothing"}, "E-DECISION-ITEM"),
        ):
            ask(going, [Question(f"/meetings/{key}/agenda", {"estate": 1, **form}, code)])


def _some(going: Visit) -> list[int]:
    """An estate of every kind: of each county, with tasks and without."""
    return [going.world.estate(name) for name in ("甲字院", "丁字院", "戊字院", "己字院")]


@checks("decision")
def decisions(going: Visit) -> None:
    """Recorded and repealed by the task force whose meeting it was; nobody else reads of it."""
    rights, questions = going.rights, []
    for one in going.world.results.decisions.values():
        path, meeting_ = f"/decisions/{one.key}", {"meeting": one.meeting}
        for taken in (True, False):
            form = {**meeting_, "taken": "yes" if taken else "no", "text": "新的结果"}
            questions.append(Question(f"{path}/record", form, acts.deciding(rights, one, taken=taken)))
        questions.append(Question(f"{path}/repeal", {"reason": "新的缘由"}, acts.repealing(rights, one)))
    questions.append(Question("/decisions/999/record", {"taken": "yes", "text": "新"}, acts.UNSEEN))
    ask(going, questions)
    going.post("/decisions/1/burn", 404, writes=False)


# ----------------------------------------------------------------------- results of an estate


@checks("on-estate")
def of_estates(going: Visit) -> None:
    """The forms of an estate's page, its acts, and what its page says of meetings."""
    rights, told = going.rights, going.world.results
    questions = [one for key in (*_some(going), 999) for one in _estate_questions(rights, key)]
    for key, one in told.registrations.items():
        for estate in dict.fromkeys((one.estate, going.world.estate("甲字院"))):
            code = acts.cancelling_registration(rights, key, estate=estate)
            form = {"registration": key, "reason": "新的缘由"}
            questions.append(Question(f"/estates/{estate}/cancel-registration", form, code))
    ask(going, questions)
    for key in going.pick([one for one in told.cases if one in rights.estates()]):
        page = going.get(f"/estates/{key}")
        if page is not None:
            offered = _forms(page, f"/estates/{key}/") - {"adopt"}
            going.same(f"GET /estates/{key}", "forms", offered, acts.offered_on_estate(rights, key))
            open_ = {int(one.split("/")[0]) for one in _forms(page, "/meetings/")}
            going.same(f"GET /estates/{key}", "agendas", open_, acts.agenda_open(rights, key))
            met = {LINK.match(one) for one in page.xpath("//main//li/a/@href")}
            links = {int(one[2]) for one in met if one and one[1] == "meetings"}
            mine = {one.meeting for one in told.decisions.values() if one.estate == key}
            going.same(f"GET /estates/{key}", "meetings", links, mine)
    going.post("/estates/1/burn", 404, writes=False)


def _estate_questions(rights: Rights, key: int) -> Iterator[Question]:
    form = {"number": "登记首990001", "registered_on": "2024-01-29"}
    path = f"/estates/{key}"
    for remark in (True, False):
        reason = {"reason": "新的缘由"} if remark else {}
        yield Question(f"{path}/register", {**form, **reason}, acts.registering(rights, key, remark=remark))
        yield Question(f"{path}/close", reason, acts.closing(rights, key, reason=remark))
    code = acts.on_estate(rights, "record_registration", key) or "E-REGISTRATION-NUMBER"
    yield Question(f"{path}/register", {"number": ""}, code)
    # no estate here has prices; what has not been computed is computed after any act
    one = rights.world.estates.get(key)
    idle = one is not None and one.status is not None
    yield Question(f"{path}/bill", {}, acts.on_estate(rights, "issue_bills", key), idle=idle, told_there=True)
    yield Question(f"{path}/reopen", {"reason": "新的缘由"}, acts.reopening(rights, key))
    for basis in ("新的缘由", ""):
        answer = {"fact": "legacy_case", "value": "true", "basis": basis}
        yield Question(f"{path}/find-out", answer, acts.finding_out(rights, basis=bool(basis), estate=key))


# -------------------------------------------------------------------------- results of a unit


@checks("on-unit")
def of_units(going: Visit) -> None:
    """The forms of a unit's page and its acts; what is of another unit is not done here."""
    rights, told = going.rights, going.world.results
    units = [key for key in going.world.units if told.bill(key) or told.certificate(key)]
    bare = next(
        key for key in going.world.units if going.world.units[key].estate == going.world.estate("丙字院")
    )
    questions = [one for key in (*units, bare) for one in _unit_questions(rights, key)]
    for key, payment in told.payments.items():
        for unit in (payment.unit, bare):
            code = acts.cancelling_payment(rights, unit, key)
            form = {"payment": key, "reason": "新的缘由"}
            questions.append(Question(f"/units/{unit}/cancel-payment", form, code))
    for key, one in told.registrations.items():
        for unit in dict.fromkeys((one.unit or units[0], units[0])):
            code = acts.cancelling_registration(rights, key, unit=unit)
            form = {"registration": key, "reason": "新的缘由"}
            questions.append(Question(f"/units/{unit}/cancel-registration", form, code))
    for key, certificate in told.certificates.items():
        for unit in (certificate.unit, bare):
            code = acts.handing_out(rights, unit, key)
            questions.append(Question(f"/units/{unit}/hand-out", {"certificate": key}, code))
    ask(going, questions)
    for key in going.pick([one for one in (*units, bare) if one in rights.units()]):
        page = going.get(f"/units/{key}")
        if page is not None:
            offered = _forms(page, f"/units/{key}/")
            going.same(f"GET /units/{key}", "forms", offered, acts.offered_on_unit(rights, key))
    going.post(f"/units/{bare}/burn", 404, writes=False)


def _unit_questions(rights: Rights, key: int) -> Iterator[Question]:
    taken = [one.number for one in rights.world.results.certificates.values() if one.in_force]
    for number in (FRESH, "", *taken[:1]):
        code = acts.certifying(rights, key, number)
        yield Question(f"/units/{key}/certify", {"number": number}, code, skip=[number])
    for basis in ("新的缘由", ""):
        answer = {"fact": "lease_pending", "value": "false", "basis": basis}
        yield Question(
            f"/units/{key}/find-out", answer, acts.finding_out(rights, basis=bool(basis), unit=key)
        )
    for fee, fen, receipt in (
        ("deed_tax", 100, "收据号990001"),
        ("registration_fee", LINES["registration_fee"], "收据号990002"),
        ("registration_fee", 1, "收据号000302"),  # of a payment that was cancelled
        ("deed_tax", 100, "收据号000301"),
        ("deed_tax", 100_000, "收据号990003"),
        ("deed_tax", 100, ""),
        ("maintenance_fund", 100, "收据号990004"),
    ):
        form = {"fee": fee, "amount": f"{fen // 100}.{fen % 100:02d}", "receipt": receipt}
        yield Question(f"/units/{key}/pay", form, acts.paying(rights, key, fee, fen, receipt), skip=[receipt])
