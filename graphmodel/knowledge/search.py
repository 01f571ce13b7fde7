"""Finds the types, relations, threats and controls of a catalogue by the words that people have for them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.reading.problems import nearest

KINDS = ("asset type", "relation", "threat", "consequence", "control")
_LONGEST = 200  # letters of a question
_SHORT = 4  # letters; shorter words are alike by chance
_ALIKE = 0.72  # from here on two spellings may be meant to be one
_SURE = 0.5  # what scores less is not offered in place of a word that is wrong
_ENDINGS = "ations ation ings ing ions ion ments ment ages age als al ers er ors or ed es s e".split()  # noqa: SIM905
_LITTLE = frozenset("a an and as at by for from in into is it of on or that the to which with".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that a question may mean. ``score`` runs from 0 to 1, where it is called just that; ``why`` says so."""

    kind: str
    id: str
    name: str
    meaning: str
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: str
    id: str
    name: str
    meaning: str
    synonyms: tuple[str, ...]


def search(
    words: str, catalogue: Catalogue, kinds: Collection[str] = KINDS, most: int = 20, at_least: float = 0.2
) -> tuple[Match, ...]:
    """The entries that fit a question, the best first: by id, name and synonyms, by their spelling, by their meaning.

    Pure and without state: the same catalogue and words give the same answer in the same order.
    """
    asked = _words(words[:_LONGEST])
    if not asked.stems:
        return ()
    spelling = SequenceMatcher(None, "", asked.whole)
    found = []
    for entry in _entries(catalogue, kinds):
        ways = (*_by_names(asked, spelling, entry), _by_meaning(asked, entry))
        score, why = max(ways, key=lambda one: one[0])
        if score >= at_least:
            found.append(Match(entry.kind, entry.id, entry.name, entry.meaning, round(score, 3), why))
    return tuple(sorted(found, key=lambda one: (-one.score, KINDS.index(one.kind), one.id))[:most])


def suggestion(word: str, catalogue: Catalogue, kind: str) -> str:
    """Advice on a word that is no id of this kind: what was meant, or how to look for it."""
    kinds = ("threat", "consequence") if kind == "threat" else (kind,)
    found = search(word, catalogue, kinds, most=3, at_least=_SURE)
    close = [one.id for one in found if one.score >= 0.9 * found[0].score]
    if close:
        return f"Did you mean {' or '.join(close)}?"
    known = [entry.id for entry in _entries(catalogue, kinds)]
    if len(known) <= 40:
        return nearest("", known)
    return f"There are {len(known)}; `graphmodel catalogue search WORDS` finds one by what it is called or does."


def _entries(catalogue: Catalogue, kinds: Collection[str]) -> Iterator[_Entry]:
    for type_ in catalogue.types.values() if "asset type" in kinds else ():
        if not type_.abstract:
            yield _Entry("asset type", type_.name, type_.label, type_.meaning, type_.synonyms)
    for relation in catalogue.relations.values() if "relation" in kinds else ():
        if not relation.derived:
            yield _Entry("relation", relation.name, relation.label, relation.meaning, relation.synonyms)
    for pattern in catalogue.patterns.values():
        kind = "consequence" if pattern.propagation else "threat"
        if kind in kinds:
            yield _Entry(kind, pattern.id, pattern.name, pattern.meaning, pattern.synonyms)
    for control in catalogue.controls.values() if "control" in kinds else ():
        yield _Entry("control", control.id, control.name, control.meaning, control.synonyms)


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text as they are said, and without their endings."""

    said: tuple[str, ...]
    stems: tuple[str, ...]
    whole: str

    def of(self, other: _Words) -> list[str]:
        """Those that the other text has as well, in whatever form."""
        return [one for number, one in enumerate(self.said) if self.stems[number] in other.stems]


@lru_cache(maxsize=4096)  # the texts of a catalogue are asked again and again
def _words(text: str) -> _Words:
    """The words of a text or an id: LanguageModel, language-models and “language model” are alike."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    words = [one for one in re.split(r"[^a-z0-9]+", apart.lower()) if one]
    said = [one for one in words if one not in _LITTLE] or words
    return _Words(tuple(said), tuple(_stem(one) for one in said), "".join(said))


def _stem(word: str) -> str:
    """A word without its ending, so that inject, injects and injection are one."""
    ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) >= 4), "")
    return word.removesuffix(ending or ("s" if len(word) == 4 and not word.endswith("ss") else ""))


def _by_names(asked: _Words, spelling: SequenceMatcher[str], entry: _Entry) -> Iterator[tuple[float, str]]:
    for name in (entry.id, entry.name, *entry.synonyms):
        yield _named(asked, spelling, _words(name), name)


def _named(asked: _Words, spelling: SequenceMatcher[str], name: _Words, shown: str) -> tuple[float, str]:
    whole, other = asked.whole, name.whole
    if whole == other or asked.stems == name.stems:
        return 1.0 if whole.removesuffix("s") == other.removesuffix("s") else 0.97, f"is called “{shown}”"
    shared, there, here = len(asked.of(name)), len(name.said), len(asked.said)
    if shared == there:  # the question says all of the name, and more
        best = 0.6 + 0.35 * shared / here
    elif shared == here:  # the name says all of the question, and more
        best = 0.55 + 0.35 * here / there
    else:
        best = 0.5 * shared / max(here, there)
    likeness = _likeness(spelling, whole, other) if min(len(whole), len(other)) >= _SHORT else 0.0
    if likeness >= _ALIKE and 0.95 * likeness > best:
        return 0.95 * likeness, f"is spelt much like “{shown}”"
    return best, f"is called “{shown}”"


def _likeness(spelling: SequenceMatcher[str], whole: str, name: str) -> float:
    """How alike a name is spelt to the question, ``whole``."""
    here, there = len(whole), len(name)
    if 2 * min(here, there) / (here + there) < _ALIKE:  # by their lengths alone
        return 0.0
    spelling.set_seq1(name)
    if spelling.quick_ratio() < _ALIKE:
        return 0.0
    return spelling.ratio()


def _by_meaning(asked: _Words, entry: _Entry) -> tuple[float, str]:
    shared = asked.of(_words(entry.meaning))
    return 0.45 * len(shared) / len(asked.said), f"its meaning speaks of “{' '.join(shared)}”"
