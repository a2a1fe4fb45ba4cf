"""Figures that a report shows beside a result: series, break-downs, times, caseload, readings."""
