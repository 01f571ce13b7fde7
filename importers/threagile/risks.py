"""Risks of a Threagile model: those that Threagile found (``risks.json``), its own categories, and how all are tracked.

They are kept as they are stated, with the tool's own severity, likelihood and status; nothing is computed from them.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from typing import Any

from graphmodel.knowledge.vocabulary import Evidence, Status
from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.values import Place
from importers.control_hints import unnamed
from importers.drawn import one_line
from importers.elements import Claim, Found, Measure
from importers.provenance import Reader
from importers.source import Source
from importers.threagile.files import Entry, Model

RISKS = "risks.json"
DEALT_WITH = {"mitigated": (Status.IMPLEMENTED, Evidence.DECLARED), "in-progress": (Status.PLANNED, Evidence.NONE)}
_LIKELIHOODS = ("unlikely", "likely", "very-likely", "frequent")
_IMPACTS = ("low", "medium", "high", "very-high")
_MOST_WILD = 2_000  # risks that are compared with each pattern of tracking
_MOST_PATTERNS = 200
_TAGS = re.compile(r"<[^<>]{0,200}>")


def is_risks(value: Any) -> bool:
    """Whether a value is the list of risks that Threagile writes."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and {"category", "synthetic_id"} <= set(one) for one in value[:5])
    )


def belonging(source: Source) -> tuple[str, ...]:
    """The names of the files that a model includes, as they stand in it."""
    value = source.value
    listed = value.get("includes") if isinstance(value, dict) else None
    return tuple(one for one in (listed if isinstance(listed, list) else []) if isinstance(one, str))


def spoken_of(risks: Any, model: Any) -> int:
    """How many of the first risks name a technical asset of a model."""
    assets = model.get("technical_assets") if isinstance(model, dict) else None
    ids = (
        {str(one.get("id")) for one in assets.values() if isinstance(one, dict)} if isinstance(assets, dict) else set()
    )
    listed = risks if isinstance(risks, list) else []
    return sum(isinstance(one, dict) and str(one.get("most_relevant_technical_asset")) in ids for one in listed[:1_000])


def read_risks(source: Source, model: Model, found: Found, reader: Reader) -> None:
    """Add the stated risks of a model, and for those that are dealt with a measure that credits nothing: which control
    of the catalogue it is only a person can say.
    """
    _Risks(model, found, reader).gather(source)


class _Risks:
    def __init__(self, model: Model, found: Found, reader: Reader) -> None:
        self.model, self.found, self.reader = model, found, reader
        sections = (("technical_assets", "asset"), ("data_assets", "data"), ("trust_boundaries", "zone"))
        self.keys = {
            (kind, self.id(place, one)): f"{kind} {self.id(place, one)}"
            for section, kind in sections
            for place, one in model.entries(section)
        }
        self.tracking = {str(place[-1]): (place, one) for place, one in model.entries("risk_tracking")}
        patterns = [id_ for id_ in self.tracking if "*" in id_][:_MOST_PATTERNS]
        self.wild = {id_: re.compile(_pattern(id_)) for id_ in patterns}
        self.used: set[str] = set()
        self.odd: list[Place] = []

    def id(self, place: Place, one: Mapping[str, Any]) -> str:
        id_ = one.get("id")
        return str(id_)[:200] if isinstance(id_, str | int) else str(place[-1])[:200]

    def gather(self, source: Source) -> None:
        for at, top in self.model.tops:
            for field in ("individual_risk_categories", "custom_risk_categories"):
                self.categories((*at, field), top.get(field))
        risks = self.beside(source)
        for number, (place, one) in enumerate(risks):
            self.risk(place, one, number)
        for id_ in self.tracking:
            if id_ not in self.used:
                self.tracked(id_, risks=bool(risks))
        if self.odd:
            message = f"{len(self.odd)} risks have a severity other than the tool gives to their likelihood and impact."
            self.reader.report("note", self.odd[0], message, "Look whether they were changed by hand.")

    def beside(self, source: Source) -> list[Entry]:
        """The risks that lie beside the model, where there are any."""
        if source.beside is None:
            return []
        try:
            text = Source(source.beside(RISKS), RISKS).text
        except UnreadableError:
            return []  # a model has them only after Threagile has run
        if not is_risks(text.value):
            return []
        self.reader.beside[f"file:{RISKS}"] = text
        named = [str(one.get("most_relevant_technical_asset")) for one in text.value if isinstance(one, dict)]
        if named and not any(("asset", id_) in self.keys for id_ in named):
            self.found.omit(RISKS, (f"file:{RISKS}",), "none of its risks names an asset of this model")
            return []
        return self.reader.entries(text.value, (f"file:{RISKS}",))

    # ------------------------------------------------------------ what states a risk
    def risk(self, place: Place, one: Mapping[str, Any], number: int) -> None:
        reader = self.reader
        id_ = reader.name(one.get("synthetic_id"), (*place, "synthetic_id")) or f"risk {number}"
        track = self.track_of(id_, number)
        status = reader.word(one.get("risk_status"), (*place, "risk_status"))
        measure, about = "", ""
        if track:
            self.found.joined.append("risk tracking")
            at, said = self.tracking[track]
            status = reader.word(said.get("status"), (*at, "status")) or status
            about = reader.word(said.get("justification"), (*at, "justification"))
        on = self.on(place, one) or self.of_id(id_)
        if track and status in DEALT_WITH:
            measure = self.measure(id_, about, status, self.tracking[track][0], on)
        likelihood, impact = (
            reader.word(one.get(field), (*place, field)) for field in ("exploitation_likelihood", "exploitation_impact")
        )
        severity = reader.word(one.get("severity"), (*place, "severity"))
        if _band(likelihood, impact) not in ("", severity):
            self.odd.append(place)
        self.found.claims.append(
            Claim(
                id_,
                _plain(reader.word(one.get("title"), (*place, "title")))[:200] or id_,
                place,
                "risk",
                on,
                None,
                status,
                likelihood,
                severity,
                (measure,) if measure else (),
                self.about(place, one, impact, about),
            )
        )

    def about(self, place: Place, one: Mapping[str, Any], impact: str, justification: str) -> str:
        reader = self.reader
        breach = reader.word(one.get("data_breach_probability"), (*place, "data_breach_probability"))
        rules = [
            _plain(line)
            for field in ("risk_explanation", "rating_explanation")
            for line in reader.words(one.get(field), (*place, field))
        ]
        told = [f"impact: {impact}"] if impact else []
        told += [f"data breach: {breach}"] if breach else []
        told += [f"tracked: {_plain(justification)}"] if justification else []
        return " ".join(["; ".join(told), *rules]).strip()

    def on(self, place: Place, one: Mapping[str, Any]) -> tuple[str, ...]:
        """What a risk speaks of, by the fields that name it."""
        found = []
        for kind, word in (("asset", "technical_asset"), ("data", "data_asset"), ("zone", "trust_boundary")):
            field = f"most_relevant_{word}"
            id_ = self.reader.name(one.get(field), (*place, field))
            if id_ and (kind, id_) in self.keys:
                found.append(self.keys[kind, id_])
        return tuple(found)

    def of_id(self, risk: str) -> tuple[str, ...]:
        """What the id of a risk names, after its category; the first of several."""
        parts = risk.replace(">", "@").split("@")[1:]
        named = (f"{kind} {part}" for part in parts for kind in ("asset", "data", "zone") if (kind, part) in self.keys)
        return tuple(dict.fromkeys(named))

    def categories(self, at: Place, value: Any) -> None:
        """Risks that people found themselves; a category without one is accounted for."""
        reader = self.reader
        for around, category in reader.entries(value, at):
            said = _plain(reader.word(category.get("description"), (*around, "description")))
            risks = reader.entries(category.get("risks_identified"), (*around, "risks_identified"))
            name = reader.name(category.get("id"), (*around, "id")) or str(around[-1])[:100]
            if not risks:
                self.found.omit("risk category", around, "no risk is found in it")
            for place, one in risks:
                title = _plain(str(place[-1]) if isinstance(place[-1], str) else "")[:200]
                on = self.on(place, one)
                id_ = f"{name}@{one.get('most_relevant_technical_asset') or title}"[:200]
                track = self.track_of(id_, len(self.found.claims))
                status, about, measure = "", "", ""
                if track:
                    self.found.joined.append("risk tracking")
                    where, tracked = self.tracking[track]
                    status = reader.word(tracked.get("status"), (*where, "status"))
                    about = reader.word(tracked.get("justification"), (*where, "justification"))
                    if status in DEALT_WITH:
                        measure = self.measure(id_, about, status, where, on)
                impact = reader.word(one.get("exploitation_impact"), (*place, "exploitation_impact"))
                self.found.claims.append(
                    Claim(
                        id_,
                        title or name,
                        place,
                        "risk",
                        on,
                        None,
                        status,
                        reader.word(one.get("exploitation_likelihood"), (*place, "exploitation_likelihood")),
                        reader.word(one.get("severity"), (*place, "severity")),
                        (measure,) if measure else (),
                        f"{said} {self.about(place, one, impact, about)}".strip(),
                    )
                )

    # ------------------------------------------------------------ tracking
    def track_of(self, risk: str, number: int) -> str:
        """The entry of the tracking that speaks of a risk: its own, or a pattern; empty where there is none."""
        if risk in self.tracking:
            self.used.add(risk)
            return risk
        if number < _MOST_WILD:
            for id_, pattern in self.wild.items():
                if pattern.fullmatch(risk):
                    self.used.add(id_)
                    return id_
        return ""

    def tracked(self, id_: str, *, risks: bool) -> None:
        """A tracked risk that nothing else in the files states."""
        place, one = self.tracking[id_]
        reader = self.reader
        status = reader.word(one.get("status"), (*place, "status"))
        said = reader.word(one.get("justification"), (*place, "justification"))
        on = self.of_id(id_)
        measure = self.measure(id_, said, status, place, on) if status in DEALT_WITH else ""
        if risks:
            reader.report("note", place, f"“{id_[:80]}” is tracked, but Threagile no longer finds it.")
        self.found.claims.append(
            Claim(
                id_, id_[:200], place, "risk tracking", on, None, status,
                answered_by=(measure,) if measure else (), description=said,
            )
        )  # fmt: skip

    def measure(self, id_: str, said: str, status: str, place: Place, on: tuple[str, ...]) -> str:
        """What deals with a tracked risk; empty where nothing that it is on is here."""
        if not on:
            return ""
        key = f"tracked {id_}"
        state, evidence = DEALT_WITH[status]
        name = one_line(f"{id_} {said}")[:200]
        note = unnamed(name)
        self.found.measures.append(
            Measure(key, name, place, "tracked answer", None, on, state, evidence, said, note, id=f"tracked-{id_}")
        )
        self.reader.report("note", place, f"“{name[:80]}”: {note}.", "Name the control in the imported document.")
        return key


def _pattern(id_: str) -> str:
    return fnmatch.translate(id_.replace("[", "[[]").replace("?", "[?]"))


def _plain(text: str) -> str:
    """A text without the tags that Threagile writes into titles."""
    return one_line(_TAGS.sub("", text[:5_000]))


def _band(likelihood: str, impact: str) -> str:
    """The severity that Threagile gives to a likelihood and an impact; empty where one is not known."""
    if likelihood not in _LIKELIHOODS or impact not in _IMPACTS:
        return ""
    product = (_LIKELIHOODS.index(likelihood) + 1) * (_IMPACTS.index(impact) + 1)
    bands = ((1, "low"), (3, "medium"), (8, "elevated"), (12, "high"))
    return next((severity for most, severity in bands if product <= most), "critical")
