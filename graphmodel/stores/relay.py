"""Stands between the reader and the embedded engine, and cuts off an answer that is too large.

A small query can make an engine send a cell of any size, and the driver must take in the whole of
it before its caller sees anything. So the bytes are counted where nothing is collected.
"""

from __future__ import annotations

import contextlib
import socket
import threading


def serve(port: int, limit: int) -> int:
    """Relay a free loopback port to ``port``; ``limit`` is in bytes of answer to one request. Returns the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, port, limit), daemon=True).start()
    return int(listener.getsockname()[1])


def _accept(listener: socket.socket, port: int, limit: int) -> None:
    while True:
        client, _ = listener.accept()
        try:
            engine = socket.create_connection(("127.0.0.1", port), timeout=5)
        except OSError:
            client.close()
            continue
        engine.settimeout(None)
        for one in (client, engine):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = _Link(client, engine, limit)
        for work in (link.up, link.down):
            threading.Thread(target=work, daemon=True).start()


class _Link:
    """One connection. Each request starts the count of its answer anew."""

    def __init__(self, client: socket.socket, engine: socket.socket, limit: int) -> None:
        self._client, self._engine, self._limit = client, engine, limit
        self._sent = 0

    def up(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._client.recv(1 << 16):
                self._sent = 0
                self._engine.sendall(data)
        self._close()

    def down(self) -> None:
        with contextlib.suppress(OSError):
            while (data := self._engine.recv(1 << 18)) and self._sent <= self._limit:
                self._sent += len(data)
                self._client.sendall(data)
        self._close()

    def _close(self) -> None:
        for one in (self._client, self._engine):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
