"""Presentation of results: in a terminal, as Markdown, as CSV. No counting here."""
