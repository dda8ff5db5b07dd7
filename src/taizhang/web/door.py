"""The door of every page: who asks, on which day, in which language; and what is said on refusal.

A view is given a :class:`Visitor` and nothing else knows the clock or the account.

Reads from: ``office``, ``languages``.  Read by: the views.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect

from taizhang.errors import AccessError, TaizhangError
from taizhang.office.access import Person, may_anywhere
from taizhang.office.accounts import person_of_account
from taizhang.office.installation import Law, law_of
from taizhang.rules.terms import Pack
from taizhang.web.languages import language_of

__all__ = ["View", "Visitor", "page", "refused", "shown"]

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Visitor:
    """Who asks for a page.

    Attributes:
        person: With the scopes in force today.
        law: What the installation plans by.
        now: The instant at which an act happens.
        language: ``zh`` or ``en``.
    """

    person: Person
    law: Law
    now: datetime
    language: str

    @property
    def today(self) -> date:
        """The day in China on which the office works."""
        return self.law.today(self.now)

    @cached_property  # every row of a list asks for a name in it, and the law asks for decisions
    def pack(self) -> Pack:
        """The law of today, as it stood when the page was asked for."""
        return self.law.on(self.today)

    @property
    def may_import(self) -> bool:
        """Whether the page of imports is offered."""
        return may_anywhere(self.person, "import_ledger")

    @property
    def may_export(self) -> bool:
        """Whether lists are offered as workbooks."""
        return may_anywhere(self.person, "export")

    def said(self, zh: str, en: str) -> str:
        """The sentence in the visitor's language."""
        return zh if self.language == "zh" else en


def page(view: View) -> View:
    """Let somebody in who has signed in; refusals of the office become a page that says what next."""

    @wraps(view)
    def door(request: HttpRequest, **keys: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        law = law_of()
        now = law.at(datetime.now(UTC))
        try:
            person = person_of_account(request.user.pk, law.today(now))
            if not person.scopes:
                raise _no_role()
            return view(request, Visitor(person, law, now, language_of(request)), **keys)
        except TaizhangError as error:
            return refused(request, error)

    return door


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """The way to the sign-in and back; of a part of a page, for the whole page.

    A page that asks for a part of itself, as that of a job does every second, would else put the sign-in
    where the part was.
    """
    htmx = getattr(request, "htmx", None)
    if not htmx:
        return redirect_to_login(request.get_full_path())
    to = redirect_to_login(htmx.current_url_abs_path or request.get_full_path())
    return HttpResponseClientRedirect(to.url)


def shown(request: HttpRequest, visitor: Visitor, template: str, **told: Any) -> HttpResponse:
    """A page, with what every page needs."""
    told |= {"visitor": visitor, "language": visitor.language, "law": visitor.law}
    return render(request, f"web/{template}.html", told)


def refused(request: HttpRequest, error: TaizhangError) -> HttpResponse:
    """The page of an error: what, what next, the code."""
    language = language_of(request)
    told: dict[str, object] = {"language": language, "text": error.say(language), "code": error.code}
    if request.user.is_authenticated:
        told["law"] = law_of()
    return render(request, "web/refused.html", told, status=error.http_status)


def _no_role() -> AccessError:
    return AccessError(
        "This account has no role in force today.",
        hint="Ask the task force of the county for one.",
        zh="此账号当前没有有效的角色，请联系本县（市、区）专班。",
        code="E-NO-ROLE",
    )
