"""A small system in versions, each made by edits of its text, and what they cost by the whole program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import permutations

from graphmodel.binding.relations import Reach
from graphmodel.engine.likelihood import Options
from graphmodel.knowledge.vocabulary import View
from graphmodel.posture.comparison import Comparison, Version, compare
from graphmodel.reading.problems import MissingError, Problem
from graphmodel.workspace import Model, model_from_bytes

MODEL = """\
graphmodel: 1
system: {id: shop, name: Shop, currency: EUR}
zones:
  outside: {trust: 0}
  inside: {trust: 5}
assets:
  app: {type: WebApplication, zone: inside}
  agent: {type: Agent, zone: inside}
  tool: {type: MCPServer, zone: inside}
  records: {type: BusinessData, zone: inside}
  db: {type: Database, zone: inside}
flows:
  - {from: visitor, to: app}
  - {from: app, to: agent, two_way: true, authenticated: true, encrypted: true}
  - {from: agent, to: tool, relation: invokes, returns: [records], authenticated: true, encrypted: true}
  - {from: db, to: tool, carries: [records], opened_by: tool, authenticated: true, encrypted: true}
dependencies:
  - records storedIn db
actors:
  visitor: {kind: outsider, zone: outside, attempts_per_year: 2}
  clerk: {kind: insider, starts: [app:run], attempts_per_year: 0.5}
controls:
  filter: {control: input-guardrail, protects: [agent], status: planned}
  rights: {control: per-user-permissions, protects: [tool], status: proposed}
losses:
  - {fact: records:read, amount: 1000000}
  - {fact: agent:write, amount: 20000}
"""
EDITS: Mapping[str, tuple[str, str]] = {
    "control filter": ("protects: [agent], status: planned", "protects: [agent], status: implemented"),
    "control rights": ("protects: [tool], status: proposed", "protects: [tool], status: implemented"),
    "actor visitor": ("attempts_per_year: 2}", "attempts_per_year: 3}"),
    "loss records:read": ("amount: 1000000", "amount: 1200000"),
    "flow app->agent": (
        "two_way: true, authenticated: true, encrypted",
        "two_way: true, authenticated: false, encrypted",
    ),
    "asset app": ("app: {type: WebApplication, zone: inside", "app: {type: WebApplication, zone: outside"),
}


def edited(*edits: tuple[str, str], text: str = MODEL) -> str:
    """The system with texts replaced, each of which must stand in it once."""
    for old, new in edits:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return text


def model(text: str, files: Mapping[str, str] | None = None) -> Model:
    def beside(name: str) -> bytes:
        if name not in (files or {}):
            raise MissingError(Problem("error", f"no {name}", ""))
        return (files or {})[name].encode()

    found = model_from_bytes(text.encode(), "shop.yaml", beside=beside)
    assert found.usable, found.problems
    return found


def version(
    text: str,
    today: str = "",
    options: Options | None = None,
    files: Mapping[str, str] | None = None,
    reach: Reach = Reach.DATA,
) -> Version:
    return Version("shop.yaml", model(text, files).assess(reach, options, today))


def compared(old: str, new: str, options: Options | None = None, **more: int) -> Comparison:
    return compare(version(old, options=options), version(new, options=options), **more)  # type: ignore[arg-type]


def yearly(text: str) -> float:
    found = model(text).assess().yearly_loss(View.RESIDUAL)
    assert found is not None
    return found.value


def by_orders(names: Iterable[str], worth: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """The Shapley values as they are defined: the mean over all orders, each walked by itself."""
    players = tuple(names)
    orders = list(permutations(players))
    found = dict.fromkeys(players, 0.0)
    for order in orders:
        before: frozenset[str] = frozenset()
        for player in order:
            after = before | {player}
            found[player] += (worth(after) - worth(before)) / len(orders)
            before = after
    return found


def parts(comparison: Comparison) -> dict[str, float]:
    attribution = comparison.attribution
    return {cause.name: float(part.value) for cause, part in zip(attribution.causes, attribution.total, strict=True)}
