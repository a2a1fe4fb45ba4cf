"""What a source holds, found by looking."""
