"""Entry points for users: evaluate, readings, month ends, expected cases, query plan."""
