"""``python -m graphmodel`` is the command line."""

from graphmodel.cli.main import main

main(prog_name="graphmodel")
