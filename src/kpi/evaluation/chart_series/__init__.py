"""Series for charts: a follow-up month by month, and open cases by the weeks to their due date (F50-F54)."""
