"""Outside data to checked tables, and to tables as of a day."""
