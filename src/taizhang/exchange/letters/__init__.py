"""Letters: official papers written from a plan, as Word documents."""

from taizhang.exchange.letters.bulletin import write_bulletin
from taizhang.exchange.letters.bulletin_file import Snapshot, read_plan_file, write_plan_file
from taizhang.exchange.letters.dossier_plan import write_letters

__all__ = ["Snapshot", "read_plan_file", "write_bulletin", "write_letters", "write_plan_file"]
