"""Letters: official papers written from a plan, as Word documents."""

from taizhang.exchange.letters.dossier_plan import write_letters

__all__ = ["write_letters"]
