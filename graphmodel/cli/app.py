"""``graphmodel app``: opens the app."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from graphmodel.cli.options import (
    FILE,
)


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8501, show_default=True, help="Port on the loopback address."
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def app(file: Path | None, port: int, no_browser: bool) -> None:
    """Open the app, on FILE or on an example system."""
    from graphmodel.ui.launch import launch

    sys.exit(launch(file, port, no_browser))
