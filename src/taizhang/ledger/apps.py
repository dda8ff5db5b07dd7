"""The ledger as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["LedgerConfig"]


class LedgerConfig(AppConfig):
    """Records of both programmes."""

    name = "taizhang.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
