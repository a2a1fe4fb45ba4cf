"""From outside data to checked tables, and to snapshots of tables as of a day."""
