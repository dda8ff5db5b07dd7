"""The ledger as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in

__all__ = ["LedgerConfig"]


class LedgerConfig(AppConfig):
    """Records of both programmes."""

    name = "taizhang.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let who signs in write nothing into the ledger: nobody reads the time, and it would wait."""
        user_logged_in.disconnect(dispatch_uid="update_last_login")
