"""Starts the app as its own process, bound to the loopback address."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SETTINGS = {
    "server.address": "127.0.0.1",
    "server.maxUploadSize": "20",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "server.showEmailPrompt": "false",
    "client.toolbarMode": "minimal",
    "theme.light.primaryColor": "#0b63c5",
    "theme.light.textColor": "#0f1116",  # captions are this at 60 %, which must keep a contrast of 4.5 to 1
    "theme.dark.primaryColor": "#6cb2ff",
}


def launch(file: Path | None, port: int, no_browser: bool) -> int:
    """Run the app until it is stopped; the exit status of its process.

    Raises nothing: a file that cannot be read is reported in the app, which then shows an example.
    """
    entry = Path(__file__).with_name("entry.py")
    command = [sys.executable, "-m", "streamlit", "run", str(entry)]
    settings = {**SETTINGS, "server.port": str(port), "server.headless": str(no_browser).lower()}
    command += [f"--{name}={value}" for name, value in settings.items()]
    if file is not None:
        command += ["--", str(file.resolve())]
    try:
        return subprocess.run(command, check=False).returncode  # noqa: S603 - our own interpreter and module
    except KeyboardInterrupt:
        return 0
