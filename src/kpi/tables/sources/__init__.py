"""Sources of tables: where rows come from, and how each kind is opened."""
