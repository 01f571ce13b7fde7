"""Plain values as block YAML, byte for byte as PyYAML writes them, at a tenth of the time.

Most of a document are short words, which need nothing around them. What is long, or needs a second look, is left to
PyYAML at the same indentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import yaml

_WIDTH = 110
_KEY = 100  # characters of a key that surely stands before its colon
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_./@+()=,\[\]*$>-]*(?:[ :][A-Za-z0-9_./@+()=,\[\]*$>-]+)*")
_BREAKS = re.compile("[\n\x85\u2028\u2029]")
_MEANT = frozenset({"yes", "no", "true", "false", "on", "off", "null"})  # words that YAML 1.1 takes for something else


def block(value: Mapping[str, Any], dumper: type[yaml.SafeDumper]) -> str:
    """A map that is not empty as lines of YAML; ``dumper`` says how texts are quoted and lists indented, which is by
    two."""
    writer = _Writer(dumper)
    writer.entries(value, 0)
    return "\n".join((*writer.lines, ""))


class _Writer:
    def __init__(self, dumper: type[yaml.SafeDumper]) -> None:
        self.dumper, self.lines = dumper, list[str]()

    def entries(self, value: Mapping[str, Any], level: int, first: str = "") -> None:
        """The entries of a map, the first of them behind what begins an item of a list."""
        lead = first or "  " * level
        for key, inner in value.items():
            head = _on_one_line(key, self.dumper) if key and not _BREAKS.search(key) else None
            nested = bool(inner) and isinstance(inner, dict | list)
            if head is None or len(head) > _KEY:
                self.left_over({key: inner}, level, lead)
            elif not nested:
                text = _on_one_line(inner, self.dumper)
                line = f"{lead}{head}: {text}"
                if text is None or len(line) > _WIDTH:
                    self.left_over({key: inner}, level, lead)
                else:
                    self.lines.append(line)
            else:
                self.lines.append(f"{lead}{head}:")
                if isinstance(inner, dict):
                    self.entries(inner, level + 1)
                else:
                    self.items(inner, level + 1)
            lead = "  " * level

    def items(self, value: Sequence[Any], level: int) -> None:
        """The items of a list."""
        lead = "  " * level + "- "
        for one in value:
            if isinstance(one, dict) and one:
                self.entries(one, level + 1, lead)
                continue
            text = None if isinstance(one, list) and one else _on_one_line(one, self.dumper)
            if text is None or len(lead) + len(text) > _WIDTH:
                self.left_over([one], level, "  " * level)
            else:
                self.lines.append(lead + text)

    def left_over(self, value: Any, level: int, lead: str) -> None:
        """One entry or item as PyYAML writes it so far inside a document."""
        for _ in range(level):
            value = {"a": value}
        text = _dumped(value, self.dumper, _WIDTH)
        for _ in range(level):
            text = text.partition("\n")[2]
        self.lines.append(lead + text[2 * level :].removesuffix("\n"))


def _on_one_line(value: Any, dumper: Any) -> str | None:
    """A text, number, truth or what is empty, as it stands behind a colon; None where that is not one line."""
    if isinstance(value, str) and _WORDS.fullmatch(value) and value.lower() not in _MEANT:
        return value
    if isinstance(value, dict | list):
        return "[]" if isinstance(value, list) else "{}"
    return _looked_up(value, dumper)


@lru_cache(10_000, typed=True)
def _looked_up(value: Any, dumper: Any) -> str | None:
    text = _dumped(value, dumper, 1_000_000).removesuffix("\n").removesuffix("\n...")
    return None if _BREAKS.search(text) else text


def _dumped(value: Any, dumper: Any, width: int) -> str:
    return str(yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=True, width=width))
