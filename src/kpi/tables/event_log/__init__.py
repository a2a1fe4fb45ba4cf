"""Event logs to tables of cases."""
