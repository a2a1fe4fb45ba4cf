"""A state to values, verdicts, score and notes."""
