"""The catalogue as Markdown pages: one a threat, a control and an asset type, each with links to its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from graphmodel.knowledge.framework import Framework
from graphmodel.knowledge.mapped import rows_by_subject
from graphmodel.knowledge.mappings import MappingRow
from graphmodel.knowledge.vocabulary import AssetType, Catalogue, Control, Skill, Technique, ThreatPattern
from graphmodel.outputs.text.catalogue import chance_said, range_said, sentence


def catalogue_pages(catalogue: Catalogue, framework: Framework) -> Mapping[str, str]:
    """The text of each page by its path under the directory that they are written to."""
    threats = [one for one in catalogue.patterns.values() if not one.propagation]
    rows = rows_by_subject()
    pages = {
        f"threats/{one.id}.md": _threat(catalogue, one, _elsewhere(rows.get(f"threat:{one.id}", ()))) for one in threats
    }
    pages |= {f"controls/{key}.md": _control(catalogue, one, framework) for key, one in catalogue.controls.items()}
    concrete = [catalogue.types[name] for name in catalogue.concrete_types()]
    pages |= {
        f"types/{one.name}.md": _type(catalogue, one, threats, _elsewhere(rows.get(f"type:{one.name}", ())))
        for one in concrete
    }
    index = {"Threats": ("threats", [one.id for one in threats]), "Controls": ("controls", [*catalogue.controls])}
    index["Asset types"] = ("types", [one.name for one in concrete])
    lists = [f"## {title}\n\n{_links(ids, folder, '')}" for title, (folder, ids) in index.items()]
    pages["index.md"] = "\n\n".join(["# The catalogue", *lists]) + "\n"
    return pages


def _threat(catalogue: Catalogue, one: ThreatPattern, elsewhere: str) -> str:
    controls = [key for key, control in catalogue.controls.items() if one.id in control.mitigates]
    ends = [name for part in one.parts for name in part.types]
    return _page(
        one.name,
        f"`{one.id}`. {one.meaning}",
        ("Reads", sentence(one)),
        ("Chance", " ".join(filter(None, (f"{chance_said(one)}.", one.basis, one.maturity_basis, f"({one.source})")))),
        ("Attack, area", f"{one.attack}, {one.area}"),
        ("Cites", _cited(one.techniques)),
        ("On", _links(_shown(catalogue, one.asset_types), "types")),
        ("Comes over", _links(_shown(catalogue, ends), "types")),
        ("Controls", _links(controls, "controls") or one.without_control),
        ("Elsewhere", elsewhere),
    )


def _control(catalogue: Catalogue, one: Control, framework: Framework) -> str:
    threats = sorted(key for key in one.mitigates if not catalogue.patterns[key].propagation)
    rows = [f"- {threat}: {range_said(of.skilled)}. {of.basis}" for threat, of in sorted(one.against.items())]
    strength = f"{range_said(one.greatest(Skill.SKILLED))}. {one.strength.basis} ({one.strength.source})"
    return _page(
        one.name,
        f"`{one.id}`. {one.meaning}",
        ("Does", f"{one.function}, {one.area}"),
        ("Strength", strength if one.strength.basis else ""),
        ("Another strength against", "\n".join(rows)),
        ("Mitigates", _links(threats, "threats")),
        ("Limits", ", ".join(sorted(one.limits))),
        ("Stands on", _links(_shown(catalogue, one.applies_to), "types")),
        ("Cites", _cited(one.techniques)),
        ("Answers", ", ".join(item.id for item in framework.items() if one.id in item.controls)),
    )


def _type(catalogue: Catalogue, one: AssetType, threats: Iterable[ThreatPattern], elsewhere: str) -> str:
    written = [catalogue.relations[name] for name in catalogue.declarable_relations()]
    on = [
        threat.id
        for threat in threats
        if catalogue.is_any(one.name, threat.asset_types) and not catalogue.is_any(one.name, threat.except_types)
    ]
    controls = [key for key, control in catalogue.controls.items() if catalogue.is_any(one.name, control.applies_to)]
    return _page(
        one.label,
        f"`{one.name}`. {one.meaning}",
        ("Is a", ", ".join(one.parents)),
        ("Called", ", ".join(one.synonyms)),
        ("From it", ", ".join(f"{r.name} {r.object}" for r in written if r.subject in one.ancestors)),
        ("To it", ", ".join(f"{r.subject} {r.name}" for r in written if r.object in one.ancestors)),
        ("Threats", _links(on, "threats")),
        ("Controls", _links(controls, "controls")),
        ("Elsewhere", elsewhere),
    )


def _page(title: str, meaning: str, *parts: tuple[str, str]) -> str:
    said = [f"## {head}\n\n{text}" for head, text in parts if text]
    return "\n\n".join([f"# {title}", meaning, *said]) + "\n"


def _shown(catalogue: Catalogue, types: Iterable[str]) -> list[str]:
    """Types that have a page: the concrete ones among these, and those of the groups among them."""
    wanted = tuple(types)
    return [name for name in catalogue.concrete_types() if catalogue.is_any(name, wanted)]


def _links(ids: Iterable[str], folder: str, up: str = "../") -> str:
    return ", ".join(f"[{one}]({up}{folder}/{one}.md)" for one in ids)


def _elsewhere(rows: Sequence[MappingRow]) -> str:
    """What mapping sets lead to, with how near it is and how sure that is."""
    return "\n".join(
        f"- {row.cells['object_id']} {row.cells['object_label']}: "
        f"{row.cells['predicate_id'].partition(':')[2]}, confidence {row.cells['confidence']}"
        for row in rows
    )


def _cited(techniques: Iterable[Technique]) -> str:
    return "\n".join(f"- {one.pinned} {one.name}" for one in techniques)
