"""Where a visitor comes from, when proxies stand in between: for the lock after too many failures.

A proxy adds the address it was asked from at the end of ``X-Forwarded-For``.  Whatever stands further left
than the trusted proxies have written was sent by the visitor, and is not believed.

Reads from: Django's settings.  Read by: ``axes``, named in ``settings.site``.

Source:
    RFC 7239, section 8.1 (a header that a client may have written is no evidence).
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

__all__ = ["client_address"]

_WITH_PORT = re.compile(r"\[(?P<six>[^\]]+)\](:\d+)?|(?P<four>[\d.]+):\d+")


def client_address(request: HttpRequest) -> str:
    """The address of a visitor: as told by the outermost trusted proxy, or of whoever speaks to the server.

    With ``n`` trusted proxies it is the ``n``-th entry from the right; where there are fewer entries, or
    that one is no address, the request did not come through all of them and only the connection counts.
    """
    direct = _plain(request.META.get("REMOTE_ADDR", "")) or "0.0.0.0"
    hops: int = settings.TAIZHANG_PROXIES
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if not hops or len(told) < hops:
        return direct
    return _plain(told[-hops]) or direct


def _plain(text: str) -> str:
    """An address in one spelling, without brackets and port; empty where it is none."""
    bare = text.strip()
    found = _WITH_PORT.fullmatch(bare)
    if found:
        bare = found["six"] or found["four"]
    try:
        address = ip_address(bare)
    except ValueError:
        return ""
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(inner or address)
