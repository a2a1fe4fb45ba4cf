"""From event logs to tables of cases."""
