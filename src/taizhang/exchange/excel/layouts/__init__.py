"""Where a table stands on any sheet, told by its structure alone; ``look`` is the door."""
