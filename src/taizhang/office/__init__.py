"""ROOM 3, the office: one function per act; the only writer."""
