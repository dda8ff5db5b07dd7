"""From the rows of one or more ledgers to estates: each place once, what differs side by side."""
