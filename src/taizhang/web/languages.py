"""In which language a page is said: the visitor's choice, else that of the installation.

The browser's own preference does not count: the ledger is Chinese first, on every machine.

Reads from: ``settings``.  Read by: the doors, and Django as middleware.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from taizhang.settings import language

__all__ = ["COOKIE", "LanguageMiddleware", "language_of", "spoken"]

COOKIE = "language"
_DJANGO = {"zh": "zh-hans", "en": "en"}


def language_of(request: HttpRequest) -> str:
    """``zh`` or ``en``."""
    chosen = request.COOKIES.get(COOKIE, "")
    return chosen if chosen in _DJANGO else language()


class LanguageMiddleware:
    """Lets Django's own sentences be in the language of the page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request in its language."""
        with translation.override(_DJANGO[language_of(request)]):
            return self.get_response(request)


def spoken(request: HttpRequest) -> dict[str, str]:
    """The language, for every template: also for those that Django itself renders."""
    return {"language": language_of(request)}
