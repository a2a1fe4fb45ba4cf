"""The engine: a plan over tables to a state, and the audit trail."""
