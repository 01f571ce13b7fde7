"""The names of the columns of an answer, read off the query: an engine may give none when there are no rows."""

from __future__ import annotations

from graphmodel.stores.tokens import Kind, Token, read

_AFTER = ("order", "skip", "offset", "limit", "union", "next")


def named(text: str) -> tuple[str, ...]:
    """The columns of the query's last RETURN; none where it has none, or returns ``*``."""
    tokens, sent = read(text)
    depth, begin, depths = 0, 0, []
    for index, token in enumerate(tokens):
        depth -= token.is_sign(")", "]", "}")
        depths.append(depth)
        depth += token.is_sign("(", "[", "{")
        if depth == 0 and token.is_word("return") and not (index and tokens[index - 1].is_sign(".")):
            begin = index + 1
    if not begin:
        return ()
    if begin < len(tokens) and tokens[begin].is_word("distinct"):
        begin += 1
    found: list[str] = []
    item: list[Token] = []
    for index, token in enumerate(tokens[begin:], begin):
        ends = depths[index] == 0 and item and token.is_word(*_AFTER) and not item[-1].is_sign(".")
        if ends or (depths[index] == 0 and token.is_sign(";")):
            break
        if depths[index] == 0 and token.is_sign(","):
            found.append(_name(item, sent))
            item = []
        else:
            item.append(token)
    found.append(_name(item, sent))
    return () if "*" in found else tuple(found)


def _name(item: list[Token], sent: str) -> str:
    """The alias of an item, or else its text, as engines name it."""
    if len(item) > 2 and item[-2].is_word("as"):
        alias = item[-1]
        return alias.value if alias.kind is Kind.NAME else sent[alias.start : alias.end]
    if len(item) == 1 and item[0].kind is Kind.NAME:
        return item[0].value
    return sent[item[0].start : item[-1].end] if item else ""
