"""From a state to values, verdicts, score and notes."""
