"""A file that is offered to the importers: its bytes, and what they say as JSON, YAML, XML or text, each read once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphmodel.reading.json_text import read_json, without_comments
from graphmodel.reading.limits import check_size
from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.values import Text
from graphmodel.reading.xml_text import XmlText, looks_like_xml, read_xml
from graphmodel.reading.yaml_text import read_yaml, read_yaml_documents

Beside = Callable[[str], bytes]
"""Gives the content of a file by its path from the one being read, within the folder that was given; raises
``UnreadableError`` where it cannot be had."""


@dataclass(frozen=True)
class Source:
    """The bytes of one file, its name for messages, and how to come to files that it names, where that is allowed."""

    data: bytes
    name: str
    beside: Beside | None = None

    @property
    def text(self) -> Text:
        """The one JSON or YAML document; raises ``UnreadableError`` where there is none, or more than one.

        What begins like JSON is read as JSON, then as JSON with comments, then as YAML, which may begin so too.
        """
        found = self._text
        if isinstance(found, UnreadableError):
            raise found
        return found

    @property
    def single(self) -> Text | None:
        """The same, and None where there is none: for who asks whether the file is theirs, and not why it is not."""
        return None if isinstance(self._text, UnreadableError) else self._text

    @cached_property
    def _text(self) -> Text | UnreadableError:
        """The document, or why there is none, so that neither is looked for again by each importer."""
        try:
            return self._parsed()
        except UnreadableError as error:
            return error

    def _parsed(self) -> Text:
        check_size(self.data, self.name)
        head = self.data.lstrip()[:2]
        if head[:1] not in (b"{", b"[") and head not in (b"//", b"/*"):
            return read_yaml(self.data, self.name)
        try:
            return read_json(self.data, self.name)
        except UnreadableError as error:
            if _beyond(error):
                raise
            try:
                return read_json(without_comments(self.data), self.name)
            except UnreadableError:
                try:
                    return read_yaml(self.data, self.name)
                except UnreadableError:
                    raise error from None

    @cached_property
    def documents(self) -> tuple[Text, ...]:
        """All documents of a YAML file, or the one of a JSON file; empty where it is neither."""
        try:
            return (self.text,)
        except UnreadableError as error:
            if _beyond(error):
                return ()
            try:
                return read_yaml_documents(self.data, self.name)
            except UnreadableError:
                return ()

    @cached_property
    def value(self) -> Any:
        """What the first document says; None where there is none."""
        return self.documents[0].value if self.documents else None

    @cached_property
    def xml(self) -> XmlText | None:
        """The root of an XML file with the lines of its elements; None where it is none, or is refused."""
        if not looks_like_xml(self.data):
            return None
        try:
            return read_xml(self.data, self.name)
        except UnreadableError:
            return None

    @cached_property
    def words(self) -> str:
        """The file as text; empty where it is none."""
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return ""


def _beyond(error: UnreadableError) -> bool:
    """Whether a file was refused for how large, full or deep it is: then no other way to read it is tried."""
    return any(word in error.problem.message for word in ("larger than the limit", " values", "nested too deeply"))
