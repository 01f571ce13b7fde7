"""Closure operators on the border of a part of a graph, as small canonical values.

Seen from outside, the steps of a part say which facts of its border hold when some of them are given.
That is a monotone function from sets of facts to sets of facts, and it is kept as the minimal sets from
which each fact follows: for each fact an antichain, each set of it as the bits of a number. Two parts
that do the same for their border have the same value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphmodel.engine.exact.rules import TooWideError

Antichain = tuple[int, ...]
Closure = tuple[tuple[int, Antichain], ...]  # the place of each fact that may follow, in order, with what from
NOTHING: Closure = ()
MOST_WAYS = 128  # so that no single operator takes long


def minimal(sets: Iterable[int]) -> Antichain:
    """Those sets that hold no other, in order."""
    found: list[int] = []
    for one in sorted(set(sets), key=lambda one: (one.bit_count(), one)):
        if not any(other & one == other for other in found):
            found.append(one)
    return tuple(found)


def with_step(closure: Closure, needs: Sequence[int], gains: int, given: int) -> Closure:
    """The closure with one step more: the facts at places ``needs`` together bring the one at ``gains``.

    ``given`` are the bits of the facts that may be given from outside. Raises ``TooWideError`` where there are
    too many ways to what is needed, or to all facts together.
    """
    own = dict(closure)
    bit = 1 << gains
    ways = [0]
    for need in needs:
        each = own.get(need, ())
        if given >> need & 1:
            each = (*each, 1 << need)
        ways = [one | other for one in ways for other in each]
        if len(ways) > MOST_WAYS:
            raise TooWideError
    # What takes the fact itself is no way to it.
    new = [one for one in ways if not one & bit]
    if not new:
        return closure
    before = own.get(gains, ())
    own[gains] = minimal((*before, *new))
    if own[gains] == before:
        return closure
    for fact, sets in closure:
        if fact != gains:
            longer = [one & ~bit | way for one in sets if one & bit for way in new]
            if longer:
                own[fact] = minimal((*sets, *(one for one in longer if not one >> fact & 1)))
    if sets_of(own.items()) > MOST_WAYS:
        raise TooWideError
    return tuple(sorted(own.items()))


def sets_of(closure: Iterable[tuple[int, Antichain]]) -> int:
    """How many minimal sets there are, of all facts together."""
    return sum(len(sets) for _, sets in closure)


def within(closure: Closure, given: int, wanted: int) -> Closure:
    """The same where only the facts of the bits ``given`` can be given, and only those of ``wanted`` are asked for."""
    lost = ~given
    return tuple(
        [
            (fact, left)
            for fact, sets in closure
            if wanted >> fact & 1 and (left := tuple([one for one in sets if not one & lost]))
        ]
    )
