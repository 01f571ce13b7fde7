"""Serves the app on the loopback address, in this process, until it is told to end."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import webbrowser
from contextlib import chdir
from pathlib import Path
from types import FrameType
from typing import Any

import click

SETTINGS: dict[str, Any] = {
    # Streamlit names large messages that the browser has already by a hash, and where runs overlap, as when
    # a page is left while it is drawn, the browser may have dropped them: the page then stays half empty.
    # Over the loopback address nothing is gained by it.
    "global.minCachedMessageSize": 1e12,
    "server.address": "127.0.0.1",
    "server.allowedHosts": ["127.0.0.1", "localhost"],
    "server.maxUploadSize": 20,
    "server.fileWatcherType": "none",
    "server.enableStaticServing": False,
    "server.enableCORS": True,  # that is, requests from other origins are refused
    "server.enableXsrfProtection": True,
    "server.headless": True,
    "browser.gatherUsageStats": False,
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "logger.hideWelcomeMessage": True,
    "logger.level": "error",
    "theme.light.primaryColor": "#0b63c5",
    "theme.light.textColor": "#0f1116",  # captions are this at 60 %, which must keep a contrast of 4.5 to 1
    "theme.dark.primaryColor": "#6cb2ff",
}
ADDRESS = "127.0.0.1"
_GRACE = 2  # seconds that open connections have to end
_LAST = 8.0  # seconds after which the process ends in any case
_MESSAGE_BYTES = 64 * 2**20


def launch(file: Path | None, port: int, no_browser: bool) -> int:
    """Serve the app until Ctrl-C, or until the process is told to end; the exit status.

    Raises ``OSError`` when the port cannot be had. A file that cannot be read is shown as it is, with
    its problems.
    """
    file = file.absolute() if file is not None else None
    # Streamlit takes settings, and variables for the environment, from files in the current directory. They
    # could be anybody's, as in a checkout, and name hosts to ask and modules to load; here there are none.
    with _listening(port) as listener, chdir(Path(__file__).parent):
        try:
            return _serve(listener, file, no_browser)
        except KeyboardInterrupt:
            return 0


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((ADDRESS, port))
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener


def _serve(listener: socket.socket, file: Path | None, no_browser: bool) -> int:
    import streamlit
    import uvicorn
    from streamlit.web.bootstrap import load_config_options

    from graphmodel.ui import state
    from graphmodel.ui.guard import Guard

    port = listener.getsockname()[1]
    load_config_options({**SETTINGS, "server.port": port})
    state.start_with(file)
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    app = Guard(streamlit.App(Path(__file__).with_name("entry.py")), port, page)

    class Server(uvicorn.Server):
        """Ends whole: what still runs after a while, as a page in a long computation, is not waited for."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            if not self.should_exit:
                last = threading.Timer(_LAST, os._exit, (0,))
                last.daemon = True
                last.start()
            super().handle_exit(sig, frame)

    server = Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
            ws_max_size=_MESSAGE_BYTES,
            ws_per_message_deflate=False,
        )
    )
    # The server handles signals itself while it runs, and raises the one that ended it once more after that.
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), server.handle_exit)
    threading.Thread(target=state.prepare, daemon=True).start()
    address = f"http://{ADDRESS}:{port}"
    click.echo(f"graphmodel: {address} (Ctrl-C ends it)")
    sys.stdout.flush()
    if not no_browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    server.run(sockets=[listener])
    return 0 if server.started or server.should_exit else 1
