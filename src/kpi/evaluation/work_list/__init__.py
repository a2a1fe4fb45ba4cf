"""Work list: the open cases whose deciding can change a figure, and the load that they are (F31 to F36)."""
