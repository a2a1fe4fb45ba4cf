"""States, and ledgers of states and results, as files."""
