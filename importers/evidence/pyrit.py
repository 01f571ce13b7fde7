"""Conversations that PyRIT exported from its memory (JSON): how many of them reached what they were after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphmodel.reading.values import Text
from importers.evidence.model import Notes, Results, Trial, day, items, mapping, target_name, text, words

TOOL = "PyRIT"
_ANSWERS = frozenset({"assistant", "simulated_assistant"})
_REFUSED = "blocked"  # the answer of a defence that held


def sniff(value: Any) -> bool:
    """Whether a document is a list of pieces of conversations."""
    pieces = items(value)[:20]
    keys = {"role", "conversation_id", "prompt_target_identifier"}
    return bool(pieces) and all(isinstance(one, dict) and keys <= set(one) for one in pieces)


@dataclass
class _Talk:
    place: str
    attack: str = ""
    target: str = ""
    date: str = ""
    harms: str = ""
    scorer: str = ""
    verdicts: list[bool] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)


def read(text_: Text) -> Results:
    """The trials of an export: a conversation is one attempt, however many turns it takes."""
    notes, talks, moved = Notes(text_.file), dict[str, _Talk](), dict[str, tuple[bool, str]]()
    pieces = [mapping(one) for one in items(text_.value)]
    for piece in pieces:  # a score may stand with another copy of the piece that it is about
        for score in map(mapping, items(piece.get("scores"))):
            _keep_verdict(score, piece, moved, notes)
    for number, piece in enumerate(pieces):
        one = talks.setdefault(text(piece.get("conversation_id")) or f"#{number}", _Talk(f"[{number}]"))
        _take(one, piece, moved)
    groups: dict[tuple[str, str, str], list[_Talk]] = {}
    for one in talks.values():
        if one.ends:
            groups.setdefault((one.target, one.attack, one.harms), []).append(one)
        else:
            notes.leave("conversations without an answer")
    dates = sorted(one.date for one in talks.values() if one.date)
    date = dates[-1] if dates else ""
    trials = tuple(_trial(*key, talk, date) for key, talk in groups.items())
    if not any(one.prompts for one in trials):
        message = "no conversation here was judged as reached or not, so nothing follows from them."
        notes.add("warning", message, "Score the answers with a true-or-false scorer, and export again.")
    return Results(TOOL, trials, left_out=notes.left_out, problems=tuple(notes.problems), date=date)


def _keep_verdict(
    score: Mapping[str, Any], piece: Mapping[str, Any], moved: dict[str, tuple[bool, str]], notes: Notes
) -> None:
    scorer = _name(score.get("scorer_class_identifier"))
    if score.get("score_type") != "true_false":
        notes.leave("scores on a scale, which are no verdict")
        return
    if "refusal" in scorer.lower():
        notes.leave("scores that say whether the target refused")
        return
    said = words(score.get("score_value")).lower()
    if said not in ("true", "false"):
        notes.leave("scores without a verdict")
        return
    about = text(score.get("message_piece_id") or score.get("prompt_request_response_id") or piece.get("id"))
    known = moved.get(about, (False, scorer))
    moved[about] = (known[0] or said == "true", known[1])


def _take(one: _Talk, piece: Mapping[str, Any], moved: Mapping[str, tuple[bool, str]]) -> None:
    one.attack = one.attack or _name(piece.get("attack_identifier")) or _name(piece.get("orchestrator_identifier"))
    target = mapping(piece.get("prompt_target_identifier"))
    shown = target.get("endpoint") or target.get("model_name") or target.get("deployment_name")
    one.target = one.target or target_name(shown) or _name(target)
    one.harms = one.harms or ", ".join(filter(None, map(text, items(piece.get("targeted_harm_categories")))))[:200]
    one.date = max(one.date, day(piece.get("timestamp")))
    if words(piece.get("role")) not in _ANSWERS:
        return
    one.ends.append(words(piece.get("response_error")) or "none")
    verdict = moved.get(text(piece.get("id"))) or moved.get(text(piece.get("original_prompt_id")))
    if verdict is not None:
        one.verdicts.append(verdict[0])
        one.scorer = one.scorer or verdict[1]


def _trial(target: str, attack: str, harms: str, talks: list[_Talk], date: str) -> Trial:
    reached = sum(any(one.verdicts) for one in talks)
    held = [one for one in talks if not one.verdicts and one.ends[-1] == _REFUSED]
    judged = [one for one in talks if one.verdicts]
    notes = (f"{len(held)} ended with an answer that was blocked, which is no hit",) if held else ()
    name, tried = attack or "conversation", len(judged) + len(held)
    scorers = ", ".join(sorted({one.scorer for one in talks if one.scorer}))
    return Trial(
        TOOL, "", "", date, target, name, name, tried, reached, len(talks) - tried, 1, scorers, harms, notes,
        talks[0].place,
    )  # fmt: skip


def _name(value: Any) -> str:
    """What an identifier calls a class."""
    one = mapping(value)
    return text(one.get("__type__") or one.get("class_name") or one.get("name"))
