"""How much may be sent: by a stranger a form, by who has signed in files; asked before they are received.

Reads from: ``office.uploads``.  Read by: Django as middleware, once it is known who asks.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from taizhang.office import uploads

__all__ = ["BodyMiddleware"]

_FORM = 64 * 2**10  #: bytes of a form without a file
_AROUND = 2**20  #: bytes of a form around its files
_FILES = 4  #: of the largest size at once


class BodyMiddleware:
    """Refuses what is too large by its length, and a body that does not tell it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request, unless it wants to send too much."""
        told = request.headers.get("Content-Length", "")
        if request.method in {"GET", "HEAD", "OPTIONS"} and not told:
            return self.get_response(request)
        most = _FILES * uploads.LARGEST + _AROUND if request.user.is_authenticated else _FORM
        if "Transfer-Encoding" in request.headers and not told:
            return render(request, "web/too_large.html", status=411)
        if told and (not told.isdecimal() or int(told) > most):
            return render(request, "web/too_large.html", status=413)
        return self.get_response(request)
