"""Whom a setting names: hosts in addresses, in ``host:port``, and in settings that are called for a host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from importers.deployment.variables import with_defaults, words

_URL = re.compile(r"\b([a-z][a-z0-9+.-]{0,30})://(?:[^\s/@\"']{0,300}@)?\[?([A-Za-z0-9_][A-Za-z0-9_.-]*)(?::(\$?\w+))?")
_USER = re.compile(r"^[^/]*://[^\s/@\"':]*:[^\s/@\"']+@")
_PORT = re.compile(r"(?<![\w./@:-])([A-Za-z0-9_][A-Za-z0-9_.-]*):(\d{2,5}|\$\w+)(?![\w.])")
_SPLIT = re.compile(r"[,;\s]+")
_WORDS = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
_HOST_WORDS = words(
    "host hosts hostname hostnames url urls uri uris addr addrs address addresses endpoint endpoints server servers "
    "ip ips broker brokers nodes seeds bootstrap upstream upstreams backend peer peers service services origin base "
    "api broker_url connection"
)
_NOT_HOST_WORDS = words(
    "name user username password pass db database type id port key token secret image mode driver engine"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A host that a setting names; ``scheme`` and ``port`` are empty where none is written, ``credentials`` says that
    the address has a password in it."""

    host: str
    scheme: str = ""
    port: str = ""
    credentials: bool = False


def key_words(key: str) -> list[str]:
    """The words of a setting's name in small letters: ``dbHost`` and ``DB_HOST`` have the same."""
    return [one.lower() for one in _WORDS.split(key[:200]) if one]


def named(key: str, value: str) -> Iterator[Named]:
    """The hosts that a setting may name, whether they exist or not; of a bare word only if the setting's name asks
    for a host, so that a user called “postgres” is none."""
    words = key_words(key)
    if "image" in words:
        return
    text = with_defaults(value)
    for found in _URL.finditer(text):
        yield Named(found[2].lower(), found[1], found[3] or "", bool(_USER.match(text[found.start() :][:400])))
    for found in _PORT.finditer(text):
        yield Named(found[1].lower(), "", found[2])
    if words and words[-1] not in _NOT_HOST_WORDS and _HOST_WORDS & set(words):
        for one in _SPLIT.split(text)[:50]:
            bare = one.strip("[]\"'")
            if bare and "/" not in bare and ":" not in bare:
                yield Named(bare.lower())


_TAIL = words(
    "password passwd pass pwd auth api key token secret access id user username host hosts hostname url urls uri "
    "endpoint server port addr address base public private"
)


def group(key: str) -> tuple[str, ...]:
    """What settings of one thing have in common: ``REDIS_AUTH`` and ``REDIS_HOST`` are both of ``redis``."""
    words = key_words(key)
    while words and words[-1] in _TAIL:
        words.pop()
    return tuple(words)
