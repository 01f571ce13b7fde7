"""The relay in front of the embedded engine, over real sockets: how many it serves, and for how long."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from graphmodel.stores import relay


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that sends back what it gets, and very much when it gets “much”."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(one: socket.socket) -> None:
        with one, contextlib.suppress(OSError):
            while data := one.recv(1 << 16):
                one.sendall(b"x" * 3_000_000 if data == b"much" else data)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield int(listener.getsockname()[1])
    listener.close()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def answers(one: socket.socket) -> bool:
    """Whether what is said comes back, rather than the connection being closed."""
    try:
        one.sendall(b"hello")
        return one.recv(5) == b"hello"
    except OSError:
        return False


def test_connections_are_few_and_come_back(echo: int) -> None:
    port = relay.serve(echo, 1000)
    served = [connect(port) for _ in range(relay.MAX_CONNECTIONS)]
    assert all(answers(one) for one in served)
    refused = [connect(port) for _ in range(8)]
    assert not any(answers(one) for one in refused)
    assert all(answers(one) for one in served), "those that were there go on"
    for one in [*refused, *served[:8]]:
        one.close()
    again: list[socket.socket] = []
    end = time.monotonic() + 10
    while len(again) < 8:
        assert time.monotonic() < end, "places come back"
        one = connect(port)
        if answers(one):
            again.append(one)
        else:
            one.close()
            time.sleep(0.05)
    for one in [*served, *again]:
        one.close()


def test_a_connection_that_says_nothing_ends(echo: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "FIRST_WORD", 0.5)
    port = relay.serve(echo, 1000)
    with connect(port) as silent, connect(port) as other:
        assert answers(other)
        assert silent.recv(1) == b""
        time.sleep(0.7)
        assert answers(other), "silence is no fault after the first word"


def test_an_answer_over_the_limit_is_cut_off(echo: int) -> None:
    port = relay.serve(echo, 1000)
    with connect(port) as one:
        one.sendall(b"much")
        got = 0
        with contextlib.suppress(OSError):
            while data := one.recv(1 << 16):
                got += len(data)
        assert got < 3_000_000


def test_an_engine_that_is_gone_closes_the_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = relay.serve(int(nobody.getsockname()[1]), 1000)
    with connect(port) as one:
        assert not answers(one)
