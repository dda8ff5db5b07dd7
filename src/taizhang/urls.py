"""Every door of the pages; each is on the list of rights (tests/office/rights.py) or open to all."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from taizhang.web.views import (
    batches,
    breakthroughs,
    desk,
    estate,
    importing,
    lists,
    meeting,
    signing,
    statistics,
    task,
    title,
    unit,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", desk.desk, name="desk"),
    path("healthz", desk.healthz, name="healthz"),
    path("sign-in", signing.SignIn.as_view(), name="sign-in"),
    path("sign-out", signing.SignOut.as_view(), name="sign-out"),
    path("password", signing.password, name="password"),
    path("language", signing.speak, name="speak"),
    path("estates", lists.estate_list, name="estates"),
    path("estates/<int:key>", estate.estate, name="estate"),
    path("estates/<int:key>/route", estate.route, name="route"),
    path("estates/<int:key>/adopt", estate.adopt, name="adopt"),
    path("estates/<int:key>/<slug:act>", title.on_estate, name="on-estate"),
    path("meetings", meeting.meeting_list, name="meetings"),
    path("breakthroughs", breakthroughs.breakthroughs, name="breakthroughs"),
    path("meetings/<int:key>", meeting.meeting, name="meeting"),
    path("meetings/<int:key>/agenda", meeting.agenda, name="agenda"),
    path("decisions/<int:key>/<slug:act>", meeting.decision, name="decision"),
    path("units", lists.unit_list, name="units"),
    path("units/<int:key>", unit.unit, name="unit"),
    path("units/holder", unit.holder, name="holder"),
    path("units/<int:key>/<slug:act>", title.on_unit, name="on-unit"),
    path("tasks", lists.task_list, name="tasks"),
    path("tasks/<int:key>", task.task, name="task"),
    path("tasks/<int:key>/<slug:act>", task.do, name="do"),
    path("export/<slug:name>.xlsx", lists.exported, name="exported"),
    path("ledger.xlsx", lists.ledger, name="ledger"),
    path("attachments/<int:key>", task.attachment, name="attachment"),
    path("statistics", statistics.statistics, name="statistics"),
    path("import", importing.start, name="import"),
    path("import/<int:key>", importing.job, name="job"),
    path("batches/<int:key>", batches.batch, name="batch"),
    path("import/<int:key>/write", importing.write, name="write"),
]
