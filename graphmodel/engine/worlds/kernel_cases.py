"""Simulation kernel for many cases of one world at once, compiled by numba: a bit for each case.

The weakest case has been played. In each world the facts that came true there stand in an order in which they may
have done so. A fact is then lost to a case where every step that brings it about from facts before it is; only
facts that hang on a lost step are looked at, in that order. What comes back by steps from facts after it is
restored at last.
"""

from __future__ import annotations

import numpy as np

from graphmodel.engine.worlds.compiler import kernel, part
from graphmodel.engine.worlds.kernel_numba import _draw

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_ONE = np.uint64(1)


@part
def _drawn(table, control, first, blocks):  # type: ignore[no-untyped-def]
    """The worlds in which each of these controls holds, as words (events, blocks)."""
    found = np.zeros((len(table), blocks), dtype=np.uint64)
    known = np.zeros(len(table), dtype=np.bool_)
    for one in control:
        if not known[one]:
            known[one] = True
            for block in range(blocks):
                found[one, block] = _draw(table, one, first + block, _ALL)
    return found


@part
def _passed(wanted, table, drawn, first, block, ends, control, coverage):  # type: ignore[no-untyped-def]
    """The wanted worlds of a block in which none of the controls between ``ends`` stops a step."""
    for at in range(ends[0], ends[1]):
        stopped = wanted & drawn[control[at], block]
        if coverage[at] >= 0 and stopped != np.uint64(0):
            stopped = _draw(table, coverage[at], first + block, stopped)
        wanted &= ~stopped
    return wanted


@kernel
def fired(  # type: ignore[no-untyped-def]
    held, table, first, gains, need_at, needs, event, cover_at, control, coverage,
):  # fmt: skip
    """The worlds in which each step fires, as words (blocks, steps)."""
    blocks, steps = held.shape[1], len(gains)
    found = np.zeros((blocks, steps), dtype=np.uint64)
    drawn = _drawn(table, control[: cover_at[steps]], first, blocks)
    for step in range(steps):
        for block in range(blocks):
            wanted = held[gains[step], block]
            for at in range(need_at[step], need_at[step + 1]):
                wanted &= held[needs[at], block]
            if wanted != np.uint64(0) and event[step] >= 0:
                wanted = _draw(table, event[step], first + block, wanted)
            ends = cover_at[step], cover_at[step + 1]
            found[block, step] = _passed(wanted, table, drawn, first, block, ends, control, coverage)
    return found


@kernel
def totals(  # type: ignore[no-untyped-def]
    held, fires, table, first, count, variant_at, lanes, own, cover_at, control, coverage, made_at, made, user_at,
    users, gains, need_at, needs, certain, losses, amounts, kind,
):  # fmt: skip
    """What is lost in each case and world, (cases, worlds); ``amounts`` are of the ``losses`` in each kind of case."""
    facts, blocks = held.shape
    cases, words, steps, variants = len(kind), lanes.shape[1], len(gains), len(lanes)
    found = np.zeros((cases, count))
    off = np.zeros((blocks, variants), dtype=np.uint64)
    drawn = _drawn(table, control, first, blocks)
    step_of = np.empty(variants, dtype=np.int32)
    for step in range(steps):
        for one in range(variant_at[step], variant_at[step + 1]):
            step_of[one] = step
            for block in range(blocks):
                wanted = fires[block, step]
                if wanted != np.uint64(0) and own[one] >= 0:
                    wanted = _draw(table, own[one], first + block, wanted)
                ends = cover_at[one], cover_at[one + 1]
                passes = _passed(wanted, table, drawn, first, block, ends, control, coverage)
                off[block, one] = fires[block, step] & ~passes
    rounds = np.zeros((facts, 64), dtype=np.int32)  # of firing that it takes to come to a fact
    seen = np.zeros(facts, dtype=np.uint64)
    news = np.zeros(facts, dtype=np.uint64)
    coming = np.zeros(facts, dtype=np.uint64)
    agenda, later_agenda = np.empty(facts, dtype=np.int32), np.empty(facts, dtype=np.int32)
    head = np.full(facts + 2, -1, dtype=np.int32)  # of the facts that are to be looked at in each round
    following = np.empty(facts, dtype=np.int32)
    pending = np.zeros(facts, dtype=np.bool_)
    again = np.zeros(facts, dtype=np.bool_)
    lost = np.zeros((facts, words), dtype=np.uint64)
    touched = np.empty(facts, dtype=np.int32)
    gone = np.empty(words, dtype=np.uint64)
    some = np.empty(words, dtype=np.uint64)
    base = np.zeros(len(amounts))

    def missing(step, block, bit):  # type: ignore[no-untyped-def]
        """The cases in which a step that fires does not, into ``gone``."""
        for word in range(words):
            gone[word] = np.uint64(0)
        for one in range(variant_at[step], variant_at[step + 1]):
            if off[block, one] >> bit & _ONE:
                for word in range(words):
                    gone[word] |= lanes[one, word]
        for at in range(need_at[step], need_at[step + 1]):
            for word in range(words):
                gone[word] |= lost[needs[at], word]

    for block in range((count + 63) >> 6):
        here = min(64, count - 64 * block)
        changing = np.uint64(0)
        for one in range(variants):
            changing |= off[block, one]
        costly = np.uint64(0)
        for at in range(len(losses)):
            costly |= held[losses[at], block]
        changing &= costly
        # The rounds in which facts come true, of all worlds of a word together.
        seen[:] = np.uint64(0)
        seen[:certain] = _ALL
        waiting = 0
        for step in range(steps):
            if need_at[step] == need_at[step + 1] and fires[block, step] & changing:
                fact = gains[step]
                if coming[fact] == np.uint64(0):
                    agenda[waiting] = fact
                    waiting += 1
                coming[fact] |= fires[block, step] & changing
        number = 0
        while waiting:
            number += 1
            for at in range(waiting):
                fact = agenda[at]
                news[fact] = coming[fact]
                coming[fact] = np.uint64(0)
                seen[fact] |= news[fact]
                for world in range(64):
                    if news[fact] >> np.uint64(world) & _ONE:
                        rounds[fact, world] = number
            more = 0
            for at in range(waiting):
                fact = agenda[at]
                for place in range(user_at[fact], user_at[fact + 1]):
                    step = users[place]
                    gain = gains[step]
                    wanted = news[fact] & fires[block, step] & ~seen[gain]
                    for need in range(need_at[step], need_at[step + 1]):
                        wanted &= seen[needs[need]]
                    if wanted != np.uint64(0):
                        if coming[gain] == np.uint64(0):
                            later_agenda[more] = gain
                            more += 1
                        coming[gain] |= wanted
            for at in range(more):
                agenda[at] = later_agenda[at]
            waiting = more
        for inner in range(here):
            bit = np.uint64(inner)
            world = 64 * block + inner
            for one in range(len(amounts)):
                base[one] = 0.0
                for at in range(len(losses)):
                    if held[losses[at], block] >> bit & _ONE:
                        base[one] += amounts[one, at]
            for case in range(cases):
                found[case, world] = base[kind[case]]
            if not changing >> bit & _ONE:
                continue
            for one in range(variants):
                fact = gains[step_of[one]]
                if off[block, one] >> bit & _ONE and not pending[fact]:
                    pending[fact] = True
                    following[fact] = head[rounds[fact, inner]]
                    head[rounds[fact, inner]] = fact
            marked = 0
            for place in range(1, number + 1):
                while head[place] >= 0:
                    fact = head[place]
                    head[place] = following[fact]
                    pending[fact] = False
                    for word in range(words):
                        some[word] = _ALL
                    left, later = True, False
                    for at in range(made_at[fact], made_at[fact + 1]):
                        step = made[at]
                        if not fires[block, step] >> bit & _ONE:
                            continue
                        before = True
                        for need in range(need_at[step], need_at[step + 1]):
                            before = before and (needs[need] < certain or rounds[needs[need], inner] < place)
                        if not before:
                            later = True
                            continue
                        missing(step, block, bit)
                        left = False
                        for word in range(words):
                            some[word] &= gone[word]
                            left = left or some[word] != np.uint64(0)
                        if not left:
                            break
                    if not left:
                        continue
                    for word in range(words):
                        lost[fact, word] = some[word]
                    again[fact] = later
                    touched[marked] = fact
                    marked += 1
                    for at in range(user_at[fact], user_at[fact + 1]):
                        step = users[at]
                        gain = gains[step]
                        if fires[block, step] >> bit & _ONE and rounds[gain, inner] > place and not pending[gain]:
                            pending[gain] = True
                            following[gain] = head[rounds[gain, inner]]
                            head[rounds[gain, inner]] = gain
            going = True
            while going:
                going = False
                for at in range(marked):
                    fact = touched[at]
                    if not again[fact]:
                        continue
                    again[fact] = False
                    back = False
                    for place in range(made_at[fact], made_at[fact + 1]):
                        step = made[place]
                        if fires[block, step] >> bit & _ONE:
                            missing(step, block, bit)
                            for word in range(words):
                                if lost[fact, word] & ~gone[word]:
                                    lost[fact, word] &= gone[word]
                                    back = True
                    if back:
                        for place in range(user_at[fact], user_at[fact + 1]):
                            gain = gains[users[place]]
                            if not again[gain] and fires[block, users[place]] >> bit & _ONE:
                                left = False
                                for word in range(words):
                                    left = left or lost[gain, word] != np.uint64(0)
                                again[gain] = left
                                going = going or left
            for word in range(words):
                some[word] = np.uint64(0)
                for at in range(len(losses)):
                    some[word] |= lost[losses[at], word]
            for case in range(cases):
                word, lane = case >> 6, np.uint64(case & 63)
                if some[word] >> lane & _ONE:
                    total = 0.0
                    for at in range(len(losses)):
                        fact = losses[at]
                        if held[fact, block] >> bit & _ONE and not lost[fact, word] >> lane & _ONE:
                            total += amounts[kind[case], at]
                    found[case, world] = total
            for at in range(marked):
                for word in range(words):
                    lost[touched[at], word] = np.uint64(0)
    return found
