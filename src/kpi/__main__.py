"""`python -m kpi`: the command line."""

from kpi.cli import main

main(prog_name="kpi")
