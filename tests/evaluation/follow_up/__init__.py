"""Follow-ups: what users call, see and are told where it cannot be done (F1 to F16, F30, F60 to F63)."""
