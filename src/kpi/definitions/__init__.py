"""What a plan says: frozen definitions that check themselves, without an engine."""
