"""Joins of tables of closure operators, compiled by numba.

A table lists the operators that one side of a cut may have, each with the controls that hold. An operator is a row
of bits for each fact of the cut: those that each alone bring it about, the bit ``CERTAIN`` where it needs none; and
*ways*, sets of two or more facts that bring one about together. All are closed: what follows through other
facts of the cut is in them. The join of two tables has an operator for each pair that agrees on the controls of both.
"""

from __future__ import annotations

import numpy as np

from graphmodel.engine.exact.compiling import compiled

CERTAIN = 1 << 60
WAY = 50  # bits of the facts of a way; above them the place of what it brings about
MOST_WAYS = 64  # of one fact while two operators are joined
_LOW = 2_147_483_647


@compiled
def spread(rows, ways, place):  # type: ignore[no-untyped-def]
    """Move the bits of rows and ways to other places, in place: bit n to ``place[n]``."""
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            row = rows[i, j]
            if row & CERTAIN:
                continue
            to, n = 0, 0
            while row:
                if row & 1:
                    to |= 1 << place[n]
                row >>= 1
                n += 1
            rows[i, j] = to
    for i in range(len(ways)):
        row = ways[i] & ((1 << WAY) - 1)
        to, n = place[ways[i] >> WAY] << WAY, 0
        while row:
            if row & 1:
                to |= 1 << place[n]
            row >>= 1
            n += 1
        ways[i] = to


@compiled
def _add(sets, many, fact, new):  # type: ignore[no-untyped-def]
    """Add a set to the minimal ones from which a fact follows: 1 where it is news, 0 if not, -1 for too many."""
    if new >> fact & 1:
        return 0
    n = many[fact]
    for i in range(n):
        if sets[fact, i] & new == sets[fact, i]:
            return 0
    left = 0
    for i in range(n):
        if sets[fact, i] & new != new:
            sets[fact, left] = sets[fact, i]
            left += 1
    if left == MOST_WAYS:
        many[fact] = left
        return -1
    sets[fact, left] = new
    many[fact] = left + 1
    return 1


@compiled
def _closed(sets, many, facts):  # type: ignore[no-untyped-def]
    """Add what follows through other facts, until nothing new does; false where there are too many sets."""
    news = True
    while news:
        news = False
        for k in range(facts):
            if many[k] == 0:
                continue
            for f in range(facts):
                if f == k:
                    continue
                i = 0
                while i < many[f]:
                    one = sets[f, i]
                    if one >> k & 1:
                        for j in range(many[k]):
                            said = _add(sets, many, f, (one & ~(1 << k)) | sets[k, j])
                            if said < 0:
                                return False
                            news = news or said > 0
                    i += 1
    return True


@compiled
def _hash(held, row, keep, ways, many):  # type: ignore[no-untyped-def]
    found = held * 40_503 & _LOW
    for j in range(keep):
        found = ((found ^ (row[j] & _LOW) ^ (row[j] >> 31)) * 1_540_483_477) & 0x3FFFFFFFFFFFFFFF
        found = (found ^ (found >> 29)) & _LOW
    for j in range(many):
        found = ((found ^ (ways[j] & _LOW) ^ (ways[j] >> 31)) * 1_540_483_477) & 0x3FFFFFFFFFFFFFFF
        found = (found ^ (found >> 29)) & _LOW
    return found


@compiled
def _longer(values, many, length):  # type: ignore[no-untyped-def]
    """So many of the values in a longer array."""
    # An assignment to a slice would compile the text of its error, for longer than all the rest.
    found = np.zeros(length, dtype=np.int64)
    for i in range(many):
        found[i] = values[i]
    return found


@compiled
def joined(  # type: ignore[no-untyped-def]
    rows_a, way_at_a, ways_a, held_a, facts_a, order_a,
    rows_b, way_at_b, ways_b, held_b, facts_b, order_b,
    groups, facts, shared, kept, allowed, sure, most,
):  # fmt: skip
    """The join of two tables: of each pair the number of its operator, and the operators in order of appearance.

    Bits count places of all ``facts`` of both sides, ``facts_a`` the place of each row. ``shared`` are the facts of
    both, ``kept`` those of the new cut, ``allowed`` the links into each of those that matter outside (-1 where the
    fact itself does not), and ``sure`` what surely leads to it there. ``groups`` are ranges of both orders that agree
    on controls. Of more than ``most`` operators no table is made: the number of pairs is then -1, and -2 where an
    operator has too many ways.
    """
    pairs = 0
    for g in range(len(groups)):
        pairs += (groups[g, 1] - groups[g, 0]) * (groups[g, 3] - groups[g, 2])
    result = np.empty(pairs, dtype=np.int32)
    n, keep = 0, len(kept)
    capacity = 256
    out_rows = np.empty((capacity, keep), dtype=np.int64)
    out_held = np.empty(capacity, dtype=np.int64)
    out_at = np.zeros(capacity + 1, dtype=np.int64)
    out_ways = np.empty(64, dtype=np.int64)
    size = 1024
    index = np.full(size, -1, dtype=np.int64)
    row = np.empty(facts, dtype=np.int64)
    code = np.empty(keep, dtype=np.int64)
    way = np.empty(keep * MOST_WAYS, dtype=np.int64)
    sets = np.empty((facts, MOST_WAYS), dtype=np.int64)
    many = np.empty(facts, dtype=np.int64)
    any_sure = False
    for j in range(keep):
        any_sure = any_sure or sure[j] != 0
    p = 0
    for g in range(len(groups)):
        for ia in range(groups[g, 0], groups[g, 1]):
            a = order_a[ia]
            for ib in range(groups[g, 2], groups[g, 3]):
                b = order_b[ib]
                for i in range(facts):
                    row[i] = 0
                for i in range(len(facts_a)):
                    row[facts_a[i]] = rows_a[a, i]
                for i in range(len(facts_b)):
                    row[facts_b[i]] |= rows_b[b, i]
                several = way_at_a[a + 1] > way_at_a[a] or way_at_b[b + 1] > way_at_b[b]
                ways = len(shared) * 0  # no literal, for which numba would compile some functions once more
                if several:
                    for i in range(facts):
                        many[i] = 0
                        if row[i] & CERTAIN:
                            _add(sets, many, i, 0)
                            continue
                        for f in range(facts):
                            if row[i] >> f & 1:
                                _add(sets, many, i, 1 << f)
                    fine = True
                    for at in range(way_at_a[a], way_at_a[a + 1]):
                        fine = fine and _add(sets, many, ways_a[at] >> WAY, ways_a[at] & ((1 << WAY) - 1)) >= 0
                    for at in range(way_at_b[b], way_at_b[b + 1]):
                        fine = fine and _add(sets, many, ways_b[at] >> WAY, ways_b[at] & ((1 << WAY) - 1)) >= 0
                    for j in range(keep):
                        if sure[j] & CERTAIN:
                            _add(sets, many, kept[j], 0)
                        else:
                            for f in range(facts):
                                if sure[j] >> f & 1:
                                    fine = fine and _add(sets, many, kept[j], 1 << f) >= 0
                    if not fine or not _closed(sets, many, facts):
                        return -2, result, out_rows, out_held, out_at, out_ways
                    for j in range(keep):
                        code[j] = 0
                        if allowed[j] < 0:
                            continue
                        first = ways
                        for i in range(many[kept[j]]):
                            one = sets[kept[j], i]
                            if one == 0:
                                code[j] = CERTAIN
                            elif one & ~allowed[j] == 0:
                                if one & (one - 1) == 0:
                                    code[j] |= one
                                else:
                                    # Kept in order, so that the same operator is the same row of numbers.
                                    at = ways
                                    while at > first and way[at - 1] > (kept[j] << WAY | one):
                                        way[at] = way[at - 1]
                                        at -= 1
                                    way[at] = kept[j] << WAY | one
                                    ways += 1
                else:
                    for s in range(len(shared)):
                        through = row[shared[s]]
                        if through:
                            bit = 1 << shared[s]
                            for i in range(facts):
                                if row[i] & bit:
                                    row[i] |= through
                    if any_sure:
                        for j in range(keep):
                            row[kept[j]] |= sure[j]
                        for j in range(keep):
                            through = row[kept[j]]
                            if through:
                                bit = 1 << kept[j]
                                for i in range(keep):
                                    if row[kept[i]] & bit:
                                        row[kept[i]] |= through
                    for j in range(keep):
                        one = row[kept[j]]
                        if allowed[j] < 0:
                            code[j] = 0
                        elif one & CERTAIN:
                            code[j] = CERTAIN
                        else:
                            code[j] = one & allowed[j]
                held = held_a[a] | held_b[b]
                slot = _hash(held, code, keep, way, ways) & (size - 1)
                found = -1
                while True:
                    at = index[slot]
                    if at < 0:
                        break
                    same = out_held[at] == held and out_at[at + 1] - out_at[at] == ways
                    if same:
                        for j in range(keep):
                            if out_rows[at, j] != code[j]:
                                same = False
                                break
                    if same:
                        for j in range(ways):
                            if out_ways[out_at[at] + j] != way[j]:
                                same = False
                                break
                    if same:
                        found = at
                        break
                    slot = (slot + 1) & (size - 1)
                if found < 0:
                    if n == most:
                        return -1, result, out_rows, out_held, out_at, out_ways
                    if n == capacity:
                        capacity *= 2
                        more_rows = np.empty((capacity, keep), dtype=np.int64)
                        for i in range(n):
                            for j in range(keep):
                                more_rows[i, j] = out_rows[i, j]
                        out_rows = more_rows
                        out_held, out_at = _longer(out_held, n, capacity), _longer(out_at, n + 1, capacity + 1)
                    while out_at[n] + ways > len(out_ways):
                        out_ways = _longer(out_ways, out_at[n], 2 * len(out_ways))
                    for j in range(keep):
                        out_rows[n, j] = code[j]
                    for j in range(ways):
                        out_ways[out_at[n] + j] = way[j]
                    out_held[n] = held
                    out_at[n + 1] = out_at[n] + ways
                    index[slot] = n
                    found = n
                    n += 1
                    if 2 * n > size:
                        size *= 4
                        index = np.full(size, -1, dtype=np.int64)
                        for at in range(n):
                            own = out_at[at + 1] - out_at[at]
                            slot = _hash(out_held[at], out_rows[at], keep, out_ways[out_at[at] :], own) & (size - 1)
                            while index[slot] >= 0:
                                slot = (slot + 1) & (size - 1)
                            index[slot] = at
                result[p] = found
                p += 1
    return pairs, result, out_rows[:n], out_held[:n], out_at[: n + 1], out_ways[: out_at[n]]


@compiled
def played(at, first, second, group_at, groups, orders_a, orders_b, order_at, pair_at, results, value):  # type: ignore[no-untyped-def]
    """The chances of all operators, (operators, cases), from those of the leaves, in place."""
    cases = value.shape[1]
    for m in range(len(at)):
        p = pair_at[m]
        for g in range(group_at[m], group_at[m + 1]):
            for ia in range(groups[g, 0], groups[g, 1]):
                a = first[m] + orders_a[order_at[m, 0] + ia]
                for ib in range(groups[g, 2], groups[g, 3]):
                    b = second[m] + orders_b[order_at[m, 1] + ib]
                    to = at[m] + results[p]
                    p += 1
                    for n in range(cases):
                        value[to, n] += value[a, n] * value[b, n]


@compiled
def sloped(at, first, second, group_at, groups, orders_a, orders_b, order_at, pair_at, results, value, slope):  # type: ignore[no-untyped-def]
    """The derivatives by the chances of all operators, against the order of the joins, in place; one case."""
    for m in range(len(at) - 1, -1, -1):
        p = pair_at[m]
        for g in range(group_at[m], group_at[m + 1]):
            for ia in range(groups[g, 0], groups[g, 1]):
                a = first[m] + orders_a[order_at[m, 0] + ia]
                x, total = value[a], 0.0
                for ib in range(groups[g, 2], groups[g, 3]):
                    b = second[m] + orders_b[order_at[m, 1] + ib]
                    s = slope[at[m] + results[p]]
                    p += 1
                    total += s * value[b]
                    slope[b] += s * x
                slope[a] += total
