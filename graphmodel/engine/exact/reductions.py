"""Exact reductions of the steps of a cone before cuts are looked for: what is certain, equivalent or without use.

- A fact that one step alone brings about, always and from one other fact, is that fact; so are facts that bring each
  other about for certain.
- A step is without use where what it gains must be true before one of its needs can be (a dominator), or where
  fewer needs bring the same about for certain.
- A fact that one step alone brings about from one other fact has the chance of that fact times that of the step;
  where nothing else needs it, the step is left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphmodel.engine.events import strong_components
from graphmodel.engine.exact.rules import Rules

START = -1  # stands for whatever is certain
_NEEDS = 3  # of a step that is left whole


@dataclass(frozen=True, slots=True)
class CutStep:
    """A step in variables: ``event`` is -1 where it always succeeds, ``covers`` are controls with the events of
    their coverages, -1 where those are complete. Needs that are certain are left out."""

    needs: frozenset[int]
    gains: int
    event: int
    covers: tuple[tuple[int, int], ...]

    @property
    def always(self) -> bool:
        return self.event < 0 and not self.covers

    @property
    def touched(self) -> frozenset[int]:
        return self.needs | {self.gains, *(control for control, _ in self.covers)}


@dataclass(frozen=True)
class Reduced:
    """The steps that are left; which fact in them each wanted one is (``same``, ``START`` for what is certain); and
    facts that are true with the chance of another times that of one event (``after``: fact, event), -1 for none."""

    steps: tuple[CutStep, ...]
    same: Mapping[int, int]
    after: Mapping[int, tuple[int, int]]


def steps_of(rules: Rules, cone: Mapping[int, Collection[int]]) -> list[CutStep]:
    """The steps of a cone; parts of needs are variables below ``START``."""
    found: list[CutStep] = []
    part = START
    for number in (number for own in cone.values() for number in own):
        needs = sorted(rules.needs(number))
        while len(needs) > _NEEDS:
            part -= 1
            found.append(CutStep(frozenset(needs[:2]), part, -1, ()))
            needs = [part, *needs[2:]]
        found.append(CutStep(frozenset(needs), rules.gains(number), rules.event(number), tuple(rules.covers(number))))
    return found


def reduced(steps: Sequence[CutStep], wanted: Iterable[int]) -> Reduced:
    """What is left of some steps where the chances of the ``wanted`` facts are asked for."""
    same = _Same()
    now = list(steps)
    while True:
        before = len(now)
        now = _useful(_renamed(now, same))
        if not same.joined(now) and len(now) == before:
            break
    names = {fact: same.of(fact) for fact in wanted}
    left, after = _followed(now, {fact for fact in names.values() if fact != START})
    return Reduced(tuple(left), names, after)


class _Same:
    """Which facts are the same."""

    def __init__(self) -> None:
        self.other: dict[int, int] = {}

    def of(self, fact: int) -> int:
        while fact in self.other:
            fact = self.other[fact]
        return fact

    def join(self, first: int, second: int) -> None:
        """Make the one that stands for both the start, or the lesser one that is a fact of the graph."""
        first, second = sorted((self.of(first), self.of(second)), key=lambda one: (one != START, one < START, one))
        if first != second:
            self.other[second] = first

    def joined(self, steps: Sequence[CutStep]) -> bool:
        """Whether any facts of these steps were found to be the same."""
        before = len(self.other)
        gained = Counter(step.gains for step in steps)
        links = []
        for step in steps:
            if step.always and len(step.needs) <= 1:
                need = next(iter(step.needs), START)
                links.append((need, step.gains))
                if need == START or gained[step.gains] == 1:
                    self.join(need, step.gains)
        facts = sorted({fact for link in links for fact in link})
        place = {fact: number for number, fact in enumerate(facts)}
        groups = strong_components(len(facts), [(place[first], place[second]) for first, second in links])
        first_of: dict[int, int] = {}
        for fact, group in zip(facts, groups, strict=True):
            self.join(first_of.setdefault(group, fact), fact)
        return len(self.other) > before


def _renamed(steps: Sequence[CutStep], same: _Same) -> list[CutStep]:
    found: dict[CutStep, None] = {}
    for step in steps:
        needs = frozenset(same.of(need) for need in step.needs) - {START}
        gains = same.of(step.gains)
        if gains != START and gains not in needs:
            found[CutStep(needs, gains, step.event, step.covers)] = None  # with an event each is its own
    return list(found)


def _useful(steps: Sequence[CutStep]) -> list[CutStep]:
    sure: defaultdict[int, list[frozenset[int]]] = defaultdict(list)
    for step in steps:
        if step.always:
            sure[step.gains].append(step.needs)
    left = [
        step
        for step in steps
        if not any(needs < step.needs or (needs == step.needs and not step.always) for needs in sure[step.gains])
    ]
    place, before = _dominators(left)
    return [step for step in left if not any(before[need] >> place[step.gains] & 1 for need in step.needs)]


def _dominators(steps: Sequence[CutStep]) -> tuple[dict[int, int], dict[int, int]]:
    """A bit for each fact, and for each fact those that must be true before it or with it, as bits."""
    facts = sorted({fact for step in steps for fact in (*step.needs, step.gains)})
    place = {fact: number for number, fact in enumerate(facts)}
    gained: defaultdict[int, list[CutStep]] = defaultdict(list)
    for step in steps:
        gained[step.gains].append(step)
    everything = (1 << len(facts)) - 1
    before = dict.fromkeys(facts, everything)
    news = True
    while news:
        news = False
        for fact in facts:
            found = everything
            for step in gained[fact]:
                own = 0
                for need in step.needs:
                    own |= before[need]
                found &= own
            found |= 1 << place[fact]
            if found != before[fact]:
                before[fact], news = found, True
    return place, before


def _followed(steps: Sequence[CutStep], wanted: set[int]) -> tuple[list[CutStep], dict[int, tuple[int, int]]]:
    gained: defaultdict[int, list[CutStep]] = defaultdict(list)
    for step in steps:
        gained[step.gains].append(step)
    after: dict[int, tuple[int, int]] = {}
    looked: set[int] = set()
    agenda = sorted(wanted)
    for fact in agenda:
        own = gained[fact]
        if len(own) == 1 and len(own[0].needs) <= 1 and not own[0].covers:
            need = next(iter(own[0].needs), START)
            after[fact] = need, own[0].event
            if need != START and need not in wanted:
                wanted.add(need)
                agenda.append(need)
        else:
            looked.add(fact)
    left = list(steps)
    while True:
        needed = {need for step in left for need in step.needs}
        fewer = [step for step in left if step.gains in needed or step.gains in looked]
        if len(fewer) == len(left):
            return left, after
        left = fewer
