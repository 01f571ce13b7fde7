"""What each piece of a PDF page is, for readers that speak: headings, paragraphs, lists, tables and drawings in order.

fpdf2 by itself marks pictures only. Its tree of structure is filled here instead: an element for each block, in the
order of reading, and the marked pieces of pages below it. What is decoration is marked as such, and never read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fpdf import FPDF
from fpdf.output import OutputProducer
from fpdf.structure_tree import StructElem, StructureTreeBuilder
from fpdf.syntax import PDFObject, PDFString


class Element(StructElem):
    """A block, or a part of one; ``a`` are its attributes where it has any, as PDF writes them."""

    a: str | None = None


class _Piece:
    """A marked piece of a page as a child of an element."""

    def __init__(self, tree: Tree, page: int, number: int) -> None:
        self.tree, self.page, self.number = tree, page, number

    def serialize(self, **_: Any) -> str:
        return f"<</Type /MCR /Pg {self.tree.pages[self.page - 1].ref} /MCID {self.number}>>"


class Tree(StructureTreeBuilder):
    """All elements of a document. ``pages`` are known once it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[PDFObject] = []
        self._elements: list[Element] = []
        self._pieces: Counter[int] = Counter()

    def add(self, kind: str, parent: Element | None, page: int, alt: str = "") -> Element:
        """A new element, the last one of its parent or, without, of the document."""
        above: StructElem = parent if parent is not None else self.doc_struct_elem
        found = Element(f"/{kind}", above, [], page, None, alt or None)
        above.k.append(found)
        self._elements.append(found)
        return found

    def piece(self, element: Element, page: int) -> tuple[int, int]:
        """A new piece of an element on a page: its number there, and that of the page among those with pieces."""
        key = self.spid_per_page_number.setdefault(page, len(self.spid_per_page_number))
        number = self._pieces[page]
        self._pieces[page] += 1
        element.k.append(_Piece(self, page, number))
        self.struct_tree_root.parent_tree.nums[key].append(element)
        return number, key

    def __iter__(self) -> Iterator[PDFObject]:
        yield self.struct_tree_root
        yield self.doc_struct_elem
        yield self.struct_tree_root.parent_tree
        yield from self._elements


class Producer(OutputProducer):
    """Writes the file, and tells the tree which pages its pieces are on."""

    def _add_pages(self, *given: Any, **named: Any) -> Any:
        found = super()._add_pages(*given, **named)
        tree = self.fpdf.struct_builder
        if isinstance(tree, Tree):
            tree.pages = list(found)
        return found


class Tagged(FPDF):
    """A PDF whose content is put down to elements. What is written in none is decoration."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.tree = Tree()
        self.struct_builder = self.tree
        self.element: Element | None = None
        self._marking = False

    @contextmanager
    def tag(self, kind: str, alt: str = "") -> Iterator[Element]:
        """What is written within belongs to a new element, inside the one that is open."""
        with self.within(self.tree.add(kind, self.element, self.page, alt)) as found:
            yield found

    @contextmanager
    def within(self, element: Element | None) -> Iterator[Element]:
        """What is written belongs to an element that is there already; to none where it is None."""
        before, self.element = self.element, element
        try:
            yield element  # type: ignore[misc]
        finally:
            self.element = before

    @contextmanager
    def marked(self) -> Iterator[None]:
        """One piece of the page, of the element that is open; what is in it already stays one piece."""
        if self._marking:
            yield
            return
        if self.element is None:
            self._out("/Artifact BMC")
        else:
            number, key = self.tree.piece(self.element, self.page)
            self.pages[self.page].struct_parents = key
            self._out(f"{self.element.s} <</MCID {number}>> BDC")
        self._marking = True
        try:
            yield
        finally:
            self._marking = False
            self._out("EMC")


def head_of(element: Element, scope: str) -> None:
    """Say what a header of a table is the head of: its ``Column`` or its ``Row``."""
    element.a = f"<</O /Table /Scope /{scope}>>"


def named(element: Element, text: str) -> None:
    """Give an element a title, which is shown where its structure is."""
    element.t = PDFString(text)
