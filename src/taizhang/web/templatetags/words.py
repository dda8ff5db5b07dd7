"""Tags that say a page in the visitor's language.

Reads from: ``wording``.  Read by: the templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse

from taizhang.office.selectors.figures import Figure
from taizhang.web.wording import COLUMNS, FIELDS, JOURNAL, STATES, day_text, fen_text, word

register = template.Library()
_WORDS = {"state": STATES, "journal": JOURNAL, "column": COLUMNS, "field": FIELDS}


def _language(context: Context) -> str:
    return str(context.get("language", "zh"))


@register.simple_tag(takes_context=True)
def said(context: Context, zh: str, en: str) -> str:
    """The sentence in the language of the page."""
    return zh if _language(context) == "zh" else en


@register.simple_tag(takes_context=True)
def called(context: Context, kind: str, name: str) -> str:
    """The word for a state, an act of the journal, a column or a field."""
    return word(_WORDS[kind], name, _language(context))


@register.simple_tag(takes_context=True)
def fen(context: Context, amount: int | None) -> str:
    """An amount of money."""
    return fen_text(amount, _language(context))


@register.simple_tag
def yuan(amount: int) -> str:
    """An amount in yuan, as a field of a form holds it."""
    return f"{amount // 100}.{amount % 100:02d}"


@register.simple_tag(takes_context=True)
def day(context: Context, value: Any) -> str:
    """A day."""
    return day_text(value, _language(context))


@register.simple_tag(takes_context=True)
def with_page(context: Context, number: int) -> str:
    """The address of another page of the same list."""
    wanted: Mapping[str, str] = context["wanted"]
    return "?" + urlencode({**{name: value for name, value in wanted.items() if value}, "page": number})


@register.simple_tag
def list_of(figure: Figure) -> str:
    """The address of the list whose length a figure is."""
    wanted = urlencode(figure.wanted)
    return reverse(figure.of) + (f"?{wanted}" if wanted else "")


@register.filter
def item(mapping: Mapping[str, Any], name: str) -> Any:
    """The value of a name."""
    return mapping[name]


@register.filter
def number(value: int) -> str:
    """A whole number with its thousands apart."""
    return f"{value:,}"
