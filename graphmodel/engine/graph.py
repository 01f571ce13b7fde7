"""The attack graph: facts, steps and controls as plain values, and their JSON.

Semantics (``docs/method.md``): in a *world* every step succeeds or not with its chance, and every
control holds or not. A step is possible when it succeeds and no control that covers it holds. The
compromised facts are the least set that contains the start and is closed under the possible steps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from graphmodel.reading.limits import MAX_AMOUNT, MAX_PROBLEMS
from graphmodel.reading.problems import Advice, Errors, Problem, nearest
from graphmodel.reading.values import Place, Text, brief, dotted

MAX_ELEMENTS = 2_000_000
MAX_BYTES, MAX_VALUES = 400_000_000, 20_000_000  # of a file of one attack graph


@dataclass(frozen=True, slots=True)
class Cover:
    """That a control covers a step, with the chance that it in fact does (drawn for each step)."""

    control: str
    coverage: float = 1.0


@dataclass(frozen=True, slots=True)
class GraphControl:
    """A preventing control: ``holds`` is the chance that it holds in a campaign.

    One draw serves all covered steps unless ``independent``; then each step draws anew.
    """

    id: str
    holds: float
    independent: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """An AND node: with all ``needs`` held, it gains a fact with this chance.

    Steps that gain one fact and name the same ``trial`` are ways to try one thing, and succeed or fail by one draw: the
    trial succeeds with the greatest of their chances, and each of them then with its own as a share of that. So every
    step keeps its chance, and two ways of the same chance are together no likelier than one of them.
    """

    id: str
    needs: tuple[str, ...]
    gains: str
    chance: float
    controls: tuple[Cover, ...] = ()
    technique: str = ""
    trial: str = ""


@dataclass(frozen=True)
class AttackGraph:
    """Facts (OR nodes), steps (AND nodes), preventing controls, and what facts cost.

    ``losses`` maps facts to the amount that their coming true costs in a campaign.
    """

    facts: tuple[str, ...]
    start: tuple[str, ...]
    steps: tuple[Step, ...]
    controls: tuple[GraphControl, ...] = ()
    losses: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def step_by_id(self) -> Mapping[str, Step]:
        return {step.id: step for step in self.steps}

    @cached_property
    def control_by_id(self) -> Mapping[str, GraphControl]:
        return {control.id: control for control in self.controls}

    @cached_property
    def producers(self) -> Mapping[str, tuple[Step, ...]]:
        """For each fact the steps that gain it."""
        found: defaultdict[str, list[Step]] = defaultdict(list)
        for step in self.steps:
            found[step.gains].append(step)
        return {fact: tuple(steps) for fact, steps in found.items()}

    @cached_property
    def trial_of(self) -> Mapping[str, tuple[str, ...]]:
        """For each step that shares a trial with another all steps of it, itself among them; those that are certain
        share none."""
        found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for step in self.steps:
            if step.trial and step.chance < 1:
                found[step.gains, step.trial].append(step.id)
        return {one: tuple(ways) for ways in found.values() if len(ways) > 1 for one in ways}

    def chance_of_trial(self, steps: Collection[str]) -> float:
        """The chance of a trial that these steps share, the greatest of theirs; 1 of none."""
        return max((self.step_by_id[one].chance for one in steps), default=1.0)

    @cached_property
    def _users(self) -> tuple[Mapping[str, Sequence[int]], Sequence[int]]:
        """For each fact the steps that need it, by number, and for each step how many facts it needs."""
        users: defaultdict[str, list[int]] = defaultdict(list)
        counts: list[int] = []
        for number, step in enumerate(self.steps):
            needs = set(step.needs)
            counts.append(len(needs))
            for fact in needs:
                users[fact].append(number)
        return dict(users), counts

    def derivable(self, blocked_facts: frozenset[str] = frozenset()) -> tuple[set[str], list[Step]]:
        """Facts that some world can make true, and the steps that can fire, in an order of firing."""
        users, counts = self._users
        open_needs = list(counts)
        ready = [number for number, count in enumerate(counts) if not count and self.steps[number].chance > 0]
        true: set[str] = set()
        agenda = [fact for fact in self.start if fact not in blocked_facts]
        fired: list[Step] = []
        while agenda or ready:
            while agenda:
                fact = agenda.pop()
                if fact in true:
                    continue
                true.add(fact)
                for number in users.get(fact, ()):
                    open_needs[number] -= 1
                    if open_needs[number] == 0 and self.steps[number].chance > 0:
                        ready.append(number)
            if ready:
                step = self.steps[ready.pop()]
                if step.gains not in blocked_facts:
                    fired.append(step)
                    agenda.append(step.gains)
        return true, fired

    def with_holds(self, holds: Mapping[str, float]) -> AttackGraph:
        """The same graph with these chances to hold; controls that never hold are left out."""
        kept = tuple(replace(one, holds=holds[one.id]) for one in self.controls if holds.get(one.id, 0.0) > 0)
        names = {one.id for one in kept}
        steps = tuple(
            replace(step, controls=tuple(cover for cover in step.controls if cover.control in names))
            if step.controls
            else step
            for step in self.steps
        )
        return replace(self, controls=kept, steps=steps)

    def to_json(self) -> dict[str, Any]:
        """The stable format, readable by ``graph_from_json``."""
        return {
            "facts": list(self.facts),
            "start": list(self.start),
            "controls": [{"id": one.id, "holds": one.holds, "independent": one.independent} for one in self.controls],
            "steps": [
                {
                    "id": step.id,
                    "needs": list(step.needs),
                    "gains": step.gains,
                    "chance": step.chance,
                    "controls": [
                        cover.control if cover.coverage == 1.0 else {"id": cover.control, "coverage": cover.coverage}
                        for cover in step.controls
                    ],
                    "technique": step.technique,
                    **({"trial": step.trial} if step.trial else {}),
                }
                for step in self.steps
            ],
            "losses": [{"fact": fact, "amount": amount} for fact, amount in self.losses.items()],
        }


def graph_from_json(text: Text) -> tuple[AttackGraph | None, tuple[Problem, ...]]:
    """Read an attack graph in the stable format; None with at least one error when it is not sound.

    A start fact that is listed nowhere, a step that gains an unknown fact and a number outside its
    range are all errors; everything wrong is reported at once.
    """
    reader = _Reader(text)
    graph = reader.graph()
    problems = (*text.problems, *reader.errors.told)
    return (None if any(one.level == "error" for one in problems) else graph), problems


@dataclass
class _Reader:
    text: Text
    errors: Errors = field(default_factory=lambda: Errors(MAX_PROBLEMS))

    def error(self, place: Place, message: str, fix: Advice) -> None:
        self.errors.add(message, fix, dotted(place), self.line_of(place), self.text.file)

    def line_of(self, place: Place) -> int:
        """The line, of errors that are told: the first that is asked for takes as long as reading the file."""
        return self.text.line_of(place) if self.errors.count < MAX_PROBLEMS else 0

    def graph(self) -> AttackGraph | None:
        value = self.text.value
        keys = ("facts", "start", "controls", "steps", "losses")
        if not isinstance(value, dict) or not {"facts", "steps"} <= set(value):
            self.error(
                (),
                "this is not an attack graph.",
                f"It is a JSON object with {', '.join(keys)}; docs/method.md shows one.",
            )
            return None
        for key in sorted(set(value) - set(keys)):
            self.error((key,), f"there is no field “{brief(key)}”.", partial(nearest, key, keys))
        facts = self.names(value.get("facts"), ("facts",))
        known = set(facts)
        start = self.names(value.get("start", []), ("start",), known)
        controls = [
            self.control(one, ("controls", n)) for n, one in self.items(value.get("controls", []), ("controls",))
        ]
        control_ids = {one.id for one in controls if one}
        steps = [self.step(one, ("steps", n), known, control_ids) for n, one in self.items(value["steps"], ("steps",))]
        losses: dict[str, float] = {}
        for number, one in self.items(value.get("losses", []), ("losses",)):
            place: Place = ("losses", number)
            fact = self.fact(one.get("fact"), (*place, "fact"), known)
            amount = self.number(one.get("amount"), (*place, "amount"), MAX_AMOUNT)
            losses[fact] = losses.get(fact, 0.0) + amount
        for name, elements in (("controls", controls), ("steps", steps)):
            seen: set[str] = set()
            for number, element in enumerate(elements):
                if element is not None and element.id in seen:
                    self.error((name, number, "id"), f"the id “{element.id}” is used twice.", "Give each its own.")
                seen.add(element.id if element else "")
        return AttackGraph(
            facts=facts,
            start=start,
            steps=tuple(one for one in steps if one),
            controls=tuple(one for one in controls if one),
            losses=losses,
        )

    def items(self, value: Any, place: Place) -> list[tuple[int, Mapping[str, Any]]]:
        if not isinstance(value, list) or len(value) > MAX_ELEMENTS:
            self.error(place, f"a list of at most {MAX_ELEMENTS:,} entries is expected.", "Correct it.")
            return []
        for number, one in enumerate(value):
            if not isinstance(one, dict):
                self.error((*place, number), "an object is expected here.", "Correct it.")
        return [(number, one) for number, one in enumerate(value) if isinstance(one, dict)]

    def names(self, value: Any, place: Place, known: set[str] | None = None) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            self.error(place, "a list of names is expected.", "Write texts that are not empty.")
            return ()
        if len(set(value)) != len(value):
            self.error(place, "a name stands here twice.", "Keep one.")
        if known is not None:
            for number, one in enumerate(value):
                if one not in known:
                    said = f"“{brief(one)}” is not among the facts."
                    self.error((*place, number), said, partial(nearest, one, known))
        return tuple(value)

    def fact(self, value: Any, place: Place, known: set[str]) -> str:
        if not isinstance(value, str) or value not in known:
            self.error(place, f"“{brief(str(value))}” is not among the facts.", "List it in “facts”.")
            return ""
        return value

    def number(self, value: Any, place: Place, most: float) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most:
            self.error(place, f"“{brief(str(value))}” is not a number from 0 to {most:g}.", "Correct it.")
            return 0.0
        return float(value)

    def id(self, one: Mapping[str, Any], place: Place) -> str:
        value = one.get("id")
        if not isinstance(value, str) or not value:
            self.error((*place, "id"), "an id is missing.", "Give a text.")
            return f"?{place}"
        return value

    def control(self, one: Mapping[str, Any], place: Place) -> GraphControl | None:
        self.fields(one, place, ("id", "holds", "independent"))
        independent = one.get("independent", False)
        if not isinstance(independent, bool):
            self.error((*place, "independent"), "true or false is expected.", "Correct it.")
            independent = False
        return GraphControl(self.id(one, place), self.number(one.get("holds"), (*place, "holds"), 1.0), independent)

    def step(self, one: Mapping[str, Any], place: Place, known: set[str], controls: set[str]) -> Step:
        self.fields(one, place, ("id", "needs", "gains", "chance", "controls", "technique", "trial"))
        covers: dict[str, Cover] = {}
        listed = one.get("controls", [])
        if not isinstance(listed, list):
            self.error((*place, "controls"), "a list of controls is expected.", "Correct it.")
            listed = []
        for number, item in enumerate(listed):
            where: Place = (*place, "controls", number)
            entry = {"id": item} if isinstance(item, str) else item
            if not isinstance(entry, dict):
                self.error(where, "a control is a name, or an object with id and coverage.", "Correct it.")
                continue
            self.fields(entry, where, ("id", "coverage"))
            id_ = self.id(entry, where)
            if id_ not in controls:
                self.error(where, f"there is no control “{brief(id_)}”.", partial(nearest, id_, controls))
            if id_ in covers:
                self.error(where, f"the control “{id_}” stands here twice.", "Keep one.")
            covers[id_] = Cover(id_, self.number(entry.get("coverage", 1.0), (*where, "coverage"), 1.0))
        technique, trial = one.get("technique", ""), one.get("trial", "")
        if not isinstance(trial, str):
            self.error((*place, "trial"), "the name of a trial is a text.", "Correct it, or leave it out.")
        return Step(
            id=self.id(one, place),
            needs=self.names(one.get("needs", []), (*place, "needs"), known),
            gains=self.fact(one.get("gains"), (*place, "gains"), known),
            chance=self.number(one.get("chance"), (*place, "chance"), 1.0),
            controls=tuple(covers.values()),
            technique=technique if isinstance(technique, str) else str(technique),
            trial=trial if isinstance(trial, str) else "",
        )

    def fields(self, one: Mapping[str, Any], place: Place, known: tuple[str, ...]) -> None:
        for key in sorted(set(one) - set(known)):
            self.error((*place, key), f"there is no field “{brief(key)}” here.", partial(nearest, key, known))
