"""A made-up city in a workbook, of the size and shape the newspaper reported.

The doors are ``write_demo_city``, and ``made_up_log`` for a year of finished work.
"""

from taizhang.exchange.demo_city.worklog import made_up_log
from taizhang.exchange.demo_city.writing import write_demo_city

__all__ = ["made_up_log", "write_demo_city"]
