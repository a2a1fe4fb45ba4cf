"""Completions: what can still become of the rows of a table after the as-of date (F2 to F6, F15).

The rules themselves say what a row is in the end: each open row is completed in every way that can
make a difference, and the row expressions of the target are evaluated on the completed rows. What
comes of it is summed to integers that merge by addition, as those of a state.
"""
