"""The ledger as a workbook that goes out, is edited offline, and comes back to be merged."""
