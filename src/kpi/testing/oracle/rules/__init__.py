"""The rules in plain Python, one kind of target a file."""
