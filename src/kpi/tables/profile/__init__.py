"""Profiles of tables: what a source holds, found by looking, before anything is declared."""
