"""Measurements of Taizhang beside other engines and libraries: ``python -m bench``.

Every bench runs all its engines in one process and in interleaved rounds, so that a busy machine
slows them alike, and asserts that their answers are equal before it prints a number.  Ratios of
one run mean something on another machine; microseconds do not.
"""
