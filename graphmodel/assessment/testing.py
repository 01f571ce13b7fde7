"""Results of tools as evidence of a system: which threat on which asset each speaks of, and what speaks of none."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graphmodel.binding.compiled import Compiled
from graphmodel.binding.patterns import Binding
from graphmodel.knowledge.vocabulary import Status
from graphmodel.model.system import Observation, Provenance
from importers.evidence.model import Finding, Results, Trial
from importers.evidence.table import Row, Table, severe

SHOWN = 8  # digits of what names a run
LEFT_OUT = "-"  # stands for an asset where a target is none of the system
_SCANS = ("vulnerability", "code", "misconfiguration", "model")
_UNSOUND = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Given:
    """A file of results, named as it is shown; ``digest`` names its content."""

    file: str
    digest: str
    results: Results


@dataclass(frozen=True)
class Bound:
    """What the results are bound to. ``targets`` are assets by what tools call them, ``asset`` is that of all others;
    ``controls`` are the implementations that were on, None where nobody says; ``date`` is for files without one."""

    targets: Mapping[str, str] = field(default_factory=dict)
    asset: str | None = None
    controls: tuple[str, ...] | None = None
    date: str = ""
    until: str = ""

    def of(self, target: str, file: str) -> str | None:
        """The asset of a target: by its name, by the file where it has none, or that of all others."""
        return self.targets.get(target) or self.targets.get(file) or self.asset


@dataclass(frozen=True)
class Taken:
    """One line of what results give: what a tool tried or found, and the evidence that it goes into, or why none."""

    file: str
    tool: str
    target: str
    technique: str
    said: str
    asset: str
    threat: str
    evidence: str
    why: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intake:
    """What results of tools come to: the lines, the evidence, and the targets that nobody has bound, with the assets
    that each could be."""

    lines: tuple[Taken, ...]
    evidence: tuple[Observation, ...]
    unbound: Mapping[str, tuple[str, ...]]


def given(file: str, data: bytes, results: Results) -> Given:
    """A file of results; two with the same content are one."""
    return Given(file, hashlib.sha256(data).hexdigest(), results)


def take_in(compiled: Compiled, files: Iterable[Given], table: Table, bound: Bound) -> Intake:
    """What files of results come to in a system. The order of files changes nothing."""
    intake = _Intake(compiled, table, bound)
    seen: dict[str, str] = {}
    for one in sorted(files, key=lambda one: (one.digest, one.file)):
        runs = {f"{trial.tool} {trial.run}" for trial in one.results.trials if trial.run}
        again = next((seen[each] for each in sorted({one.digest, *runs}) if each in seen), None)
        if again is None:
            intake.add(one)
        else:
            why = f"the same run is in {again}, and counts once"
            intake.lines.append(Taken(one.file, one.results.tool, "", "", "", "", "", "", why))
        seen |= dict.fromkeys((one.digest, *runs), one.file)
    lines = sorted(intake.lines, key=lambda one: one.file)
    return Intake(tuple(lines), tuple(intake.evidence()), dict(intake.unbound))


def with_evidence(known: Sequence[Observation], new: Iterable[Observation]) -> tuple[Observation, ...]:
    """The evidence of a system with more: an entry of the same id is replaced."""
    found = {one.id: one for one in known} | {one.id: one for one in new}
    return tuple(found.values())


class _Intake:
    def __init__(self, compiled: Compiled, table: Table, bound: Bound) -> None:
        self.compiled, self.table, self.bound = compiled, table, bound
        self.lines: list[Taken] = []
        self.unbound: dict[str, tuple[str, ...]] = {}
        self.parts: dict[str, list[Observation]] = {}
        self.places: dict[str, frozenset[str]] = {}
        self.steps: defaultdict[str, list[Binding]] = defaultdict(list)  # by threat
        for step in compiled.bindings:
            self.steps[step.pattern.id].append(step)

    def add(self, one: Given) -> None:
        for trial in one.results.trials:
            self._trial(one, trial)
        groups: defaultdict[tuple[str, str, str], list[Finding]] = defaultdict(list)
        for finding in one.results.findings:
            groups[finding.tool, finding.target, finding.kind].append(finding)
        for (tool, target, kind), findings in groups.items():
            self._findings(one, tool, target, kind, findings)
        told = {target for _, target, _ in groups}
        for target in one.results.scanned:
            if target not in told:
                self._nothing(one, target)

    # ------------------------------------------------------------ single results
    def _trial(self, one: Given, trial: Trial) -> None:
        row = self.table.row_of_trial(trial)
        said = f"{trial.hits} of {trial.prompts} prompts" + (f", {trial.errors} errors" if trial.errors else "")
        technique = trial.technique + (f" by {trial.variant}" if trial.variant else "")
        line = Taken(one.file, trial.tool, trial.target, technique, said, "", "", "", notes=trial.notes)
        if row is None or not row.threats:
            why = row.because if row is not None else "no row of the table knows it; give one with --table"
            self.lines.append(replace(line, why=why))
            return
        for asset, threat in self._where(one, trial.target, row, line):
            observed = self._observed(
                one, trial.tool, trial.version, trial.date, threat, asset, trial.target, trial.run
            )
            part = replace(
                observed,
                attempts=trial.prompts,
                hits=trial.hits,
                errors=trial.errors,
                technique=trial.family,
                controls=self._controls(threat, asset),
            )
            self._keep(part, replace(line, asset=asset, threat=threat, evidence=part.id))

    def _findings(self, one: Given, tool: str, target: str, kind: str, findings: list[Finding]) -> None:
        row = self.table.row_of_kind(kind)
        counting = [each for each in findings if row is not None and severe(row, each.severity)]
        rules = ", ".join(dict.fromkeys(each.rule for each in counting or findings))
        technique = f"{kind}: {rules}"[:120]
        said = (
            f"{len(findings)} found, {len(counting)} of them count" if row and row.threats else f"{len(findings)} found"
        )
        line = Taken(one.file, tool, target, technique, said, "", "", "")
        if row is None or not row.threats:
            why = row.because if row is not None else "no row of the table knows this kind; give one with --table"
            self.lines.append(replace(line, why=why))
        elif not counting:
            self.lines.append(replace(line, why=f"none is {row.least} or worse, from which on the table counts them"))
        else:
            self._scan(one, tool, findings[0], target, row, line, len(counting), kind)

    def _nothing(self, one: Given, target: str) -> None:
        """A scan that found nothing speaks of what its tool looks for."""
        known = {each.kind for each in one.results.findings}
        tool = one.results.tool
        kind = next((each for each in _SCANS if each in known), "model" if tool == "ModelScan" else "vulnerability")
        row = self.table.row_of_kind(kind)
        line = Taken(one.file, tool, target, kind, "nothing found", "", "", "")
        if row is not None and row.threats:
            head = Finding(tool, one.results.version, "", one.results.date, target, kind, "", "note")
            self._scan(one, tool, head, target, row, line, 0, kind)

    def _scan(
        self, one: Given, tool: str, head: Finding, target: str, row: Row, line: Taken, count: int, kind: str
    ) -> None:
        for asset, threat in self._where(one, target, row, line):
            observed = self._observed(one, tool, head.version, head.date, threat, asset, target, "")
            part = replace(observed, findings=count, technique=kind)
            self._keep(part, replace(line, asset=asset, threat=threat, evidence=part.id))

    # ------------------------------------------------------------ where they belong
    def _where(self, one: Given, target: str, row: Row, line: Taken) -> Iterator[tuple[str, str]]:
        """The asset and the threat of a result; nothing, and a line that says why, where there is none."""
        asset = self.bound.of(target, one.file)
        if asset == LEFT_OUT:
            self.lines.append(replace(line, why="its target was left out"))
        elif asset is None:
            candidates = sorted({each for threat in row.threats for each in self._places(threat)})
            name = target or one.file
            self.unbound[name] = tuple(sorted({*self.unbound.get(name, ()), *candidates}))
            self.lines.append(replace(line, why="nobody has said which asset its target is"))
        else:
            threat = next(
                (each for each in row.threats if asset in self._own(each)),
                next((each for each in row.threats if asset in self._places(each)), None),
            )
            if threat is None:
                why = f"{' and '.join(row.threats)} concern{'s' if len(row.threats) == 1 else ''} nothing on {asset}"
                self.lines.append(replace(line, asset=asset, why=why))
            else:
                yield asset, threat

    def _own(self, threat: str) -> frozenset[str]:
        """The assets on which there is a step of a threat."""
        return frozenset(step.asset for step in self.steps.get(threat, ()))

    def _places(self, threat: str) -> frozenset[str]:
        """The assets on which there is a step of a threat, or through which one goes."""
        if threat not in self.places:
            known = self.compiled.system.asset_by_id
            through = (each for step in self.steps.get(threat, ()) for each in step.others)
            self.places[threat] = self._own(threat) | frozenset(each for each in through if each in known)
        return self.places[threat]

    def _controls(self, threat: str, asset: str) -> tuple[str, ...]:
        """The controls that were on: those that are named, else all implemented ones that cover the steps."""
        if self.bound.controls is not None:
            return self.bound.controls
        compiled, known = self.compiled, self.compiled.system.control_by_id
        steps = self.steps.get(threat, ())
        own = [step for step in steps if step.asset == asset] or [step for step in steps if asset in step.others]
        covering = {id_ for step in own for id_ in compiled.covers.get(step.id, ())}
        return tuple(sorted(id_ for id_ in covering if known[id_].status is Status.IMPLEMENTED))

    def _observed(
        self, one: Given, tool: str, version: str, date: str, threat: str, asset: str, target: str, run: str
    ) -> Observation:
        number = (hashlib.sha256(run.encode()).hexdigest() if run else one.digest)[:SHOWN]
        slug = _UNSOUND.sub("-", f"{tool}-{number}-{threat}-{asset}").strip("-._")[:120].lower()
        return Observation(
            id=slug if slug[:1].isalnum() else f"test-{one.digest[:SHOWN]}",
            threat=threat,
            on=asset,
            tool=tool,
            version=version,
            target=target,
            date=date or self.bound.date,
            until=self.bound.until,
            source=Provenance(one.file, "", _UNSOUND.sub("-", tool).lower()),
        )

    # ------------------------------------------------------------ evidence
    def _keep(self, part: Observation, line: Taken) -> None:
        self.parts.setdefault(part.id, []).append(part)
        self.lines.append(line)

    def evidence(self) -> Iterator[Observation]:
        """What belongs together as one entry each, in order of id."""
        for id_ in sorted(self.parts):
            parts = sorted(self.parts[id_], key=lambda one: (one.technique, one.target, one.attempts, one.hits))
            found = [one.findings for one in parts if one.findings is not None]
            yield replace(
                parts[0],
                attempts=sum(one.attempts for one in parts),
                hits=sum(one.hits for one in parts),
                errors=sum(one.errors for one in parts),
                findings=sum(found) if found else None,
                technique=", ".join(dict.fromkeys(one.technique for one in parts))[:300],
                target=", ".join(dict.fromkeys(one.target for one in parts if one.target))[:300],
            )
