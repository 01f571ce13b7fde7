"""Search for a tree of cuts on which joins are cheap, compiled by numba: annealing of a ternary tree of steps.

Every edge of the tree parts the steps into two sides, and a *message* says of one side which facts and controls
cross the edge, and which of these facts it may bring from which (``may``) and brings for certain (``must``). It
hangs on nothing but the set of steps, so the exchange of two subtrees across an edge changes the two messages of
that edge and no others, and what it gains is known at once. How many operators a side has is estimated from the
links that matter to the other side; the figures were fitted to joins that had been counted.
"""

from __future__ import annotations

from math import log2, sqrt

import numpy as np

from graphmodel.engine.exact.compiling import compiled

CROSSING = 24  # facts and controls of one cut, at most
SINK = CROSSING  # the bit of what is looked at
SOURCE = CROSSING  # the row of what is given to begin with
# See ``estimated``.
OF_ROWS, OF_SOURCES, OF_LINKS, OF_DIRECT, OF_CERTAIN, OF_CONTROLS = 0.29, 0.31, 0.56, 0.16, 0.24, 0.48
_PRIME, _MODULUS = 48_271, 2_147_483_647  # Lehmer


@compiled
def merged(x, y, out, many, var, count, may, must, looks, total, facts):  # type: ignore[no-untyped-def]
    """Write the message of two sides together to ``out``; false where too much crosses."""
    union = np.empty(2 * CROSSING, dtype=np.int64)
    both = np.empty(2 * CROSSING, dtype=np.int64)
    place = np.empty((2, CROSSING), dtype=np.int64)
    i = j = n = 0
    while i < many[x] or j < many[y]:
        if j >= many[y] or (i < many[x] and var[x, i] < var[y, j]):
            union[n], both[n] = var[x, i], count[x, i]
            place[0, i] = n
            i += 1
        elif i >= many[x] or var[y, j] < var[x, i]:
            union[n], both[n] = var[y, j], count[y, j]
            place[1, j] = n
            j += 1
        else:
            union[n], both[n] = var[x, i], count[x, i] + count[y, j]
            place[0, i] = place[1, j] = n
            i += 1
            j += 1
        n += 1
    kept = 0
    left = np.empty(2 * CROSSING, dtype=np.int64)
    for p in range(n):
        left[p] = -1
        if both[p] < total[union[p]]:
            if kept == CROSSING:
                return False
            left[p] = kept
            kept += 1
    rows = np.zeros(2 * CROSSING + 1, dtype=np.int64)
    for kind in range(2):
        rows[: n + 1] = 0
        for side in range(2):
            one = x if side == 0 else y
            links = may if kind == 0 else must
            for p in range(many[one] + 1):
                row = links[one, p if p < many[one] else SOURCE]
                if row == 0:
                    continue
                to = 0
                for q in range(many[one]):
                    if row >> q & 1:
                        to |= 1 << place[side, q]
                if row >> SINK & 1:
                    to |= 1 << (2 * CROSSING)
                rows[place[side, p] if p < many[one] else n] |= to
        for p in range(n):
            if left[p] < 0 and union[p] < facts:
                through = rows[p] & ~(1 << p)
                rows[p] = 0
                for q in range(n + 1):
                    if rows[q] >> p & 1:
                        rows[q] = rows[q] & ~(1 << p) | through
        links = may if kind == 0 else must
        for p in range(n + 1):
            if p < n and left[p] < 0:
                continue
            row, to = rows[p], 0
            if row:
                for q in range(n):
                    if row >> q & 1 and left[q] >= 0 and q != p:
                        to |= 1 << left[q]
                if row >> (2 * CROSSING) & 1:
                    to |= 1 << SINK
            links[out, left[p] if p < n else SOURCE] = to
    for p in range(n):
        if left[p] >= 0:
            var[out, left[p]], count[out, left[p]] = union[p], both[p]
    many[out] = kept
    looks[out] = looks[x] + looks[y]
    return True


@compiled
def estimated(x, y, many, var, may, must, facts):  # type: ignore[no-untyped-def]
    """About how many operators, as a binary logarithm, side ``x`` has as seen from the other side ``y``.

    Counted are the links that side x may or may not bring about and that matter to side y (of many, most hang
    together: by their root), those of them that are not made of others, and the facts that they start from; for each
    fact the ways to it, as a logarithm; facts that it may bring about alone; and controls.
    """
    n = many[x]
    reach = np.empty(n + 1, dtype=np.int64)
    direct = np.empty(n + 1, dtype=np.int64)
    sure = np.empty(n + 1, dtype=np.int64)
    sources = np.zeros(n, dtype=np.int64)
    for p in range(n + 1):
        row = p if p < n else SOURCE
        reach[p] = direct[p] = may[x, row]
        sure[p] = must[x, row] | must[y, row]
        outside = may[y, row]
        for q in range(n):
            if outside >> q & 1:
                sources[q] |= 1 << p
    for q in range(n):
        for p in range(n + 1):
            if reach[p] >> q & 1:
                reach[p] |= reach[q]
            if sure[p] >> q & 1:
                sure[p] |= sure[q]
    links = straight = starts = certain = controls = 0
    rows = 0.0
    for g in range(n):
        if var[x, g] >= facts:
            controls += 1
            continue
        uses = may[y, g]
        if uses == 0:
            continue
        ways = 1
        if reach[n] >> g & 1 and not sure[n] >> g & 1:
            certain += 1
            ways += 1
        for f in range(n):
            if f != g and reach[f] >> g & 1 and not sure[f] >> g & 1 and sources[f] & ~(1 << g) and uses & ~(1 << f):
                ways += 1
                links += 1
                straight += direct[f] >> g & 1
                starts |= 1 << f
        rows += log2(ways)
    found = OF_ROWS * rows + OF_LINKS * sqrt(links) + OF_DIRECT * straight
    while starts:
        found += OF_SOURCES
        starts &= starts - 1
    return found + OF_CERTAIN * certain + OF_CONTROLS * controls


@compiled
def described(plan, pairs, many, var, count, may, must, looks, size, total, facts):  # type: ignore[no-untyped-def]
    """Write the messages of a tree and the sizes of their sides; false where too much crosses.

    ``plan`` are two messages and the one that they make together, in an order in which each is made before it is used;
    ``pairs`` the two messages of each edge.
    """
    for step in range(len(plan)):
        x, y, out = plan[step]
        if not merged(x, y, out, many, var, count, may, must, looks, total, facts):
            return False
    for edge in range(len(pairs)):
        here, there = pairs[edge]
        size[here] = estimated(here, there, many, var, may, must, facts)
        size[there] = estimated(there, here, many, var, may, must, facts)
    return True


@compiled
def _price(x, y, many, var, size, facts):  # type: ignore[no-untyped-def]
    """About how many pairs of operators the join of two sides has."""
    i = j = shared = 0
    while i < many[x] and j < many[y]:
        if var[x, i] == var[y, j]:
            shared += var[x, i] >= facts
            i += 1
            j += 1
        elif var[x, i] < var[y, j]:
            i += 1
        else:
            j += 1
    return 2.0 ** (size[x] + size[y] - shared)


@compiled
def _at(x, y, z, many, var, size, looks, facts):  # type: ignore[no-untyped-def]
    """The price of the joins at a node with these three messages; none is made that leads to no look."""
    found = 0.0
    if looks[z]:
        found += _price(x, y, many, var, size, facts)
    if looks[y]:
        found += _price(x, z, many, var, size, facts)
    if looks[x]:
        found += _price(y, z, many, var, size, facts)
    return found


@compiled
def annealed(near, back, message, spare, many, var, count, may, must, looks, size, total, facts, rounds, hot, seed):  # type: ignore[no-untyped-def]
    """Exchange subtrees, ``rounds`` times for each node, at a falling temperature from ``hot`` on.

    ``near[node, k]`` is a neighbour, ``back[node, k]`` the place of the node among the neighbour's, and
    ``message[node, k]`` what the node's side says to it; leaves have one neighbour and come first. ``spare``
    are two messages that may be written to, before and after. Returns the price of the whole tree.
    """
    nodes = len(near)
    first = (nodes + 2) // 2
    inner = nodes - first
    free, other = spare
    state = seed
    moves = rounds * inner
    for move in range(moves):
        heat = hot * (1.0 - move / moves) ** 2
        state = state * _PRIME % _MODULUS
        u = first + state % inner
        state = state * _PRIME % _MODULUS
        k = state % 3
        v = near[u, k]
        if v < first:
            continue
        state = state * _PRIME % _MODULUS
        pick = (state >> 8) % 4
        kb = (k + 1 + pick % 2) % 3
        ka = 3 - k - kb
        kv = back[u, k]
        kc = (kv + 1 + pick // 2) % 3
        kd = 3 - kv - kc
        a = message[near[u, ka], back[u, ka]]
        b = message[near[u, kb], back[u, kb]]
        c = message[near[v, kc], back[v, kc]]
        d = message[near[v, kd], back[v, kd]]
        here, there = message[u, k], message[v, kv]
        before = _at(a, b, there, many, var, size, looks, facts) + _at(c, d, here, many, var, size, looks, facts)
        # Subtrees b and c change places: then u has a and c, and v has b and d.
        if not merged(a, c, free, many, var, count, may, must, looks, total, facts):
            continue
        if not merged(b, d, other, many, var, count, may, must, looks, total, facts):
            continue
        size[free] = estimated(free, other, many, var, may, must, facts)
        size[other] = estimated(other, free, many, var, may, must, facts)
        after = _at(a, c, other, many, var, size, looks, facts) + _at(b, d, free, many, var, size, looks, facts)
        if after > before:
            if heat <= 0.0:
                continue
            state = state * _PRIME % _MODULUS
            if state / _MODULUS >= (before / after) ** (1.0 / heat):
                continue
        message[u, k], message[v, kv], free, other = free, other, here, there
        kept, moved = message[u, kb], message[v, kc]
        nb, nbk, nc, nck = near[u, kb], back[u, kb], near[v, kc], back[v, kc]
        near[u, kb], back[u, kb], message[u, kb] = nc, nck, moved
        near[v, kc], back[v, kc], message[v, kc] = nb, nbk, kept
        near[nc, nck], back[nc, nck] = u, kb
        near[nb, nbk], back[nb, nbk] = v, kc
    spare[0], spare[1] = free, other
    whole = 0.0
    for u in range(first, nodes):
        x = message[near[u, 0], back[u, 0]]
        y = message[near[u, 1], back[u, 1]]
        z = message[near[u, 2], back[u, 2]]
        whole += _at(x, y, z, many, var, size, looks, facts)
    return whole
