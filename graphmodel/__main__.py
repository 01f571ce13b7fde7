"""``python -m graphmodel`` is the command line."""

from graphmodel.cli import main

main(prog_name="graphmodel")
