"""Sums over pairs of closure operators where unlikely pairs are counted from below and from above, compiled by numba.

Operators stand in order of likelihood. Where one is passed over its chance goes to its *parent*: a likelier operator by
which no more follows, from below, or no less, from above; to the least or the most operator where it has none.
"""

from __future__ import annotations

import numpy as np

from graphmodel.engine.exact.compiling import compiled
from graphmodel.engine.exact.kernel_joins import CERTAIN, WAY

_FAR = 1 << 40


@compiled
def _within(x, y, rows, way_at, ways):  # type: ignore[no-untyped-def]
    """Whether whatever follows by operator ``x`` follows by ``y``."""
    for j in range(rows.shape[1]):
        if rows[x, j] & ~rows[y, j] and rows[y, j] != CERTAIN:
            return False
    return way_at[x] == way_at[x + 1] or _ways_within(x, y, rows, way_at, ways)


@compiled
def _ways_within(x, y, rows, way_at, ways):  # type: ignore[no-untyped-def]
    for at in range(way_at[x], way_at[x + 1]):
        gains, needs = ways[at] >> WAY, ways[at] & ((1 << WAY) - 1)
        found = rows[y, gains] == CERTAIN or rows[y, gains] & needs != 0
        for other in range(way_at[y], way_at[y + 1]):
            found = found or (ways[other] >> WAY == gains and ways[other] & ((1 << WAY) - 1) & ~needs == 0)
        if not found:
            return False
    return True


@compiled
def parents_of(rows, way_at, ways, order, start, scanned):  # type: ignore[no-untyped-def]
    """For each place in an order the place of the parent from below and from above in the same group, -1 for none.

    ``start`` are the beginnings of the groups and the end; so many of the likeliest of each are looked at.
    """
    many, wide = len(order), rows.shape[1]
    size = np.zeros(many, dtype=np.int64)
    sign = np.zeros(many, dtype=np.int64)  # has no more bits where less follows
    found = np.full((2, many), -1, dtype=np.int64)
    for i in range(many):
        for j in range(wide):
            row = rows[order[i], j]
            if row == CERTAIN:
                row = CERTAIN - 1
                size[i] += 2 * wide
                sign[i] |= 1 << (j % 62)
            else:
                left = row
                while left:
                    left &= left - 1
                    size[i] += 2
            turn = j * wide % 61
            sign[i] |= (row << turn | row >> (61 - turn)) & (CERTAIN - 1)
        size[i] += way_at[order[i] + 1] - way_at[order[i]]
    for group in range(len(start) - 1):
        for i in range(start[group], start[group + 1]):
            below, above, own = -1, _FAR, sign[i]
            for k in range(start[group], min(i, start[group] + scanned)):
                other = sign[k]
                if other & ~own == 0 and size[k] > below and _within(order[k], order[i], rows, way_at, ways):
                    below = size[k]
                    found[0, i] = k
                if own & ~other == 0 and size[k] < above and _within(order[i], order[k], rows, way_at, ways):
                    above = size[k]
                    found[1, i] = k
    return found


@compiled
def enclosed(blocks, ends, order_a, order_b, parents_a, parents_b, results, a, b, out):  # type: ignore[no-untyped-def]
    """Add the chances of the pairs of two tables to those of the operators that they make, (2, operators, cases).

    The first half of ``a``, ``b`` and ``out`` is from below, the second from above. A block are the range of the first
    order, how many of it are paired, and the range of the second. ``ends`` says for each of the paired, and for the
    least and the most operator of the first, where the operators of the second end that it is paired with; each is
    besides with the least and the most of the second. ``results`` has the operators that come of it, for the paired
    and then for those two.
    """
    cases = a.shape[2]
    p = e = 0
    for block in blocks:
        a0, a1, b0, b1 = block[0], block[2], block[3], block[4]
        paired = block[1] - a0
        at, end_at = p, e
        for half in range(2):
            p, e = at, end_at
            mine = np.empty((paired + 1, cases))
            mine[paired] = 0.0
            rest = np.empty((a1 - a0, cases))
            for i in range(a0, a1):
                rest[i - a0] = a[half, order_a[i]]
            for i in range(a1 - 1, a0 + paired - 1, -1):
                to = parents_a[half, i]
                if to < 0:
                    mine[paired] += rest[i - a0]
                else:
                    rest[to - a0] += rest[i - a0]
            mine[:paired] = rest[:paired]
            other = np.empty((b1 - b0 + 1, cases))
            for i in range(paired + 2):
                if i == 0 or i >= paired:
                    for j in range(b0, b1):
                        other[j - b0] = b[half, order_b[j]]
                    other[b1 - b0] = 0.0
                    last = b1
                end = ends[e]
                e += 1
                for j in range(last - 1, end - 1, -1):
                    to = parents_b[half, j]
                    if to < 0:
                        other[b1 - b0] += other[j - b0]
                    else:
                        other[to - b0] += other[j - b0]
                last = end
                if i < paired or i == paired + half:
                    own = min(i, paired)
                    for j in range(b0, end):
                        to = results[p + j - b0]
                        for n in range(cases):
                            out[half, to, n] += mine[own, n] * other[j - b0, n]
                    to = results[p + end - b0 + half]
                    for n in range(cases):
                        out[half, to, n] += mine[own, n] * other[b1 - b0, n]
                p += end - b0 + 2
