"""Comparison of two extracts: what a figure was, what it is as known now, and why it moved (F40 to F46)."""
