"""Taizhang (台账): a supervised ledger that works backwards from the certificate."""

__version__ = "0.1.0"
