"""The child process that runs the embedded ArcadeDB server; started by ``embedded``, never by hand.

It reads one line of JSON from standard input (directory, passwords, memory, time limit), starts the
server on loopback, answers one line of JSON on standard output (``bolt_port`` or ``error``), and
runs until its standard input closes or its parent is gone. Then it removes the data and exits.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from graphmodel.stores.relay import serve

DATABASE = "graphmodel"
READER = "reader"
_READER_GROUP = "readers"
_ATTEMPTS = 3
_WATCH_SECONDS = 0.5


def main() -> None:
    """Serve until standard input closes."""
    request = json.loads(sys.stdin.readline())
    # The engine may print; the parent must only ever read our own line.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    directory = Path(request["directory"])
    threading.Thread(target=_watch, args=(os.getppid(), directory, request["memory_mb"]), daemon=True).start()
    try:
        port = _start(directory, request)
        relay = serve(port, request["answer_mb"] * 2**20)
    except BaseException as error:
        answer.write(json.dumps({"error": f"{type(error).__name__}: {error}"}) + "\n")
        answer.flush()
        _leave(directory, 1)
        return
    answer.write(json.dumps({"bolt_port": port, "reader_port": relay}) + "\n")
    answer.flush()
    sys.stdin.read()
    _leave(directory, 0)


def _leave(directory: Path, status: int) -> None:
    # Nothing here is worth saving, so the engine is not asked to shut down: that could wait for a query.
    shutil.rmtree(directory, ignore_errors=True)
    os._exit(status)


def _watch(parent: int, directory: Path, memory_mb: int) -> None:
    """Leave when the parent is gone, even if a fork of it holds our input open, or when memory runs over."""
    status = Path("/proc/self/statm")
    page = os.sysconf("SC_PAGE_SIZE") if status.exists() else 0
    while True:
        time.sleep(_WATCH_SECONDS)
        if os.name == "posix" and os.getppid() != parent:
            _leave(directory, 0)
        if page and int(status.read_text().split()[1]) * page > 2 * memory_mb * 2**20:
            _leave(directory, 3)


def _start(directory: Path, request: dict[str, Any]) -> int:
    import arcadedb  # noqa: PLC0415 - a failure must reach the parent as an answer

    config = directory / "config"
    config.mkdir(mode=0o700)
    (config / "server-groups.json").write_text(json.dumps(_groups()))
    for attempt in range(_ATTEMPTS):
        http, bolt = _free_ports(2)
        server = arcadedb.create_server(
            str(directory / "data"),
            request["root_password"],
            {
                "host": "127.0.0.1",
                "http_port": http,
                "bolt_port": bolt,
                "bolt_host": "127.0.0.1",
                "mode": "development",
                "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
                "server_configDirectory": str(config),
            },
        )
        try:
            server.start()
            break
        except arcadedb.ArcadeDBError:
            # Somebody may have taken a port between our look and the server's.
            if attempt == _ATTEMPTS - 1:
                raise
    server.create_database(DATABASE)
    user = {"name": READER, "password": request["reader_password"], "databases": {DATABASE: [_READER_GROUP]}}
    _command(http, request["root_password"], f"create user {json.dumps(user)}")
    globals()["_server"] = server
    return bolt


def _groups() -> dict[str, Any]:
    nothing: dict[str, Any] = {"resultSetLimit": -1, "readTimeout": -1, "access": [], "types": {"*": {"access": []}}}
    reader = {**nothing, "types": {"*": {"access": ["readRecord"]}}}
    admin = {
        **nothing,
        "access": ["updateSecurity", "updateSchema", "updateDatabaseSettings"],
        "types": {"*": {"access": ["createRecord", "readRecord", "updateRecord", "deleteRecord"]}},
    }
    return {"databases": {"*": {"groups": {"*": nothing, "admin": admin, _READER_GROUP: reader}}}, "version": 1}


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _command(port: int, password: str, command: str) -> None:
    token = base64.b64encode(f"root:{password}".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {token}"}
    body = json.dumps({"command": command}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/server", body, headers)
    # An empty proxy list: a proxy of the environment must never see the password.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as reply:
        reply.read()


if __name__ == "__main__":
    main()
