"""AI systems of any size, put together from the shipped examples' architectures, and what solving them takes.

A *unit* is one team's assistant: a chat in front of an agent that retrieves from indexed documents, calls an MCP
server and a tool, and reads a database; every fourth unit trains and serves a model besides. Units share a
hosted language model, sign-on, a package and a model registry, and each agent invokes the MCP server of the next unit.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.harness import MEGABYTE, child, seconds, size
from benchmarks.model import Point, Scale, Section, Table
from graphmodel.binding.attackgraph import attack_graph
from graphmodel.binding.compiled import compile_system, holds_of
from graphmodel.engine.likelihood import Options, Solver
from graphmodel.knowledge.ontology import load_catalogue, ontology_directory, read_records
from graphmodel.knowledge.settings import load_settings
from graphmodel.knowledge.vocabulary import ActorKind, Capability, Range, Severity, Skill, View
from graphmodel.model.document import read_document
from graphmodel.model.system import Actor, Asset, ControlImplementation, Dependency, Flow, Held, Loss, System, Zone
from graphmodel.model.writing import write_document
from graphmodel.reading.limits import MAX_BYTES
from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.yaml_text import read_yaml

WORLDS = 10_000
UNIT = 16
TRAINING = 5  # assets of every fourth unit besides
_SHARED = (
    ("llm", "LanguageModelEndpoint"),
    ("sign-on", "IdentityProvider"),
    ("framework", "SoftwarePackage"),
    ("registry", "ModelRegistry"),
)


def ai_system(assets: int) -> System:
    """A system of about so many assets: the shared ones and as many units as fit, at least half a unit."""
    builder = _Builder()
    builder.zone("internet", 0, None)
    builder.zone("company", 6, None)
    for name, kind in _SHARED:
        builder.asset(name, kind, "company")
    units = max(1, round((assets - len(_SHARED)) / (UNIT + TRAINING / 4)))
    for unit in range(units):
        builder.unit(unit, (unit + 1) % units, min(UNIT, assets - len(_SHARED)))
    return builder.system()


class _Builder:
    def __init__(self) -> None:
        self.zones: list[Zone] = []
        self.assets: list[Asset] = []
        self.flows: list[Flow] = []
        self.dependencies: list[Dependency] = []
        self.controls: list[ControlImplementation] = []
        self.losses: list[Loss] = []

    def zone(self, name: str, trust: int, parent: str | None) -> None:
        self.zones.append(Zone(name, name, trust, parent))

    def asset(self, name: str, kind: str, zone: str) -> None:
        self.assets.append(Asset(name, name, kind, zone))

    def flow(self, origin: str, target: str, *carries: str, relation: str = "sendsTo", two_way: bool = True) -> None:
        name = f"{origin} to {target}"
        self.flows.append(
            Flow(name, origin, target, relation, "", carries, (), two_way, None, True, True),
        )

    def depends(self, *texts: str) -> None:
        self.dependencies.extend(Dependency(*text.split()) for text in texts)

    def control(self, name: str, kind: str, *protects: str, strength: float = 0.6) -> None:
        self.controls.append(ControlImplementation(name, kind, protects, strength=Range.point(strength)))

    def unit(self, number: int, neighbour: int, assets: int) -> None:
        """The assistant of one team; a small one lacks the back office."""
        own = f"u{number}-"
        chat, agent, prompt, index, tool, data, records = (
            own + one for one in ("chat", "agent", "prompt", "index", "mcp", "db", "records")
        )
        self.zone(own + "edge", 3, "company")
        self.zone(own + "platform", 6, "company")
        self.asset(chat, "WebApplication", own + "edge")
        self.asset(agent, "Agent", own + "platform")
        self.asset(prompt, "SystemPrompt", own + "platform")
        self.asset(index, "VectorStore", own + "platform")
        self.asset(tool, "MCPServer", own + "platform")
        self.asset(data, "Database", own + "platform")
        self.asset(records, "BusinessData", own + "platform")
        self.flow("visitor", chat)
        self.flow(chat, agent)
        self.flow(agent, "llm")
        self.flow(agent, tool, relation="invokes")
        self.flow(data, tool, records)
        self.depends(
            f"{agent} usesPrompt {prompt}",
            f"{agent} retrievesFrom {index}",
            f"{agent} usesPackage framework",
            f"{agent} dependsOn llm",
            f"{records} storedIn {data}",
            f"{data} authenticatedBy sign-on",
        )
        self.control(own + "guard", "input-guardrail", agent)
        self.control(own + "rights", "per-user-permissions", tool, strength=0.4)
        self.control(own + "store", "store-access-control", own + "platform", strength=0.7)
        self.losses.append(Loss(Held(records, Capability.READ), Severity.HIGH, Range.point(100_000.0 + number)))
        if assets < UNIT:
            return
        wiki, documents, mail, intake, secret, refund, ledger, staff, traces = (
            own + one for one in ("wiki", "documents", "mail", "intake", "token", "refund", "ledger", "staff", "traces")
        )
        self.zone(own + "office", 8, "company")
        self.asset(wiki, "DataStore", own + "office")
        self.asset(documents, "KnowledgeBase", own + "office")
        self.asset(mail, "UserContent", "internet")
        self.asset(intake, "DataPipeline", own + "edge")
        self.asset(secret, "Secret", own + "platform")
        self.asset(refund, "Tool", own + "platform")
        self.asset(ledger, "Application", own + "office")
        self.asset(staff, "Person", own + "office")
        self.asset(traces, "TelemetryLog", own + "platform")
        self.flow("visitor", mail, two_way=False)
        self.flow(mail, intake, two_way=False)
        self.flow(intake, wiki, documents, two_way=False)
        self.flow(wiki, staff, documents)
        self.flow(agent, refund, relation="invokes", two_way=False)
        self.flow(refund, ledger, two_way=False)
        if neighbour != number:
            self.flow(agent, f"u{neighbour}-mcp", relation="invokes")
        self.depends(
            f"{documents} storedIn {wiki}",
            f"{index} derivedFrom {documents}",
            f"{agent} usesSecret {secret}",
            f"{secret} unlocks {data}",
            f"{refund} mayWrite {ledger}",
            f"{traces} storedIn {data}",
            f"{wiki} authenticatedBy sign-on",
        )
        if number % 4 == 3:
            self.training(own)
        self.control(own + "vault", "secrets-management", secret, agent)
        self.control(own + "keys", "strong-authentication", staff, wiki)
        self.losses.append(Loss(Held(ledger, Capability.WRITE), Severity.MEDIUM, Range.point(20_000.0 + number)))

    def training(self, own: str) -> None:
        """What trains a model from the documents of the unit, and serves it to the agent."""
        features, training, model, scoring, notebook = (
            own + one for one in ("features", "training", "model", "scoring", "notebook")
        )
        platform = own + "platform"
        self.asset(features, "FeatureSet", platform)
        self.asset(training, "TrainingPipeline", platform)
        self.asset(model, "Model", platform)
        self.asset(scoring, "PredictiveEndpoint", platform)
        self.asset(notebook, "Notebook", own + "office")
        self.flow(own + "db", training, features, two_way=False)
        self.flow(own + "db", notebook, features, two_way=False)
        self.flow(training, "registry", two_way=False)
        self.flow(own + "agent", scoring)
        self.depends(
            f"{features} storedIn {own}db",
            f"{features} derivedFrom {own}documents",
            f"{model} trainedOn {features}",
            f"{model} trainedBy {training}",
            f"{model} storedIn registry",
            f"{scoring} servesModel {model}",
            f"{training} usesPackage framework",
            f"{notebook} usesPackage framework",
        )
        self.losses.append(Loss(Held(scoring, Capability.WRITE), Severity.MEDIUM))

    def system(self) -> System:
        """What was built, with a visitor from the internet and the author of a package as attackers."""
        actors = (
            Actor("visitor", "Visitor", ActorKind.OUTSIDER, Skill.SKILLED, "internet"),
            Actor("author", "Author", ActorKind.SUPPLIER, Skill.EXPERT, starts=(Held("framework", Capability.REACH),)),
        )
        return System(
            "bench",
            "Benchmark",
            zones=tuple(self.zones),
            assets=tuple(self.assets),
            flows=tuple(self.flows),
            dependencies=tuple(self.dependencies),
            actors=actors,
            controls=tuple(self.controls),
            losses=tuple(self.losses),
        )


@dataclass(frozen=True)
class Assessed:
    """Seconds by part for a system, and the size of what came of it."""

    assets: int
    facts: int
    steps: int
    document: str
    compile: float
    graph: float
    build: float
    solve: float
    exact: int
    share: float


def assessed(assets: int) -> Assessed:
    """A system through its document if that may be so large, the compiler, and the solver for the visitor."""
    catalogue, _ = load_catalogue()
    settings, _ = load_settings()
    system, said = _through_document(ai_system(assets), catalogue)
    clock = [time.perf_counter()]
    compiled = compile_system(system, catalogue, settings)
    clock.append(time.perf_counter())
    visitor = system.actor_by_id["visitor"]
    active = holds_of(compiled, compiled.in_force(View.RESIDUAL), visitor.skill)
    graph = attack_graph(compiled, visitor).with_holds(active)
    clock.append(time.perf_counter())
    solver = Solver(graph, Options(worlds=WORLDS))
    clock.append(time.perf_counter())
    (solution,) = solver.solve()
    clock.append(time.perf_counter())
    parts = [after - before for before, after in pairwise(clock)]
    estimates = [solution.of(fact) for fact in graph.facts]
    exact = sum(one.is_exact for one in estimates)
    share = sum(one.value for one in estimates) / len(estimates)
    return Assessed(len(system.assets), len(graph.facts), len(graph.steps), said, *parts, exact, share)


def _through_document(system: System, catalogue) -> tuple[System, str]:  # type: ignore[no-untyped-def]
    data = write_document(system).encode()
    if len(data) > MAX_BYTES:
        return (
            system,
            f"{len(data) / MEGABYTE:.0f} MB: over the limit of {MAX_BYTES // MEGABYTE} MB, so built in memory",
        )
    start = time.perf_counter()
    try:
        found = read_document(read_yaml(data, "bench.yaml"), catalogue)
    except UnreadableError as error:
        return system, f"{error.problem.message} ({len(data) / MEGABYTE:.1f} MB), so built in memory"
    errors = [str(one) for one in found.problems if one.level == "error"]
    if found.system is None or errors:
        raise ValueError(f"the generated document is not sound: {errors[:3]}")
    return found.system, f"{len(data) / MEGABYTE:.2f} MB read in {seconds(time.perf_counter() - start)}"


def catalogue_loads() -> tuple[float, float]:
    """Seconds to parse the catalogue with rdflib, and to take it from the cache."""
    files = sorted(ontology_directory().rglob("*.ttl"))
    start = time.perf_counter()
    for one in files:
        read_records(one.name, one.read_bytes())
    parsed = time.perf_counter() - start
    load_catalogue()
    start = time.perf_counter()
    load_catalogue()
    return parsed, time.perf_counter() - start


def section(scale: Scale) -> Section:
    """AI systems from ten to a hundred thousand assets."""
    rows, points = [], []
    for assets in scale.sizes(start=10, end=100) if scale.quick else scale.sizes(start=10, end=100_000):
        found = child(assessed, assets, limit=scale.long, megabytes=8_000)
        if found.value is None:
            rows.append((f"{assets:,}", f"**fails**: {found.failure}", *("–" for _ in range(7)), size(found.peak)))
            continue
        one: Assessed = found.value
        whole = one.compile + one.graph + one.build + one.solve
        points.append(Point("systems", "compile", one.assets, one.compile + one.graph))
        points.append(Point("systems", "solve", one.assets, one.build + one.solve))
        parts = (seconds(part) for part in (one.compile, one.graph, one.build, one.solve))
        exact = f"{one.exact:,} of {one.facts:,} facts"
        rows.append(
            (f"{one.assets:,}", one.document, f"{one.steps:,}", *parts, seconds(whole), exact, size(found.peak))
        )
    columns = (
        "assets", "document", "steps", "bind patterns", "attack graph", "events", "solve", "whole", "exact",
        "peak memory",
    )  # fmt: skip
    about = (
        "From a System to the likelihoods of all facts in the residual view, for the visitor from the internet, "
        f"{WORLDS:,} worlds where not exact; once in a new process. Reading the document is not in *whole*."
    )
    parsed, cached = catalogue_loads()
    note = f"The catalogue: parsed by rdflib {seconds(parsed)}, from the cache {seconds(cached)}."
    table = Table("AI systems", about, columns, tuple(rows), (note,))
    return Section("AI systems", __doc__ or "", (table,), tuple(points))
