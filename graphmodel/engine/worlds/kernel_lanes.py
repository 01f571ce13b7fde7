"""Simulation kernel for many changes of one world at once, compiled by numba: a bit for each change.

The other kernels play many worlds of one case, 64 to a word. Here one world is taken at a time, and the
bits of its words are *lanes*, each with a change of its own: so all changes together cost a walk
through the world with a few words for each fact, and not a simulation each.
"""

from __future__ import annotations

import heapq

import numpy as np

from graphmodel.engine.worlds.compiler import kernel

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_ONE = np.uint64(1)


@kernel
def lowered(  # type: ignore[no-untyped-def]
    held, possible, off, pair_at, pair_change, changes, made_at, made, gains, need_at, needs, component, loop, certain,
    losses, amounts, count,
):  # fmt: skip
    """What changes save that take steps away: sums and sums of squares over worlds (2, changes).

    ``off`` are words (pairs, blocks) of the worlds in which the step of a pair is lost by its change;
    pairs stand in the order of their steps. Only steps that fire, and on which a loss of the world hangs, are
    looked at, and only changes that take one of them away have a lane. The first ``certain`` facts always hold.
    """
    facts = held.shape[0]
    sums = np.zeros((2, changes))
    fact_seen = np.full(facts, -1, dtype=np.int64)
    local = np.empty(facts, dtype=np.int64)
    stack = np.empty(facts, dtype=np.int64)
    steps = np.empty(len(gains), dtype=np.int64)
    lane_seen = np.full(changes, -1, dtype=np.int64)
    lane_of = np.empty(changes, dtype=np.int64)
    change_of = np.empty(changes, dtype=np.int64)

    def visit(fact, world, found, depth):  # type: ignore[no-untyped-def]
        if fact_seen[fact] != world:
            fact_seen[fact] = world
            local[fact] = found
            stack[depth] = fact
            return found + 1, depth + 1
        return found, depth

    for world in range(count):
        block, bit = world >> 6, np.uint64(world & 63)
        found = depth = fired = lanes = 0
        for fact in losses:
            if held[fact, block] >> bit & _ONE:
                found, depth = visit(fact, world, found, depth)
        while depth:
            depth -= 1
            fact = stack[depth]
            if fact < certain:
                continue
            for at in range(made_at[fact], made_at[fact + 1]):
                step = made[at]
                fires = possible[step, block] >> bit & _ONE
                for place in range(need_at[step], need_at[step + 1]):
                    fires &= held[needs[place], block] >> bit
                if not fires & _ONE:
                    continue
                steps[fired] = step
                fired += 1
                for place in range(need_at[step], need_at[step + 1]):
                    found, depth = visit(needs[place], world, found, depth)
        for number in range(fired):
            for pair in range(pair_at[steps[number]], pair_at[steps[number] + 1]):
                change = pair_change[pair]
                if off[pair, block] >> bit & _ONE and lane_seen[change] != world:
                    lane_seen[change] = world
                    lane_of[change] = lanes
                    change_of[lanes] = change
                    lanes += 1
        if lanes == 0:
            continue
        steps[:fired].sort()
        words = (lanes + 63) >> 6
        kept = np.zeros((found, words), dtype=np.uint64)
        for fact in range(certain):
            if fact_seen[fact] == world:
                kept[local[fact]] = _ALL
        fires_in = np.empty(words, dtype=np.uint64)
        begin = 0
        while begin < fired:
            end = begin
            while end < fired and component[steps[end]] == component[steps[begin]]:
                end += 1
            grown = True
            while grown:
                grown = False
                for number in range(begin, end):
                    step = steps[number]
                    fires_in[:] = _ALL
                    for pair in range(pair_at[step], pair_at[step + 1]):
                        if off[pair, block] >> bit & _ONE:
                            lane = lane_of[pair_change[pair]]
                            fires_in[lane >> 6] &= ~(_ONE << np.uint64(lane & 63))
                    for place in range(need_at[step], need_at[step + 1]):
                        need = local[needs[place]]
                        for word in range(words):
                            fires_in[word] &= kept[need, word]
                    gain = local[gains[step]]
                    for word in range(words):
                        if fires_in[word] & ~kept[gain, word]:
                            kept[gain, word] |= fires_in[word]
                            grown = True
                grown = grown and loop[component[steps[begin]]]
            begin = end
        saved = np.zeros(lanes)
        for number in range(len(losses)):
            fact = losses[number]
            if held[fact, block] >> bit & _ONE:
                for lane in range(lanes):
                    if not kept[local[fact], lane >> 6] >> np.uint64(lane & 63) & _ONE:
                        saved[lane] += amounts[number]
        for lane in range(lanes):
            sums[0, change_of[lane]] += saved[lane]
            sums[1, change_of[lane]] += saved[lane] * saved[lane]
    return sums


@kernel
def raised(  # type: ignore[no-untyped-def]
    held, possible, on, pair_at, pair_change, changes, pair_steps, gains, need_at, needs, user_at, users,
    losses, amounts, count,
):  # fmt: skip
    """What changes cost that add steps: sums and sums of squares over worlds (2, changes).

    ``on`` are words (pairs, blocks) of the worlds in which the step of a pair is gained by its change; ``pair_steps``
    the steps that have pairs. Only facts that the world lacks are looked at, from the added steps on.
    """
    facts = held.shape[0]
    sums = np.zeros((2, changes))
    words = (changes + 63) >> 6
    gained = np.zeros((facts, words), dtype=np.uint64)
    queued = np.zeros(facts, dtype=np.bool_)
    touched = np.empty(facts, dtype=np.int64)
    is_touched = np.zeros(facts, dtype=np.bool_)
    fires_in = np.empty(words, dtype=np.uint64)
    cost = np.zeros(changes)

    def fire(step, block, bit):  # type: ignore[no-untyped-def]
        """Whether the step brings its gain to more lanes."""
        gain = gains[step]
        if held[gain, block] >> bit & _ONE:
            return False
        if possible[step, block] >> bit & _ONE:
            fires_in[:] = _ALL
        else:
            fires_in[:] = np.uint64(0)
            for pair in range(pair_at[step], pair_at[step + 1]):
                if on[pair, block] >> bit & _ONE:
                    change = pair_change[pair]
                    fires_in[change >> 6] |= _ONE << np.uint64(change & 63)
        for place in range(need_at[step], need_at[step + 1]):
            need = needs[place]
            if not held[need, block] >> bit & _ONE:
                for word in range(words):
                    fires_in[word] &= gained[need, word]
        grown = False
        for word in range(words):
            if fires_in[word] & ~gained[gain, word]:
                gained[gain, word] |= fires_in[word]
                grown = True
        return grown

    for world in range(count):
        block, bit = world >> 6, np.uint64(world & 63)
        marked = 0
        # By number, which is the order of the components: outside loops every fact is then taken once.
        queue = [np.int64(0)]
        queue.pop()
        for step in pair_steps:
            some = np.uint64(0)
            for pair in range(pair_at[step], pair_at[step + 1]):
                some |= on[pair, block] >> bit
            if some & _ONE and fire(step, block, bit) and not queued[gains[step]]:
                queued[gains[step]] = True
                heapq.heappush(queue, np.int64(gains[step]))
        while queue:
            fact = heapq.heappop(queue)
            queued[fact] = False
            if not is_touched[fact]:
                is_touched[fact] = True
                touched[marked] = fact
                marked += 1
            for at in range(user_at[fact], user_at[fact + 1]):
                step = users[at]
                if fire(step, block, bit) and not queued[gains[step]]:
                    queued[gains[step]] = True
                    heapq.heappush(queue, np.int64(gains[step]))
        some_cost = False
        for number in range(len(losses)):
            fact = losses[number]
            if is_touched[fact]:
                for change in range(changes):
                    if gained[fact, change >> 6] >> np.uint64(change & 63) & _ONE:
                        cost[change] += amounts[number]
                        some_cost = True
        if some_cost:
            for change in range(changes):
                sums[0, change] += cost[change]
                sums[1, change] += cost[change] * cost[change]
                cost[change] = 0.0
        for number in range(marked):
            gained[touched[number]] = np.uint64(0)
            is_touched[touched[number]] = False
    return sums
