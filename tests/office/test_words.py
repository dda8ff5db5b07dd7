"""What an official reads holds no names of the code, and what a stranger could use stays in the log."""

from __future__ import annotations

import json
import re

import pytest
from django.apps import apps

from taizhang.errors import AccessError, InputError, TaizhangError, TransitionError
from taizhang.ledger.models import Estate, Job, Official, Task
from taizhang.office.access import ROLES, Person, Scope, person_of, require, require_places
from taizhang.office.jobs import ask_job, work_off
from taizhang.office.journal import act
from taizhang.office.undoing import undo_import
from taizhang.office.words import ACTS, RECORDS, STATES
from taizhang.office.workflow import acknowledge_task
from taizhang.rules.terms import Label

from .builders import DAY, NOON
from .rows import office, task_of

_OF_THE_CODE = re.compile(r"[a-z]+_[a-z_]+|\b(open|acknowledged|withdrawn|see|export|task|estate)\b")


def test_every_act_of_a_role_and_every_state_of_a_task_has_a_word():
    assert {name for acts in ROLES.values() for name in acts} <= ACTS.keys()
    states = Task._meta.constraints[1].condition.children[0][1]
    assert set(states) == STATES.keys()
    assert RECORDS.keys() - {"journal"} <= {one._meta.model_name for one in apps.get_models()}


def test_a_word_is_said_in_the_language_of_the_sentence():
    state = Label("办理中", "in progress")
    error = InputError("It is {state}.", zh="状态为{state}。", code="E-X", state=state)

    assert (error.say("zh"), error.say("en")) == ("状态为办理中。 [E-X]", "It is in progress. [E-X]")


def refused(what) -> TaizhangError:
    with pytest.raises((AccessError, TransitionError)) as found:
        what()
    return found.value


def test_no_refusal_quotes_a_name_of_the_code_in_chinese(sqlite):
    office()
    task = task_of(Official.objects.get(name="高秀岚"))
    gao = person_of(Official.objects.get(name="高秀岚"), DAY)
    acknowledge_task(gao, task.pk, NOON)
    reader = Person(9, "读者", (Scope("analyst"),))

    def changed_meanwhile():
        with act("test", actor="test", subject="task", now=NOON) as doing:
            row = Task.objects.get(pk=task.pk)
            Task.objects.filter(pk=task.pk).update(version=99)
            doing.update(row, state="open")

    found = [
        refused(lambda: acknowledge_task(gao, task.pk, NOON)),
        refused(lambda: require(reader, "adopt_plan", Estate.objects.get())),
        refused(lambda: require_places(reader, "import_ledger", {("东昌府区", "柳园街道")})),
        refused(changed_meanwhile),
        refused(lambda: undo_import(1, actor="test", now=NOON)),
    ]

    codes = [one.code for one in found]
    assert codes == ["E-TASK-STATE", "E-ACCESS", "E-ACCESS-PLACE", "E-CHANGED", "E-UNDO-SINCE"]
    assert [one.say("zh") for one in found[:3]] == [
        f"任务 {task.pk} 当前状态为“办理中”，不能办理“签收”，请重新打开后再办理。 [E-TASK-STATE]",
        "读者没有在此办理“采用方案”的权限，请联系本县（市、区）专班。 [E-ACCESS]",
        "读者没有在“东昌府区柳园街道”办理“导入台账”的权限；"
        "请联系当地专班，导入台账时请去掉该地的行。 [E-ACCESS-PLACE]",
    ]
    assert "nobody can acknowledge the task now" in found[0].say("en")
    assert found[3].say("zh").startswith(f"任务 {task.pk}已被他人更改")
    for one in found:
        assert not _OF_THE_CODE.search(one.say("zh").replace("taizhang undo", "")), one.say("zh")


def test_a_job_that_breaks_says_what_to_do_and_leaves_the_cause_in_the_log(sqlite, caplog):
    office()
    gao = Official.objects.get(name="高秀岚")
    job = ask_job(Person(gao.pk, gao.name, ()), "break", {}, NOON)

    def broken(argument, holding):
        raise RuntimeError("/srv/secret/path: column phone_sealed")

    for _ in range(3):
        with pytest.raises(RuntimeError):
            work_off({"break": broken}, lambda: NOON)

    job = Job.objects.get(pk=job.pk)
    assert job.state == "failed"
    told = json.loads(job.error)
    for text in told.values():
        assert "secret" not in text
        assert "RuntimeError" not in text
        assert f"{job.pk}" in text
        assert "[E-JOB-BROKEN]" in text
    assert "请联系系统管理员" in told["zh"]
    assert caplog.text.count("/srv/secret/path") >= 3
