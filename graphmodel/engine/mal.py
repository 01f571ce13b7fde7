"""Reads attack graphs that mal-toolbox 2 saved as AND/OR graphs (``docs/method.md`` says what becomes of what).

A node of type ``or`` or ``and`` is a fact; a defense is a control, shared by all the steps that it stands
before; ``exist`` and ``notExist`` are settled by the model. A node is tried once in a world: where several
parents lead to an ``or`` node that may fail, they lead to one attempt, not to one each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from graphmodel.engine.graph import MAX_ELEMENTS, AttackGraph, Cover, GraphControl, Step
from graphmodel.reading.limits import MAX_PROBLEMS
from graphmodel.reading.problems import Advice, Errors, Problem, nearest
from graphmodel.reading.values import Place, Text, brief, dotted

_ATTACKS, _SETTLED = ("or", "and"), ("exist", "notExist")
_TYPES = (*_ATTACKS, "defense", *_SETTLED)
_READ = ("id", "type", "ttc", "parents", "children", "existence_status")
_UNUSED = ("name", "asset", "lang_graph_attack_step", "tags", "extras")  # say nothing about chances or links
# The names that the language gives to distributions: the chance to succeed at all, and whether time is left out.
_NAMED = {
    "Instant": (1.0, False),
    "Enabled": (1.0, False),
    "Disabled": (0.0, False),
    "Zero": (1.0, False),
    "Infinity": (0.0, False),
    "EasyAndUncertain": (0.5, False),
    "HardAndUncertain": (0.5, True),
    "VeryHardAndUncertain": (0.5, True),
    "EasyAndCertain": (1.0, True),
    "HardAndCertain": (1.0, True),
    "VeryHardAndCertain": (1.0, True),
}
_TIMED = ("Exponential", "Gamma", "LogNormal", "Uniform", "Binomial", "Pareto", "TruncatedNormal")


def is_mal(text: Text) -> bool:
    """Whether a file is an attack graph of mal-toolbox."""
    return isinstance(text.value, dict) and "attack_steps" in text.value


def graph_from_mal(
    text: Text, chances: Mapping[str, float] | None = None
) -> tuple[AttackGraph | None, tuple[Problem, ...]]:
    """Read an attack graph of mal-toolbox; None with at least one error when it is not sound.

    Times to compromise are no chances: a distribution of time counts as certain to succeed, and a note
    says so, unless ``chances`` gives the chance of that distribution by its name. Such files do not say
    where an attacker starts; see ``started``.
    """
    reader = _Reader(text, dict(chances or {}))
    graph = reader.graph()
    problems = (*text.problems, *reader.errors.told, *reader.notes())
    return (None if any(one.level == "error" for one in problems) else graph), problems


def started(graph: AttackGraph, names: Sequence[str], file: str = "") -> tuple[AttackGraph, tuple[Problem, ...]]:
    """The graph with these facts among those that it starts from, and an error for each that it lacks."""
    known = set(graph.facts)
    unknown = tuple(
        Problem("error", f"there is no fact “{one}” to start from.", nearest(one, known), file=file)
        for one in names
        if one not in known
    )
    found = tuple(dict.fromkeys((*graph.start, *(one for one in names if one in known))))
    return replace(graph, start=found), unknown


@dataclass(frozen=True)
class _Node:
    name: str
    type: str
    chance: float
    parents: tuple[str, ...]
    exists: bool


@dataclass
class _Reader:
    text: Text
    chances: dict[str, float]
    errors: Errors = field(default_factory=lambda: Errors(MAX_PROBLEMS))
    timed: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    used: set[str] = field(default_factory=set)

    def error(self, place: Place, message: str, fix: Advice = "Save the graph again with mal-toolbox.") -> None:
        line = self.text.line_of(place) if self.errors.count < MAX_PROBLEMS else 0
        self.errors.add(message, fix, dotted(place), line, self.text.file)

    def notes(self) -> list[Problem]:
        """What was left out, once each with how often it occurs."""
        found = []
        for name, count in sorted(self.timed.items()):
            fix = f"The time is left out, as if there were enough of it; or give a chance with --chance {name}=0.5."
            message = f"{name} is a time, not only a chance to succeed ({count:,} nodes)."
            found.append(self.text.problem("note", ("attack_steps",), message, fix))
        for name, count in sorted(self.unread.items()):
            message = f"the field “{name}” of {count:,} nodes is not read."
            found.append(self.text.problem("note", ("attack_steps",), message, "It changes no likelihood here."))
        for name in sorted(self.chances.keys() - self.used):
            message = f"no distribution is called “{name}”, so its chance is not used."
            found.append(self.text.problem("warning", ("attack_steps",), message, nearest(name, self.timed)))
        return found

    def graph(self) -> AttackGraph | None:
        listed = self.text.value.get("attack_steps") if isinstance(self.text.value, dict) else None
        if not isinstance(listed, dict) or len(listed) > MAX_ELEMENTS:
            message = f"“attack_steps” must name the nodes of an attack graph, at most {MAX_ELEMENTS:,}."
            self.error(("attack_steps",), message)
            return None
        for key in sorted(set(self.text.value) - {"attack_steps"}):
            self.error((key,), f"“{key}” is not a part of an attack graph of mal-toolbox 2.")
        ids: dict[str, str] = {}
        for name, value in listed.items():
            id_ = str(value.get("id")) if isinstance(value, dict) else ""
            if not isinstance(value, dict) or value.get("id") is None:
                self.error(("attack_steps", name), "a node with an id is expected here.")
            elif id_ in ids:
                self.error(("attack_steps", name, "id"), f"the id {id_} is that of “{ids[id_]}” too.")
            ids[id_] = name
        if self.errors.count:
            return None
        nodes = {name: self.node(name, value, ids) for name, value in listed.items()}
        links = {(parent, name) for name, node in nodes.items() for parent in node.parents}
        for name, value in listed.items():
            for child in self.linked(value.get("children"), ("attack_steps", name, "children"), ids):
                if (name, child) in links:
                    links.remove((name, child))
                else:
                    said = f"“{brief(child)}” does not have this node as a parent."
                    self.error(("attack_steps", name, "children"), said)
        for parent, name in sorted(links):
            said = f"“{brief(parent)}” does not have this node as a child."
            self.error(("attack_steps", name, "parents"), said)
        if self.errors.count:
            return None
        facts: list[str] = []
        steps: list[Step] = []
        for node in nodes.values():
            if node.type in _ATTACKS:
                facts.append(node.name)
                attempt = self.attempt(node, nodes)
                facts.extend({step.gains for step in attempt} - {node.name})
                steps.extend(attempt)
        controls = tuple(GraphControl(one.name, one.chance) for one in nodes.values() if one.type == "defense")
        return AttackGraph(tuple(facts), (), tuple(steps), controls)

    def node(self, name: str, value: Mapping[str, Any], ids: Mapping[str, str]) -> _Node:
        place: Place = ("attack_steps", name)
        kind, exists = value.get("type"), value.get("existence_status")
        if kind not in _TYPES:
            said = f"there are no nodes of type “{brief(str(kind))}”."
            self.error((*place, "type"), said, partial(nearest, str(kind), _TYPES))
        if kind in _SETTLED and not isinstance(exists, bool):
            self.error((*place, "existence_status"), "whether it exists is not said.")
        parents = self.linked(value.get("parents"), (*place, "parents"), ids)
        if parents and kind not in _ATTACKS:
            self.error((*place, "parents"), f"a node of type “{brief(str(kind))}” has no parents.")
        chance = 0.0 if kind == "defense" else 1.0
        if value.get("ttc") is not None and kind not in _SETTLED:
            timed: set[str] = set()
            chance = self.ttc(value["ttc"], (*place, "ttc"), timed)
            self.timed.update(timed)
            if timed and kind == "defense":
                self.error((*place, "ttc"), "whether a defense is enabled is a chance, not a time.")
        self.unread.update(set(value) - {*_READ, *_UNUSED})
        return _Node(name, str(kind), chance, parents, (exists is True) == (kind == "exist"))

    def linked(self, value: Any, place: Place, ids: Mapping[str, str]) -> tuple[str, ...]:
        """The names of linked nodes; the file maps their ids to names."""
        if not isinstance(value, dict):
            self.error(place, "a map from ids to names is expected.")
            return ()
        for id_, name in value.items():
            if ids.get(str(id_)) != name:
                self.error((*place, id_), f"there is no node “{brief(str(name))}” with the id {brief(str(id_))}.")
        return tuple(ids[str(one)] for one in value if str(one) in ids)

    def ttc(self, value: Any, place: Place, timed: set[str]) -> float:
        """The chance that a distribution leaves: a failed Bernoulli trial takes for ever, whatever is added to it."""
        if isinstance(value, dict) and {"lhs", "rhs"} <= set(value):
            parts = [self.ttc(value[side], (*place, side), timed) for side in ("lhs", "rhs")]
            if value.get("type") not in ("addition", "multiplication") and min(parts) < 1:
                self.error(place, f"a chance under “{value.get('type')}” has no meaning here.", "Add or multiply.")
            return parts[0] * parts[1]
        name = str(value.get("name")) if isinstance(value, dict) else "None"
        if name in self.chances:
            self.used.add(name)
            return self.chances[name]
        if name == "Bernoulli":
            arguments = value.get("arguments")
            if isinstance(arguments, list) and len(arguments) == 1 and _is_chance(arguments[0]):
                return float(arguments[0])
            self.error((*place, "arguments"), "Bernoulli takes one chance from 0 to 1.", "Correct it.")
            return 0.0
        if name not in _NAMED and name not in _TIMED:
            known = (*_NAMED, *_TIMED, "Bernoulli")
            self.error(place, f"there is no distribution “{brief(name)}”.", partial(nearest, name, known))
            return 0.0
        chance, time_too = _NAMED.get(name, (1.0, True))
        if time_too:
            timed.add(name)
        return chance

    def attempt(self, node: _Node, nodes: Mapping[str, _Node]) -> list[Step]:
        """The steps that gain a node."""
        parents = [nodes[one] for one in node.parents]
        attacks = tuple(one.name for one in parents if one.type in _ATTACKS)
        covers = tuple(Cover(one.name) for one in parents if one.type == "defense")
        settled = [one.exists for one in parents if one.type in _SETTLED]
        if not parents:
            return []  # nothing leads here: it is held only if the attacker starts with it
        if node.type == "and":
            return [Step(node.name, attacks, node.name, node.chance, covers)] if all(settled) else []
        ways = [Step(f"{one} -> {node.name}", (one,), node.name, 1.0) for one in attacks]
        ways += [Step(f"{one.control} -> {node.name}", (), node.name, 1.0, (one,)) for one in covers]
        ways += [Step(f"exists -> {node.name}", (), node.name, 1.0)] * any(settled)
        if node.chance == 1 or len(ways) < 2:
            return [replace(one, chance=node.chance) for one in ways]
        tried = f"{node.name} (tried)"
        while tried in nodes:
            tried += "'"
        return [*(replace(one, gains=tried) for one in ways), Step(node.name, (tried,), node.name, node.chance)]


def _is_chance(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
