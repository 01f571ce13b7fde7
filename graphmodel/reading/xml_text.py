"""XML of strangers as a tree of elements that know their lines: no entities, no document types, no other files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from graphmodel.reading.limits import MAX_BYTES, MAX_VALUES, check_size
from graphmodel.reading.problems import Problem, refusal

_HEAD = 100_000
MAX_LEVELS = 200  # XML formats nest deeper than JSON says the same
_START = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE|[A-Za-z_][\w.:-]*[\s/>])")


@dataclass(frozen=True)
class XmlText:
    """An XML document: its root, and on which line each element begins."""

    root: Element
    file: str
    lines: dict[Element, int]

    def problem(self, level: str, element: Element | None, message: str, fix: str = "") -> Problem:
        """A problem at an element of this file."""
        line = self.lines.get(element, 0) if element is not None else 0
        return Problem(level, message, fix, local(element.tag) if element is not None else "", line, self.file)


def local(tag: Any) -> str:
    """The name of an element or attribute without its namespace; empty for comments and instructions."""
    return str(tag).rpartition("}")[2] if isinstance(tag, str) else ""


def looks_like_xml(data: bytes) -> bool:
    """Whether bytes begin as XML does, in UTF-8 or UTF-16."""
    return _START.match(data[:1000]) is not None or data.startswith((b"\xff\xfe<\x00", b"\xfe\xff\x00<"))


def root_name(data: bytes) -> str:
    """The name of the first element, without namespace and in small letters, by the first bytes; empty where none is.

    A document type comes before the element that it is of, and says the same name.
    """
    head = data[:_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head[: len(head) // 2 * 2].decode("utf-16", "replace")
    else:
        text = head.decode("utf-8-sig", "replace")
    start = text.lstrip()
    while start.startswith(("<?", "<!--")):
        start = start.partition("?>" if start.startswith("<?") else "-->")[2].lstrip()
    root = re.match(r"<(?:!DOCTYPE\s+)?([A-Za-z_][\w.:-]*)", start, re.IGNORECASE)
    return root[1].lower().rpartition(":")[2] if root else ""


def read_xml(data: bytes, file: str, most: int = MAX_BYTES, skip: frozenset[str] = frozenset()) -> XmlText:
    """Read one XML document; raises ``UnreadableError`` where it is none, or holds what is refused.

    Of elements whose names are in ``skip`` nothing but that they are there is kept.
    """
    check_size(data, file, most)
    lines: dict[Element, int] = {}

    class Counting(TreeBuilder):
        depth = 0
        passing = 0  # levels below the start of what is skipped, that one counted
        passed: Element

        def start(self, tag: Any, attrs: Any, /) -> Element:
            if self.passing:
                self.passing += 1
                return self.passed
            element: Element = super().start(tag, attrs)
            if local(tag) in skip:
                self.passing, self.passed = 1, element
            lines[element] = parser.parser.CurrentLineNumber
            self.depth += 1
            if self.depth > MAX_LEVELS:
                most = f"At most {MAX_LEVELS} levels are read."
                raise refusal(file, "the document is nested too deeply.", most, lines[element])
            if len(lines) > MAX_VALUES:
                raise refusal(file, f"the document holds more than {MAX_VALUES:,} elements.", "Split the file.")
            return element

        def data(self, text: str, /) -> None:
            if not self.passing:
                super().data(text)

        def end(self, tag: str, /) -> Element:
            if self.passing > 1:
                self.passing -= 1
                return self.passed
            self.passing = 0
            self.depth -= 1
            return super().end(tag)

    parser = DefusedXMLParser(target=Counting(), forbid_dtd=True)
    try:
        parser.feed(data)
        root = parser.close()
    except DefusedXmlException as error:
        message = "the document defines entities or refers to others, which is refused."
        raise refusal(file, message, "Remove its document type and entities.") from error
    except (ParseError, ValueError, LookupError) as error:
        line = error.position[0] if isinstance(error, ParseError) else 0
        raise refusal(file, f"this is not valid XML: {str(error)[:200]}.", "Check it at this line.", line) from error
    return XmlText(root, file, lines)
