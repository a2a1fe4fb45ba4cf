"""Due dates, working days, pauses, derived dates and windows, as expressions."""
