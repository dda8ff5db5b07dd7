"""How Django knows the pages: their templates, their tags and their style."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["WebConfig"]


class WebConfig(AppConfig):
    """The pages."""

    name = "taizhang.web"
    label = "web"
