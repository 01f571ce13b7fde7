"""Who may speak to the app: pages of its own, under the loopback names that it was started with.

Streamlit takes every Host, and every Origin that equals it, so a page whose name is made to point at
127.0.0.1 (DNS rebinding) could read the model; and it asks a host on the internet about origins that it
does not know. Here both are refused before Streamlit sees them, and its answers say that they may
neither be framed nor load anything from elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

NAMES = ("127.0.0.1", "localhost")
_REFUSAL = b"Only pages of this app, opened under its own address, are answered.\n"
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class Guard:
    """An ASGI app in front of another one that listens on a port of the loopback address."""

    def __init__(self, app: App, port: int, page: str = "") -> None:
        self._app = app
        # A browser leaves the port out where it is the one of the scheme.
        self._hosts = frozenset(f"{name}:{port}" for name in NAMES) | (frozenset(NAMES) if port == 80 else frozenset())
        self._headers = tuple(_headers(self._hosts, page))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        allowed = self.allows(scope["headers"])
        if scope["type"] == "websocket":
            if allowed:
                await self._app(scope, receive, send)
            else:
                await receive()
                await send({"type": "websocket.close", "code": 1008, "reason": ""})  # before accepting: a 403
            return

        async def guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        if allowed:
            await self._app(scope, receive, guarded)
            return
        text = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(_REFUSAL))]
        await guarded({"type": "http.response.start", "status": 403, "headers": text})
        await send({"type": "http.response.body", "body": _REFUSAL})

    def allows(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether a request with these headers comes from a page of the app, or from no page at all.

        ``Sec-Fetch-Site``, where a browser sends it, tells pages of other ports and sites that send no
        Origin; a link that somebody follows is let in. Programs that are no browsers send what they like.
        """
        given: dict[str, list[str]] = {}
        for name, value in headers:
            given.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        hosts, origins = given.get("host", []), given.get("origin", [])
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts or len(origins) > 1:
            return False
        if origins and origins[0].lower() != f"http://{hosts[0].lower()}":
            return False
        if given.get("sec-fetch-site", ["none"]) in (["none"], ["same-origin"]):
            return True
        return given.get("sec-fetch-mode") == ["navigate"] and given.get("sec-fetch-dest") == ["document"]


def _headers(hosts: Iterable[str], page: str) -> Iterable[tuple[bytes, bytes]]:
    """What every answer says to the browser; ``page`` is the HTML whose own scripts may run."""
    digests = [hashlib.sha256(one.encode()).digest() for one in _INLINE.findall(page)]
    own = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    sockets = [f"ws://{host}" for host in sorted(hosts)]
    policy = {
        "default-src": ["'self'"],
        # Charts and drawings are compiled in the browser; components arrive as blobs.
        "script-src": ["'self'", "'unsafe-eval'", "blob:", *own],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'", "data:", "blob:", *sockets],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    yield b"content-security-policy", "; ".join(f"{name} {' '.join(of)}" for name, of in policy.items()).encode()
    yield b"x-frame-options", b"DENY"
    yield b"x-content-type-options", b"nosniff"
    yield b"referrer-policy", b"no-referrer"
    yield b"cross-origin-resource-policy", b"same-origin"
