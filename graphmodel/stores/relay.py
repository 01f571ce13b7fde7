"""Stands between the reader and the embedded engine, and cuts off an answer that is too large.

A small query can make an engine send a cell of any size, and the driver must take in the whole of
it before its caller sees anything. So the bytes are counted where nothing is collected. Whoever else
runs programs on this machine can connect as well: connections are few, and those that say nothing end.
"""

from __future__ import annotations

import contextlib
import socket
import threading

MAX_CONNECTIONS = 32
"""Connections at a time; one more is closed at once. Queries need 4, and the driver keeps some idle."""
FIRST_WORD = 5.0
"""Seconds within which a connection must have said something."""


def serve(port: int, limit: int) -> int:
    """Relay a free loopback port to ``port``; ``limit`` is in bytes of answer to one request. Returns the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, port, limit), daemon=True).start()
    return int(listener.getsockname()[1])


def _accept(listener: socket.socket, port: int, limit: int) -> None:
    free = threading.Semaphore(MAX_CONNECTIONS)
    while True:
        client, _ = listener.accept()
        if not free.acquire(blocking=False):
            client.close()
            continue
        threading.Thread(target=_carry, args=(client, port, limit, free), daemon=True).start()


def _carry(client: socket.socket, port: int, limit: int, free: threading.Semaphore) -> None:
    """Carry one connection until either end closes it, and give its place back."""
    try:
        with client, socket.create_connection(("127.0.0.1", port), timeout=5) as engine:
            client.settimeout(FIRST_WORD)
            engine.settimeout(None)
            for one in (client, engine):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link = _Link(client, engine, limit)
            up = threading.Thread(target=link.up, daemon=True)
            up.start()
            link.down()
            up.join()
    except OSError:
        pass  # the engine is gone, and its parent sees that for itself
    finally:
        free.release()


class _Link:
    """One connection. Each request starts the count of its answer anew."""

    def __init__(self, client: socket.socket, engine: socket.socket, limit: int) -> None:
        self._client, self._engine, self._limit = client, engine, limit
        self._sent = 0

    def up(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._client.recv(1 << 16):
                self._client.settimeout(None)
                self._sent = 0
                self._engine.sendall(data)
        self._end()

    def down(self) -> None:
        with contextlib.suppress(OSError):
            while (data := self._engine.recv(1 << 18)) and self._sent <= self._limit:
                self._sent += len(data)
                self._client.sendall(data)
        self._end()

    def _end(self) -> None:
        """Wake the other direction, which may be waiting for data."""
        for one in (self._client, self._engine):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
