"""``graphmodel app``: opens the app."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from graphmodel.cli.files import FILE, STANDARD_INPUT
from graphmodel.cli.options import fail


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8501, show_default=True, help="Port on the loopback address."
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def app(file: Path | None, port: int, no_browser: bool) -> None:
    """Open the app, on FILE or on an example system."""
    from graphmodel.ui.launch import launch

    if file == STANDARD_INPUT:
        fail("the app opens files, not standard input: save the model as a file first.")
    try:
        status = launch(file, port, no_browser)
    except OSError as error:
        message = f"port {port} cannot be had ({error.strerror}). Take another with --port, or any with --port 0."
        raise click.ClickException(message) from error
    sys.exit(status)
