"""Reports of garak (JSON lines): for each probe how many prompts got through, by its primary detector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from importers.evidence.lines import lines_of
from importers.evidence.model import Notes, Results, Trial, count, day, mapping, number, target_name, text, words

TOOL = "garak"
_ENTRIES = frozenset({"start_run setup", "init", "config", "attempt", "eval", "plugin_cache", "completion", "digest"})
_SENT, _EVALUATED = 1, 2
_THRESHOLD = 0.5
Scores = Mapping[str, tuple[float | None, ...]]


def sniff(value: Mapping[str, Any]) -> bool:
    """Whether a line is one of a report or a list of hits."""
    return words(value.get("entry_type")) in _ENTRIES or _is_hit(value)


def _is_hit(value: Mapping[str, Any]) -> bool:
    return "entry_type" not in value and {"probe", "detector", "generator", "score"} <= set(value)


def read(data: bytes, file: str) -> Results:
    """The trials of a report. A list of hits alone gives none: it does not say how often nothing was hit."""
    notes, report = Notes(file), _Report()
    hits: dict[tuple[str, str], int] = {}
    for line, value in lines_of(data, notes):
        if _is_hit(value):
            key = (text(value.get("probe")), text(value.get("detector")))
            hits[key] = hits.get(key, 0) + 1
        elif not report.take(value, line):
            notes.leave("lines of a kind that is not known")
    if hits:
        notes.leave("hits without a number of attempts", sum(hits.values()))
        message = (
            f"this is a list of {sum(hits.values()):,} hits in {len(hits)} groups of probe and detector, without the "
            "number of attempts, so it gives no rate."
        )
        notes.add("warning", message, "Give the report of the run, which ends in report.jsonl.")
    trials = tuple(report.trials(notes))
    if not trials and not hits:
        notes.add("warning", "no probe was evaluated in this run.", "See whether the run ended.")
    return Results(
        TOOL, trials, left_out=notes.left_out, problems=tuple(notes.problems),
        version=report.version, run=report.run, date=report.date,
    )  # fmt: skip


@dataclass
class _Probe:
    line: int
    attempts: dict[str, Scores] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    evals: dict[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass
class _Report:
    version: str = ""
    run: str = ""
    date: str = ""
    target: str = ""
    generations: int = 1
    threshold: float = _THRESHOLD
    primary: dict[str, str] = field(default_factory=dict)
    probes: dict[str, _Probe] = field(default_factory=dict)
    nameless: int = 0

    def take(self, value: Mapping[str, Any], line: int) -> bool:
        """Take a line in; False for one of a kind that is not known."""
        kind = value.get("entry_type")
        if kind in ("start_run setup", "config"):
            self._setup(value)
        elif kind == "init":
            self.version = text(value.get("garak_version")) or self.version
            self.run = text(value.get("run")) or self.run
            self.date = day(value.get("orig_start_time"), value.get("start_time")) or self.date
        elif kind == "plugin_cache":
            for name, one in mapping(mapping(value.get("plugin_cache")).get("probes")).items():
                self.primary[name.removeprefix("probes.")] = words(mapping(one).get("primary_detector"))
        elif kind == "attempt":
            self._attempt(value, line)
        elif kind == "eval":
            probe, detector = text(value.get("probe")), text(value.get("detector")).removeprefix("detector.")
            self._of(probe, line).evals.setdefault(detector, value)
        elif kind == "digest":
            meta = mapping(value.get("meta"))
            self.version = self.version or text(meta.get("garak_version"))
            self.run, self.date = self.run or text(meta.get("run_uuid")), self.date or day(meta.get("start_time"))
        else:
            return kind == "completion"
        return True

    def _setup(self, value: Mapping[str, Any]) -> None:
        name = next((one for one in map(value.get, _names("name")) if one), None)
        self.target = target_name(name or next((one for one in map(value.get, _names("type")) if one), ""))
        self.generations = max(1, count(value.get("run.generations", value.get("generations"))) or 1)
        threshold = number(value.get("run.eval_threshold", value.get("eval_threshold")))
        self.threshold = threshold if threshold is not None and 0 < threshold <= 1 else _THRESHOLD
        self.version = text(value.get("_config.version")) or self.version
        self.date = day(value.get("transient.starttime_iso")) or self.date

    def _of(self, probe: str, line: int) -> _Probe:
        return self.probes.setdefault(probe.removeprefix("probes."), _Probe(line))

    def _attempt(self, value: Mapping[str, Any], line: int) -> None:
        one = self._of(text(value.get("probe_classname")), line)
        uuid, seq = value.get("uuid"), value.get("seq")
        named = isinstance(uuid, str) or isinstance(seq, int)
        if value.get("status") == _SENT and named:
            one.sent.add(f"{text(uuid)} {text(seq)}")
        elif value.get("status") == _EVALUATED:
            self.nameless += 1
            key = f"{text(uuid)} {text(seq)}" if named else f"#{self.nameless}"
            results = mapping(value.get("detector_results"))
            one.attempts[key] = {
                text(name): tuple(number(score) for score in scores)
                for name, scores in results.items()
                if isinstance(scores, list)
            }

    def trials(self, notes: Notes) -> Iterator[Trial]:
        """A trial for each probe that was evaluated."""
        for name, probe in self.probes.items():
            detector, said = self._detector(name, probe)
            if not detector:
                notes.leave("probes without an evaluation")
                message = f"the probe “{name}” was not evaluated; it was left out."
                notes.add("warning", message, "See whether the run ended.", line=probe.line)
                continue
            prompts, hits, errors, more = self._counted(probe, detector)
            total, fails = _sums(probe.evals.get(detector, {}))
            others = len({*probe.evals, *(each for one in probe.attempts.values() for each in one)} - {detector})
            if others:
                notes.leave("detectors beside the primary one", others)
            yield Trial(
                TOOL, self.version, self.run, self.date, self.target, name.partition(".")[0], name, prompts, hits,
                errors, self.generations, detector, notes=tuple(one for one in (said, more) if one),
                place=f"line {probe.line}", answers=total or 0, answer_hits=fails or 0,
            )  # fmt: skip

    def _detector(self, name: str, probe: _Probe) -> tuple[str, str]:
        """The detector that decides, and what to say of it."""
        known = self.primary.get(name, "")
        seen = dict.fromkeys([*probe.evals, *(each for one in probe.attempts.values() for each in one)])
        if known in seen:
            return known, ""
        first = next(iter(seen), "")
        if not first:
            return "", ""
        missing = f"its primary detector {known} is not in the file" if known else "the file names no primary detector"
        return first, f"{missing}, so the first one decides: {first}"

    def _counted(self, probe: _Probe, detector: str) -> tuple[int, int, int, str]:
        """Prompts, hits and errors, and what to say of how they were counted."""
        prompts = hits = errors = scored = struck = 0
        for one in probe.attempts.values():
            scores = [score for score in one.get(detector, ()) if score is not None]
            found = sum(score >= self.threshold for score in scores)
            prompts, errors = prompts + bool(scores), errors + (not scores)
            hits, scored, struck = hits + bool(found), scored + len(scores), struck + found
        unanswered = len(probe.sent - set(probe.attempts))
        row = probe.evals.get(detector)
        if row is None:
            return prompts, hits, errors + unanswered, "the run has no line that sums this up; its prompts were counted"
        total, fails = _sums(row)
        if total is None or fails is None:
            return prompts, hits, errors + unanswered, "the line that sums this up has no counts; prompts were counted"
        if probe.attempts and (scored, struck) == (total, fails):
            return prompts, hits, errors + unanswered, ""
        nones = count(row.get("nones")) or 0
        by_prompt = -(-total // self.generations)
        said = f"counted from {fails} hits in {total} answers, {self.generations} a prompt"
        if probe.attempts:
            said = f"the prompts in the file ({scored} answers) do not add up to the sum of the run; {said}"
        return by_prompt, min(by_prompt, fails), -(-nones // self.generations), said


def _sums(row: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """How many answers were evaluated, and how many failed; older reports say how many passed of all."""
    total = count(row.get("total_evaluated", row.get("total")))
    fails = count(row.get("fails"))
    passed = count(row.get("passed"))
    if fails is None and total is not None and passed is not None:
        fails = max(0, total - passed)
    if total is None or fails is None or fails > total:
        return None, None
    return total, fails


def _names(what: str) -> tuple[str, ...]:
    return (f"plugins.target_{what}", f"plugins.model_{what}", f"target_{what}", f"model_{what}")
