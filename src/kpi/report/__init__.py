"""What people see of a result: in a terminal, as Markdown. No counting here."""
