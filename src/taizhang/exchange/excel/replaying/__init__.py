"""A plan kept so that it can be made again: its record, its conditions, and what differs the second time.

Reads from: ``rules``, ``dossiers``, ``mapping``, ``planning``.  Read by: ``cli``.
"""
