"""ROOM 2, the ledger: records and their constraints; it never imports the rules."""
