"""Kernels for the cores of facts: what leads to a fact in a world at least cost, and what few steps do alone."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from graphmodel.engine.worlds.compiler import kernel

_ONE = np.uint64(1)


@kernel
def led(  # type: ignore[no-untyped-def]
    missed, fires, target, certain, need_at, needs, gains, user_at, users, first_steps, used, most,
):  # fmt: skip
    """Adds to ``used`` the steps by which the target comes true in the worlds where it is ``missed``, ``most`` of them.

    Of all ways in a world it is one of the cheapest, where a step costs less the more often it was used before, so
    that the ways of many worlds have few steps together. A way costs the sum of the steps that lead to each need.
    """
    facts, steps = len(user_at) - 1, len(gains)
    cost = np.full(facts, -1.0)
    by = np.full(facts, -1, dtype=np.int64)
    open_needs = np.full(steps, -1, dtype=np.int64)
    met = np.empty(steps, dtype=np.int64)
    came = np.empty(facts, dtype=np.int64)
    stack = np.empty(facts, dtype=np.int64)
    heap = [(0.0, 0)]
    heap.pop()
    done = 0
    for block in range(len(missed)):
        for world in range(64):
            bit = np.uint64(world)
            if not missed[block] >> bit & _ONE:
                continue
            if done == most:
                return done
            done += 1
            many_met, many_came = 0, 0
            heap.clear()
            for step in first_steps:
                if fires[block, step] >> bit & _ONE:
                    heappush(heap, (1.0 / (1.0 + used[step]), step))
            while heap:
                price, step = heappop(heap)
                fact = gains[step]
                if cost[fact] >= 0.0:
                    continue
                cost[fact], by[fact] = price, step
                came[many_came] = fact
                many_came += 1
                if fact == target:
                    break
                for at in range(user_at[fact], user_at[fact + 1]):
                    user = users[at]
                    if cost[gains[user]] >= 0.0 or not fires[block, user] >> bit & _ONE:
                        continue
                    if open_needs[user] < 0:
                        met[many_met] = user
                        many_met += 1
                        open_needs[user] = 0
                        for need in range(need_at[user], need_at[user + 1]):
                            open_needs[user] += needs[need] >= certain
                    open_needs[user] -= 1
                    if open_needs[user] == 0:
                        total = 1.0 / (1.0 + used[user])
                        for need in range(need_at[user], need_at[user + 1]):
                            if needs[need] >= certain:
                                total += cost[needs[need]]
                        heappush(heap, (total, user))
            waiting = 0
            if by[target] >= 0:
                stack[0] = target
                waiting = 1
            while waiting:
                waiting -= 1
                step = by[stack[waiting]]
                by[stack[waiting]] = -1
                if step < 0:
                    continue
                used[step] += 1
                for need in range(need_at[step], need_at[step + 1]):
                    if needs[need] >= certain and by[needs[need]] >= 0:
                        stack[waiting] = needs[need]
                        waiting += 1
            for at in range(many_came):
                cost[came[at]], by[came[at]] = -1.0, -1
            for at in range(many_met):
                open_needs[met[at]] = -1
    return done


@kernel
def _in_order(steps, certain, need_at, needs, gains, facts):  # type: ignore[no-untyped-def]
    """Steps in an order in which they can fire; what can never fire is left out."""
    found = np.empty(len(steps), dtype=np.int64)
    many = 0
    fired = np.zeros(len(steps), dtype=np.bool_)
    held = np.zeros(facts, dtype=np.bool_)
    held[:certain] = True
    before = -1
    while many > before:
        before = many
        for place, step in enumerate(steps):
            able = not fired[place]
            for at in range(need_at[step], need_at[step + 1]):
                able = able and held[needs[at]]
            if able:
                fired[place] = True
                found[many] = step
                many += 1
        for place in range(before, many):
            held[gains[found[place]]] = True
    return found[:many]


@kernel
def beside(fires, wanted, steps, certain, need_at, needs, gains, targets, facts):  # type: ignore[no-untyped-def]
    """The wanted worlds, as words (targets, blocks), in which each target does not come true by these steps alone."""
    own = _in_order(steps, certain, need_at, needs, gains, facts)
    found = wanted.copy()
    held = np.zeros(facts, dtype=np.uint64)
    for block in range(len(fires)):
        missing = np.uint64(0)
        for target in range(len(targets)):
            missing |= wanted[target, block]
        held[:certain] = missing
        news = missing != np.uint64(0)
        while news:
            news = False
            for step in own:
                gain = gains[step]
                mask = fires[block, step] & missing & ~held[gain]
                if mask == np.uint64(0):
                    continue
                for at in range(need_at[step], need_at[step + 1]):
                    mask &= held[needs[at]]
                if mask:
                    held[gain] |= mask
                    news = True
            missing = np.uint64(0)
            for target in range(len(targets)):
                found[target, block] = wanted[target, block] & ~held[targets[target]]
                missing |= found[target, block]
            news = news and missing != np.uint64(0)
        for step in own:
            held[gains[step]] = np.uint64(0)
    return found
