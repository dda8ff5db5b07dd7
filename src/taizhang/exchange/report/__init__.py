"""The report: one self-contained HTML file for reading and printing."""

from taizhang.exchange.report.html import write_report

__all__ = ["write_report"]
