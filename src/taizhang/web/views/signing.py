"""Signing in and out, the lock after too many failures, one's own password, and the language.

Reads from: ``door``, ``languages``, ``office.accounts``.  Read by: ``urls``.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from taizhang.errors import InputError
from taizhang.office.accounts import set_password
from taizhang.office.installation import law_of
from taizhang.web.door import Visitor, page, shown
from taizhang.web.languages import COOKIE, language_of

__all__ = ["SignIn", "SignOut", "locked", "password", "speak"]

_YEAR = 365 * 24 * 3600


class SignIn(LoginView):
    """The page on which a person signs in."""

    template_name = "web/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **told: Any) -> dict[str, Any]:
        """What the page shows."""
        found: dict[str, Any] = super().get_context_data(**told)
        return found | {"language": language_of(self.request), "law": law_of()}


class SignOut(LogoutView):
    """Leaves; only by a form, so that no picture on another page can do it."""

    next_page = "sign-in"


def locked(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """Too many failures: say how long to wait."""
    return render(request, "web/locked.html", {"language": language_of(request), "law": law_of()}, status=429)


@require_POST
def speak(request: HttpRequest) -> HttpResponseBase:
    """Remember the language that was chosen, and go back."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    answer = HttpResponseRedirect(back)
    chosen = request.POST.get("language", "zh")
    answer.set_cookie(COOKIE, chosen, max_age=_YEAR, httponly=True, samesite="Lax")
    return answer


@require_http_methods(["GET", "POST"])
@page
def password(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """Change one's own password."""
    told = ""
    if request.method == "POST":
        account = request.user
        assert account.is_authenticated
        try:
            told = _changed(request, visitor)
        except InputError as error:
            told = error.say(visitor.language)
        if not told:
            return redirect("desk")
    return shown(request, visitor, "password", told=told)


def _changed(request: HttpRequest, visitor: Visitor) -> str:
    account = request.user
    assert account.is_authenticated
    if not account.check_password(request.POST.get("old", "")):
        return visitor.said("原密码不正确。", "The old password is not right.")
    if request.POST.get("new") != request.POST.get("again"):
        return visitor.said("两次输入的新密码不一致。", "The new passwords differ.")
    set_password(account, request.POST.get("new", ""), now=visitor.now)
    update_session_auth_hash(request, account)
    return ""
