"""What is sent out: one workbook for each county, street or office, and a list of them."""

from taizhang.exchange.excel.books.writing import KINDS, write_books

__all__ = ["KINDS", "write_books"]
