"""ROOM 1, the rules (door being built)."""
