"""The app as a process: whom it answers, whom it asks, what it prints, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graphmodel.ui.guard import Guard
from tests.conftest import ROOT

pytestmark = pytest.mark.slow  # real processes, or many files: .ci/run has the time

COMMAND = (sys.executable, "-m", "graphmodel", "app", "--no-browser", "--port")


@contextmanager
def started(
    command: tuple[str, ...] = (*COMMAND, "0"), **variables: str
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that serves the app, and its port; its first line names it."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        while line and "http://" not in line:
            line = process.stdout.readline()
        yield process, int(line.split("127.0.0.1:")[1].split()[0])
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with started() as (_, found):
        yield found


def asked(port: int, *headers: str, path: str = "/", socket_too: bool = False) -> tuple[int, str]:
    """Status and head of the answer to a request with exactly these headers."""
    more = [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    lines = [f"GET {path} HTTP/1.1", *headers, *(more if socket_too else ["Connection: close"]), "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall("\r\n".join(lines).encode())
        answer = b""
        while b"\r\n\r\n" not in answer and (part := line.recv(65536)):
            answer += part
    head = answer.split(b"\r\n\r\n")[0].decode()
    return int(head.split()[1]), head.lower()


OWN = ["127.0.0.1", "localhost", "LOCALHOST"]
FOREIGN_HOSTS = ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "[::1]", "0.0.0.0", "127.0.0.2"]


@pytest.mark.parametrize("name", OWN)
def test_the_own_address_is_answered(port: int, name: str) -> None:
    host = f"{name}:{port}"
    status, head = asked(port, f"Host: {host}")
    assert status == 200
    assert "frame-ancestors 'none'" in head
    assert "x-frame-options: deny" in head
    assert "x-content-type-options: nosniff" in head
    assert asked(port, f"Host: {host}", f"Origin: http://{host}", path="/_stcore/stream", socket_too=True)[0] == 101
    assert asked(port, f"Host: {host}", path="/_stcore/stream", socket_too=True)[0] == 101


@pytest.mark.parametrize("name", FOREIGN_HOSTS)
def test_a_name_that_was_made_to_point_here_is_refused(port: int, name: str) -> None:
    for host in (name, f"{name}:{port}"):
        assert asked(port, f"Host: {host}")[0] == 403
        assert asked(port, f"Host: {host}", f"Origin: http://{host}")[0] == 403
        for origin in (f"Origin: http://{host}", f"Origin: http://127.0.0.1:{port}"):
            assert asked(port, f"Host: {host}", origin, path="/_stcore/stream", socket_too=True)[0] == 403


def test_pages_of_others_are_refused_on_this_machine_too(port: int) -> None:
    own = f"Host: 127.0.0.1:{port}"
    for origin in (
        "http://127.0.0.1:1",
        "http://localhost:1",
        f"http://localhost:{port}",
        f"https://127.0.0.1:{port}",
        "http://evil.example",
        "null",
        "file://",
        "",
    ):
        assert asked(port, own, f"Origin: {origin}")[0] == 403, origin
        assert asked(port, own, f"Origin: {origin}", path="/_stcore/stream", socket_too=True)[0] == 403, origin
    assert asked(port, own, own)[0] in (400, 403)
    assert asked(port, own, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script")[0] == 403
    assert asked(port, own, "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe")[0] == 403
    followed = ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document")
    assert asked(port, own, *followed)[0] == 200


def test_a_port_that_browsers_leave_out_is_known() -> None:
    async def nothing(*_: object) -> None:
        raise AssertionError

    assert Guard(nothing, 80).allows([(b"host", b"localhost"), (b"origin", b"http://localhost")])
    assert not Guard(nothing, 81).allows([(b"host", b"localhost")])
    assert not Guard(nothing, 81).allows([])


def test_nobody_is_asked_whatever_the_origin() -> None:
    """Streamlit by itself would ask a host on the internet for its own address, through a proxy if there is one."""
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))
        proxy.listen()
        proxy.settimeout(2)
        way = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        with started(http_proxy=way, https_proxy=way, HTTP_PROXY=way, HTTPS_PROXY=way, no_proxy="") as (_, port):
            for host in (f"127.0.0.1:{port}", "evil.example"):
                for origin in ("http://evil.example", f"http://127.0.0.1:{port}", "http://192.0.2.1:1"):
                    asked(port, f"Host: {host}", f"Origin: {origin}", path="/_stcore/stream", socket_too=True)
                    asked(port, f"Host: {host}", f"Origin: {origin}")
            with pytest.raises(TimeoutError):
                proxy.accept()


def children(session: int) -> list[str]:
    """Live processes of a session."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            status = (one / "stat").read_text().rpartition(")")[2].split()
            if int(status[3]) == session and status[0] not in "ZX":
                found.append((one / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("by", ["app", "make"])
def test_the_app_ends_whole_and_prints_nothing_but_its_address(how: signal.Signals, by: str, tmp_path: Path) -> None:
    command: tuple[str, ...] = (*COMMAND, "0")
    if by == "make":
        (tmp_path / "Makefile").write_text("app:\n\t@" + " ".join(command) + "\n")
        command = ("make", "-s", "-C", str(tmp_path), "app")
    with started(command, PYTHONPATH=str(ROOT)) as (process, port):
        assert asked(port, f"Host: 127.0.0.1:{port}", path="/_stcore/stream", socket_too=True)[0] == 101
        if by == "make" and how != signal.SIGTERM:
            os.killpg(process.pid, how)  # as a terminal does, to all that runs in its foreground
        else:
            process.send_signal(how)
        process.wait(timeout=15)
        deadline = time.monotonic() + 10
        while children(process.pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert children(process.pid) == []
        with socket.socket() as again:
            again.bind(("127.0.0.1", port))
        said = process.stdout.read() if process.stdout else ""
        if by == "app":
            assert process.returncode == 0
            assert said == ""
        assert "Streamlit" not in said
        assert "Traceback" not in said


def test_a_signal_just_after_the_start_ends_it_too() -> None:
    with started() as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0


def test_a_port_that_is_taken_is_said_in_one_line(port: int) -> None:
    ended = subprocess.run([*COMMAND, str(port)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert f"port {port} cannot be had" in ended.stderr
    assert "Traceback" not in ended.stderr


LOOK = """
import os, uvicorn
from graphmodel.ui import launch
def look(self, sockets):
    from streamlit import config
    from streamlit.runtime.secrets import secrets_singleton
    secrets_singleton.load_if_toml_exists()
    options = [config.get_option(one) for one in ("server.enableXsrfProtection", "theme.base")]
    print(*options, "FROM_A_FILE" in os.environ)
uvicorn.Server.run = look
launch.launch(None, 0, True)
"""


def test_files_where_the_app_is_started_have_no_say(tmp_path: Path) -> None:
    """They could make it ask a host, drop its protection, or set variables that other programs obey."""
    settings = tmp_path / ".streamlit"
    settings.mkdir()
    (settings / "secrets.toml").write_text('FROM_A_FILE = "1"\n')
    with socket.socket() as host:
        host.bind(("127.0.0.1", 0))
        host.listen()
        host.settimeout(0.2)
        theme = f"http://127.0.0.1:{host.getsockname()[1]}/theme.toml"
        (settings / "config.toml").write_text(
            f'[theme]\nbase = "{theme}"\n[server]\nenableXsrfProtection = false\nenableCORS = false\n'
        )
        variables = {**os.environ, "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(
            [sys.executable, "-c", LOOK], cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=60
        )
        with pytest.raises(TimeoutError):
            host.accept()
    assert ended.stdout.splitlines()[-1] == "True None False", ended.stderr
