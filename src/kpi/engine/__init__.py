"""A plan over tables to a state, and the audit trail."""
