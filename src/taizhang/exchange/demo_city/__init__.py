"""A made-up city in a workbook, of the size and shape the newspaper reported.

The door is ``write_demo_city``.
"""

from taizhang.exchange.demo_city.writing import write_demo_city

__all__ = ["write_demo_city"]
