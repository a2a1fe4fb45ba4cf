"""What users call: evaluate, readings, month ends, expected cases, query plan."""
