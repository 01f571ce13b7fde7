"""The catalogue as text for a terminal, and as the Markdown of ``docs/catalogue.md``."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from graphmodel.knowledge.search import Match
from graphmodel.knowledge.vocabulary import (
    ASSET,
    Absence,
    Catalogue,
    Control,
    Part,
    Range,
    Skill,
    Strength,
    ThreatPattern,
)
from graphmodel.outputs.text.figures import table
from graphmodel.reading.problems import an


def catalogue_text(catalogue: Catalogue) -> str:
    """The output of ``graphmodel catalogue``."""
    threats = [one for one in catalogue.patterns.values() if not one.propagation]
    parts = [
        "Asset types",
        table([[n, catalogue.types[n].meaning] for n in catalogue.concrete_types()], ["type", "meaning"]),
        "",
    ]
    relations = [catalogue.relations[name] for name in catalogue.declarable_relations()]
    parts += [
        "Relations",
        table([[f"{r.subject} {r.name} {r.object}", r.meaning] for r in relations], ["relation", "meaning"]),
        "",
    ]
    parts += ["Threats", table([[t.id, t.area, t.meaning] for t in threats], ["threat", "area", "meaning"]), ""]
    controls = [[one.id, one.function, one.area, one.meaning] for one in catalogue.controls.values()]
    parts += ["Controls", table(controls, ["control", "function", "area", "meaning"])]
    if catalogue.overridden:
        said = [[one.entry, one.field, one.before or "-", one.now or "-", one.file] for one in catalogue.overridden]
        parts += ["", "Otherwise than shipped", table(said, ["entry", "field", "shipped", "here", "file"])]
    return "\n".join(parts)


def catalogue_markdown(catalogue: Catalogue) -> str:
    """The catalogue as the tables of ``docs/catalogue.md``."""

    def block(title: str, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
        return f"### {title}\n\n" + tabulate(
            [[str(c) for c in row] for row in rows], headers=headers, tablefmt="pipe", disable_numparse=True
        )

    relations = [catalogue.relations[name] for name in catalogue.declarable_relations()]
    threats = [one for one in catalogue.patterns.values() if not one.propagation]
    rules = [one for one in catalogue.patterns.values() if one.propagation]
    parts = [
        block(
            "Asset types",
            ["type", "is a", "meaning"],
            [
                [n, ", ".join(catalogue.types[n].parents), catalogue.types[n].meaning]
                for n in catalogue.concrete_types()
            ],
        ),
        block(
            "Groups of types",
            ["group", "meaning"],
            [[n, one.meaning] for n, one in catalogue.types.items() if one.abstract],
        ),
        block(
            "Relations",
            ["from", "relation", "to", "meaning"],
            [[r.subject, r.name, r.object, r.meaning] for r in relations],
        ),
        block(
            "Threats",
            ["threat", "name", "reads", "chance", "area", "techniques"],
            [
                [
                    f"`{t.id}`",
                    t.name,
                    sentence(t),
                    chance_said(t),
                    t.area,
                    ", ".join(one.pinned for one in t.techniques),
                ]
                for t in threats
            ],
        ),
        block(
            "Where the chances of threats come from",
            ["threat", "why", "source"],
            [[f"`{t.id}`", " ".join(filter(None, (t.basis, t.maturity_basis))), t.source or "-"] for t in threats],
        ),
        block(
            "Consequences",
            ["rule", "reads", "chance", "meaning"],
            [[f"`{t.id}`", sentence(t), chance_said(t), t.name] for t in rules],
        ),
        block(
            "Controls",
            ["control", "name", "function", "strength", "applies to", "mitigates or limits", "area", "mitigation"],
            [
                [
                    f"`{c.id}`",
                    c.name,
                    c.function,
                    range_said(c.greatest(Skill.SKILLED)) if c.greatest(Skill.SKILLED).high else "-",
                    ", ".join(c.applies_to),
                    ", ".join(sorted(c.mitigates) or sorted(c.limits)) or "-",
                    c.area,
                    ", ".join(one.pinned for one in c.techniques) or "-",
                ]
                for c in catalogue.controls.values()
            ],
        ),
        block(
            "Where the strengths of controls come from",
            ["control", "against", "strength", "why", "source"],
            [
                [f"`{c.id}`", against, strength, figures.basis, figures.source or "-"]
                for c in catalogue.controls.values()
                for against, strength, figures in _strengths(c)
            ],
        ),
    ]
    return "\n\n".join(parts)


def _strengths(control: Control) -> list[tuple[str, str, Strength]]:
    """Every strength of a control with what it is against, in words."""
    if not control.strength.skilled.high and not control.against:
        return []
    general = "all that it mitigates" if not control.against else "everything else"
    rows = [(f"`{threat}`", one) for threat, one in control.against.items()]
    if control.mitigates - control.against.keys() or not control.mitigates:
        rows.insert(0, (general if control.mitigates else "losses", control.strength))
    return [(against, _by_skill(one), one) for against, one in rows]


def _by_skill(strength: Strength) -> str:
    others = [(one, strength.of(one)) for one in (Skill.NOVICE, Skill.EXPERT) if strength.of(one) != strength.skilled]
    return range_said(strength.skilled) + "".join(f"; {skill} {range_said(one)}" for skill, one in others)


def range_said(one: Range) -> str:
    """Low, most likely and high."""
    return f"{one.low:g} / {one.mode:g} / {one.high:g}"


def sentence(pattern: ThreatPattern) -> str:
    """A rule as a sentence: on what, what must be held, and what is gained."""
    on = f"{' or '.join(pattern.asset_types)}{_but(pattern.except_types)}"
    held = [f"{one} on it" for one in pattern.needs]
    if pattern.simple:
        for part, link in zip(pattern.parts, pattern.links, strict=True):
            held.append(f"{' and '.join(part.needs)} on the {' or '.join(part.types)} that it {link.relation}")
        where = ""
    else:
        held += [f"{one} on the {part.name}" for part in pattern.parts for one in part.needs]
        related = [f"{_the(link.origin)} {link.relation} {_the(link.target)}" for link in pattern.links]
        where = f", where {', '.join(related)}; {'; '.join(_part(part) for part in pattern.parts)}"
    unless = f", unless {' or '.join(_absence(one) for one in pattern.unless)}" if pattern.unless else ""
    by = f", for actors of the kind {' or '.join(pattern.by)}" if pattern.by else ""
    return f"{on}: {' and '.join(held)} gains {pattern.gains}{where}{unless}{by}"


def _the(name: str) -> str:
    return "it" if name == ASSET else f"the {name}"


def _but(excepted: Sequence[str]) -> str:
    return f" (not {', '.join(excepted)})" if excepted else ""


def _part(part: Part) -> str:
    types = " or ".join(part.types)
    said = f"the {part.name} is {an(types) if part.each else f'any {types}'}{_but(part.except_types)}"
    said += f" of trust below {part.trust_below}" if part.trust_below is not None else ""
    return said + (f", other than {' and '.join(_the(one) for one in part.other_than)}" if part.other_than else "")


def _absence(one: Absence) -> str:
    if one.target is None and not one.types:
        return f"{_the(one.origin)} has {one.relation}"
    to = _the(one.target) if one.target is not None else an(" or ".join(one.types))
    return f"{_the(one.origin)} {one.relation} {to}"


def chance_said(pattern: ThreatPattern) -> str:
    """The chance of a threat or consequence in figures or words."""
    if pattern.chance is not None:
        one = pattern.chance
        base = range_said(one) if one.low < one.high else f"{one.low:g}"
    else:
        base = str(pattern.maturity)
    share = f" x {pattern.prevalence:g}" if pattern.prevalence != 1 else ""
    return base + share + (f", one try: {pattern.trial}" if pattern.trial else "")


def search_text(found: Sequence[Match]) -> str:
    """The output of ``graphmodel catalogue search``."""
    return table([[one.kind, one.id, one.meaning, one.why] for one in found], ["kind", "id", "meaning", "why"])
