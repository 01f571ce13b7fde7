"""Results of promptfoo's red team: for each plugin, and the strategy that delivers it, how many prompts got through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphmodel.reading.values import Text
from importers.evidence.model import Notes, Results, Trial, count, day, items, mapping, target_name, text

TOOL = "promptfoo"
_ERROR = 2  # a failure that is one of the test, not of what is tested
Group = tuple[str, str, str]


def sniff(value: Any) -> bool:
    """Whether a document holds results of promptfoo."""
    results = mapping(value).get("results")
    rows = mapping(results).get("results") if isinstance(results, dict) else results
    return isinstance(rows, list) and (isinstance(results, dict) or "evalId" in value)


def sniff_line(value: Mapping[str, Any]) -> bool:
    """Whether a line is a row of results."""
    return "success" in value and ("testCase" in value or "gradingResult" in value)


@dataclass
class _Prompts:
    place: str
    tried: dict[str, bool] = field(default_factory=dict)
    answers: int = 0
    struck: int = 0
    errors: set[str] = field(default_factory=set)


def read(text_: Text) -> Results:
    """The trials of a document; an ordinary evaluation gives none."""
    value = mapping(text_.value)
    results = value.get("results")
    head = mapping(results)
    rows = items(head.get("results") if isinstance(results, dict) else results)
    meta = mapping(value.get("metadata"))
    notes = Notes(text_.file)
    stats = mapping(head.get("stats"))
    counts = [count(stats.get(key)) or 0 for key in ("successes", "failures", "errors")]
    if stats and sum(counts) != len(rows):
        message = f"its statistics speak of {sum(counts)} results, but it has {len(rows)}; those that it has count."
        notes.add("warning", message, "Export the results whole.", "results.stats", text_.line_of(("results", "stats")))
    return _counted(
        ((f"results.results[{number}]", row) for number, row in enumerate(rows)), notes,
        text(meta.get("promptfooVersion")), text(value.get("evalId")),
        day(meta.get("evaluationCreatedAt"), head.get("timestamp"), value.get("createdAt")),
    )  # fmt: skip


def read_rows(rows: Iterable[tuple[int, Mapping[str, Any]]], notes: Notes) -> Results:
    """The trials of a file of JSON lines, each a row of results."""
    return _counted(((f"line {line}", row) for line, row in rows), notes, "", "", "")


def _counted(rows: Iterable[tuple[str, Any]], notes: Notes, version: str, run: str, date: str) -> Results:
    groups: dict[Group, _Prompts] = {}
    for place, row in rows:
        one = mapping(row)
        meta = {**mapping(mapping(one.get("testCase")).get("metadata")), **mapping(one.get("metadata"))}
        plugin = text(meta.get("pluginId"))
        if not plugin:
            notes.leave("results that belong to no attack (no pluginId)")
            continue
        provider = one.get("provider")
        named = mapping(provider).get("label") or mapping(provider).get("id") or provider
        key = (target_name(named), plugin, text(meta.get("strategyId")))
        group = groups.setdefault(key, _Prompts(place))
        prompt = _prompt(one, place)
        if _is_error(one):
            group.errors.add(prompt)
        elif not isinstance(one.get("success"), bool):
            notes.leave("results that do not say how they ended")
        else:
            group.tried[prompt] = group.tried.get(prompt, False) or not one["success"]
            group.answers += 1
            group.struck += not one["success"]
    trials = tuple(_trial(key, one, version, run, date) for key, one in groups.items())
    if not trials:
        message = "no result here belongs to an attack of the red team, so this is an ordinary evaluation."
        notes.add("warning", message, "Give results of `promptfoo redteam`.")
    return Results(
        TOOL, trials, left_out=notes.left_out, problems=tuple(notes.problems), version=version, run=run, date=date
    )


def _trial(key: Group, one: _Prompts, version: str, run: str, date: str) -> Trial:
    target, plugin, strategy = key
    prompts, hits = len(one.tried), sum(one.tried.values())
    errors = len(one.errors - set(one.tried))
    generations = max(1, round(one.answers / prompts)) if prompts else 1
    return Trial(
        TOOL, version, run, date, target, plugin, plugin, prompts, hits, errors, generations, "assertions of promptfoo",
        strategy, place=one.place, answers=one.answers, answer_hits=one.struck,
    )  # fmt: skip


def _prompt(one: Mapping[str, Any], place: str) -> str:
    """What tells a prompt from the others: the test that it belongs to, so that repeated ones are one prompt."""
    test = one.get("testIdx")
    if isinstance(test, int):
        return f"{test} {text(one.get('promptIdx'))}"
    return place


def _is_error(one: Mapping[str, Any]) -> bool:
    if "failureReason" in one:
        return count(one["failureReason"]) == _ERROR
    return bool(one.get("error")) and not one.get("gradingResult")
