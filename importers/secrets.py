"""Which settings are secrets, by their names and the shapes of their values. A value itself is never kept."""

from __future__ import annotations

import re
from enum import StrEnum

_KEY = re.compile(
    r"(?:^|[_\-.])(?:api[_-]?key|access[_-]?key|secret|secrets|token|password|passwd|passphrase|pwd|credential|"
    r"credentials|private[_-]?key|auth[_-]?key|master[_-]?key|encryption[_-]?key|"
    r"(?:search|service|storage|account|subscription|admin|function)[_-]?key|salt|authorization|pat|dsn)(?:$|[_\-.])",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_SECRET = re.compile(
    r"(?:max|min|num|count|limit|length|size)[_\-.]?tokens?|tokens?[_\-.](?:limit|count)"
    r"|^(?:enable|disable|allow|has|is|require)[_\-.]|(?:secret|token|password|credential)s?(?:[_\-.]\w{1,40})?[_\-.]"
    r"(?:type|mode|enabled|disabled|expiry|ttl|lifetime|length|algorithm|expires?(?:[_\-.]in)?|minutes|seconds|hours|days)$"
    r"|credential[_\-.]vault[_\-.]path$",
    re.IGNORECASE,
)
_SHAPE = re.compile(
    r"\b(?:sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|"
    r"AIza[\w-]{30,}|hf_[A-Za-z0-9]{20,}|glpat-[\w-]{16,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*)"
)
_SHORTEST = 15  # characters of a token: xoxb- and ten more
_IN_URL = re.compile(r"^[a-z][a-z0-9+.-]*://[^/\s:@]*:([^/\s@]+)@", re.IGNORECASE)
_VARIABLE = re.compile(
    r"^\s*(?:\$\{?[A-Za-z_]\w*\}?|\$\{[A-Za-z_]\w*:?\?[^}]*\}|\{\{.*\}\}|os\.environ/\w+|\$\{env:\w+\})\s*$"
)
_DEFAULT = re.compile(r"\$\{[A-Za-z_]\w*:?-[^}]+\}")
_PROMPT = re.compile(r"\$\{input:[^}]*\}")
_VAULT = re.compile(
    r"^(?:vault|op|awssm|azkv|gcpsm|secretsmanager|projects/)[:/]|^arn:aws:secretsmanager:", re.IGNORECASE
)
_PLACEHOLDER = re.compile(
    r"^(?:<.*>|\[.*\]|x{3,}|\*{3,}|your[-_ ].*|"
    r".*[-_ ]?(?:here|placeholder)|changeme.*|replace[-_ ]?me.*|todo|none|null)$",
    re.IGNORECASE,
)


class SecretValue(StrEnum):
    """How a file holds a secret."""

    LITERAL = "stands in the file"
    DEFAULT = "has a default in the file"
    VARIABLE = "comes from the environment"
    VAULT = "comes from a vault"
    PROMPT = "is asked for"
    PLACEHOLDER = "is a placeholder"
    ABSENT = "has no value in the file"


def is_secret_name(name: str) -> bool:
    """Whether a setting of this name holds a secret: ``OPENAI_API_KEY``, ``dbPassword``, ``Authorization``."""
    split = _CAMEL.sub("_", name)
    return _KEY.search(split) is not None and _NOT_SECRET.search(split) is None


def has_secret_shape(value: str) -> bool:
    """Whether a value looks like a token of a known issuer, or is an address with a password in it."""
    if _SHAPE.search(value):
        return True
    inside = _IN_URL.match(value)
    return inside is not None and not _VARIABLE.match(inside[1])


_ACCOUNT = re.compile(r"(?<=://)([^/\s@:]*):?([^/\s@]*)@")
_ASKED = re.compile(r"(?<=[?&])([\w.-]+)=([^&\s#]+)")
_RUN = re.compile(r"[A-Za-z0-9_]{16,}")  # which words with hyphens have not


def without_secrets(text: str) -> str:
    """A text as names and descriptions may repeat it: what is in it of passwords and tokens is left out.

    These are the accounts in addresses, the parameters of addresses that are called as secrets are, and what has the
    shape of a token of a known issuer.
    """
    if "://" in text:
        text = _ACCOUNT.sub(lambda one: "" if _told(one[1], one[2]) else one[0], text)
        text = _ASKED.sub(lambda one: f"{one[1]}=…" if is_secret_name(one[1]) else one[0], text)
    return text if len(text) < _SHORTEST else _SHAPE.sub(lambda one: "…" if _RUN.search(one[0]) else one[0], text)


def _told(user: str, password: str) -> bool:
    """Whether the account of an address is more than a common user's name, or the name of a variable."""
    said = password or user
    return bool(said) and not _VARIABLE.match(said) and (bool(password) or has_secret_shape(user) or len(user) >= 16)


def value_kind(value: object) -> SecretValue:
    """How a value holds a secret, without keeping it."""
    if value is None or not str(value).strip():
        return SecretValue.ABSENT
    text = str(value)[:2_000].strip()
    if _PROMPT.search(text):
        return SecretValue.PROMPT
    if _DEFAULT.search(text):
        return SecretValue.DEFAULT
    bare = text.removeprefix("Bearer ").removeprefix("Basic ").strip()
    if _VARIABLE.match(bare):
        return SecretValue.VARIABLE
    if _VAULT.match(bare):
        return SecretValue.VAULT
    return SecretValue.PLACEHOLDER if _PLACEHOLDER.match(bare) else SecretValue.LITERAL
