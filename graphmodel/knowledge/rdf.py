"""Turtle to a graph, without what rdflib would make of values and without what it would print.

By itself it turns every typed text into an object of Python on sight: a decimal of a dozen characters
into gigabytes of zeros, XML into a document; and it prints what it cannot turn, as it stands in the file.
"""

from __future__ import annotations

import logging

from rdflib import Graph, Literal, URIRef
from rdflib.plugins.parsers.notation3 import BadSyntax, RDFSink, SinkParser

__all__ = ["BadSyntax", "graph_of"]
_NUMBERS = frozenset(f"http://www.w3.org/2001/XMLSchema#{one}" for one in ("decimal", "double", "float", "integer"))
_TRUTH = URIRef("http://www.w3.org/2001/XMLSchema#boolean")


def graph_of(text: str) -> Graph:
    """The graph of a Turtle text. Typed texts are numbers, truth values or texts.

    Raises ``BadSyntax``, and whatever else rdflib does, where the text cannot be read.
    """
    logging.getLogger("rdflib").addHandler(logging.NullHandler())
    graph = Graph(bind_namespaces="none")
    SinkParser(_Sink(graph), baseURI="", turtle=True).loadBuf(text)
    return graph


class _Sink(RDFSink):
    """Takes in what a parser finds."""

    def newLiteral(self, s: str, dt: URIRef | None, lang: str | None) -> Literal:  # noqa: N802 - it overrides one
        if dt is not None and str(dt) in _NUMBERS:
            try:
                return Literal(float(s))
            except ValueError:
                return Literal(s)
        if dt == _TRUTH and s in ("true", "false", "1", "0"):
            return Literal(s in ("true", "1"))
        return Literal(s, lang=lang if dt is None else None)
