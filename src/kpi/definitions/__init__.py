"""Definitions of a plan: frozen, self-checking, without an engine."""
