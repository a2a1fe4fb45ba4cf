"""Estimates of the figures that targets will end with, and how such estimates did before (F20-F29)."""
