"""What pages and commands read: lists, sheets and figures, each through the one policy.

A figure is the length of a list: both come from the same query, with the same wishes.
"""
