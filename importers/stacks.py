"""Files of a folder that only together describe what runs: Compose files laid over others, manifests side by side."""

from __future__ import annotations

import json
import posixpath
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import Any

from graphmodel.model.system import Imported, Provenance
from graphmodel.reading.problems import Problem
from graphmodel.reading.values import Text
from importers import cloud, compose, kubernetes
from importers.choosing import Candidate
from importers.cloud.bicep_calls import as_bicep
from importers.cloud.modules import as_modules, declared
from importers.compose.files import services_of
from importers.compose.overlays import compose_text, overlaid
from importers.source import Source
from importers.wishes import LeftAside, Wishes

_STANDARD = ("docker-compose", "compose")
_ENDINGS = (".yml", ".yaml")
_RUNS = frozenset({"image", "build", "extends", "provider"})
_ONLY_BUILT = frozenset({"build", "image", "extends", "platform", "profiles"})


@dataclass(frozen=True)
class Manifests(Source):
    """Manifests of one folder as one source: what one of them names, another has."""

    parts: tuple[Source, ...] = ()

    @cached_property
    def documents(self) -> tuple[Text, ...]:
        """The documents of all files, one after the other."""
        return tuple(text for part in self.parts for text in part.documents)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The file that each document is from."""
        return tuple(part.name for part in self.parts for _ in part.documents)


def stacked(candidates: Sequence[Candidate], wishes: Wishes) -> tuple[list[Candidate], list[LeftAside]]:
    """The candidates, with what Compose lays over another file by itself, or a person asks for, laid over it, and the
    manifests of a folder as one; other overlays, and files that only build images, are left aside.
    """
    found = {source.name: (source, importer) for source, importer in candidates}
    left: list[LeftAside] = []
    texts = {source.name: compose_text(source) for source, importer in candidates if importer is compose.IMPORTER}
    values = {name: text.value for name, text in texts.items() if text is not None and isinstance(text.value, dict)}
    for name in sorted(values):
        base, reason = _overlaid_by(name, values)
        if base is not None and (wishes.takes(name) or _by_itself(base, name)):
            below, beside = found[base]
            data = json.dumps(overlaid(compose_value(below), values[name])).encode()
            label = f"{below.name} with {posixpath.basename(name)}"
            found[base] = (Source(data, label, below.beside), beside)
            del found[name]
        elif reason and len(found) > 1 and not wishes.takes(name):
            left.append(LeftAside(name, reason))
            del found[name]
    together, other = _modules(_together(list(found.values())), wishes)
    together, unused = _bicep(together, wishes)
    return together, [*left, *other, *unused]


def compose_value(source: Source) -> Any:
    """What a Compose file says; None where it is none."""
    text = compose_text(source)
    return text.value if text is not None else None


def _by_itself(base: str, name: str) -> bool:
    """Whether Compose lays a file over another one without being asked."""
    stem = posixpath.splitext(posixpath.basename(base))[0]
    over = posixpath.splitext(posixpath.basename(name))[0]
    return stem in _STANDARD and over == f"{stem}.override" and posixpath.dirname(base) == posixpath.dirname(name)


def _overlaid_by(name: str, values: Mapping[str, Any]) -> tuple[str | None, str]:
    """The file that one lies over, if it cannot run alone, and why it is left aside."""
    services = {key: one for key, one in services_of(values[name]).items() if isinstance(one, dict)}
    folder = posixpath.dirname(name)
    near = sorted((one for one in values if posixpath.dirname(one) == folder and one != name), key=_plainest)
    for base in near:
        if _by_itself(base, name):
            return base, ""
    unable = _unable(values[name])
    if unable:
        for base in near:
            if unable <= set(services_of(values[base])) - _unable(values[base]):
                return base, f"Compose lays it over “{base}” only when it is told to"
    if services and 2 * len(unable) >= len(services):
        return None, "its services have neither an image nor a build, and no file beside it has them"
    if len(services) > 1 and all("build" in one and set(one) <= _ONLY_BUILT for one in services.values()):
        return None, "it only builds images"
    return None, ""


def _unable(value: Any) -> set[str]:
    """The services of a Compose file that say nothing that could run."""
    return {key for key, one in services_of(value).items() if isinstance(one, dict) and not _RUNS & set(one)}


def _plainest(name: str) -> tuple[int, str]:
    return len(re.split(r"[^a-z0-9]+", posixpath.basename(name).lower())), name


def _together(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Manifests that lie in one folder as one source, at the place of the first."""
    groups: defaultdict[str, list[Source]] = defaultdict(list)
    for source, importer in candidates:
        if importer is kubernetes.IMPORTER:
            groups[posixpath.dirname(source.name)].append(source)
    found: list[Candidate] = []
    for source, importer in candidates:
        folder = posixpath.dirname(source.name)
        parts = groups.get(folder, []) if importer is kubernetes.IMPORTER else []
        if len(parts) < 2:
            found.append((source, importer))
        elif source is parts[0]:
            name = posixpath.join(folder, "*.yaml")
            found.append((Manifests(b"", name, source.beside, tuple(parts)), importer))
    return found


_ALIKE = 0.8  # of what two configurations declare, beyond which they are one in two environments


def _modules(candidates: Sequence[Candidate], wishes: Wishes) -> tuple[list[Candidate], list[LeftAside]]:
    """Files of Terraform as the configurations that they make, at the place of the first; a plan says more than they,
    and of environments that are alike one is read."""
    written = [source for source, importer in candidates if importer is cloud.WRITTEN]
    others = [one for one in candidates if one[1] is not cloud.WRITTEN]
    plan = next((source.name for source, importer in others if importer is cloud.TERRAFORM), "")
    left: list[LeftAside] = []
    if plan:
        aside = [one for one in written if not wishes.takes(one.name)]
        left = [LeftAside(one.name, "a plan says more", plan) for one in aside]
        written = [one for one in written if wishes.takes(one.name)]
    kept: list[tuple[str, frozenset[str]]] = []
    found: list[Candidate] = []
    roots = as_modules(written)
    for source, _ in sorted(roots, key=lambda one: (not wishes.takes(one[0].name), *_environment(one[0].name))):
        says = declared(source)
        above = posixpath.dirname(source.folder)
        same = (
            name
            for name, other in kept
            if (posixpath.dirname(posixpath.dirname(name)) == above or _last(name) == _last(source.name))
            and len(says & other) > _ALIKE * len(says | other)
        )
        instead = next(same, None) if not wishes.takes(source.name) else None
        if instead is not None:
            left.append(LeftAside(source.name, f"it is another environment of what “{instead}” makes", instead))
        elif not says:
            left.append(LeftAside(source.name, "it declares no resources"))
        else:
            kept.append((source.name, says))
            found.append((source, cloud.WRITTEN))
    return [*others, *found], left


def _bicep(candidates: Sequence[Candidate], wishes: Wishes) -> tuple[list[Candidate], list[LeftAside]]:
    """Files of Bicep by the ones that nobody calls, each with those that it calls, without what they compile to."""
    written = [source for source, importer in candidates if importer is cloud.BICEP]
    roots, unused = as_bicep(written)
    taken = [one for one in unused if wishes.takes(one.name)]
    stems = {posixpath.splitext(one.name)[0]: one.name for one in written}
    made = {
        source.name: stems[posixpath.splitext(source.name)[0]]
        for source, importer in candidates
        if importer is cloud.ARM and posixpath.splitext(source.name)[0] in stems and not wishes.takes(source.name)
    }
    found = [one for one in candidates if one[1] is not cloud.BICEP and one[0].name not in made]
    found += [(source, cloud.BICEP) for source, _ in roots] + [(one, cloud.BICEP) for one in taken]
    left = [LeftAside(name, f"it is what “{other}” compiles to", other) for name, other in made.items()]
    return found, [*left, *(LeftAside(one.name, "no other file calls it") for one in unused if one not in taken)]


def _last(name: str) -> str:
    return posixpath.basename(posixpath.dirname(name))


def _environment(name: str) -> tuple[bool, str]:
    """Production before all others."""
    return not set(re.split(r"[^a-z0-9]+", name.lower())) & {"prod", "production"}, name


def relocated(imported: Imported, source: Source) -> Imported:
    """What manifests gave, each element and problem with the file that it is from."""
    if not isinstance(source, Manifests):
        return imported
    files = source.files
    first = {file: number for number, file in reversed(list(enumerate(files)))}

    def moved(place: str, file: str) -> tuple[str, str]:
        match = re.match(r"\[(\d+)\]", place)
        if match is None or int(match[1]) >= len(files):
            return place, file
        number = int(match[1])
        return f"[{number - first[files[number]]}]{place[match.end() :]}", files[number]

    def provenance(one: Provenance) -> Provenance:
        place, file = moved(one.place, one.file)
        return replace(one, place=place, file=file, also=tuple(provenance(each) for each in one.also))

    def problem(one: Problem) -> Problem:
        place, file = moved(one.path, one.file)
        return replace(one, path=place, file=file)

    def element(one: Any) -> Any:
        there = getattr(one, "source", None)
        return replace(one, source=provenance(there)) if isinstance(there, Provenance) else one

    system = imported.system
    if system is not None:
        values = {one.name: getattr(system, one.name) for one in fields(system) if one.init}
        changed: dict[str, Any] = {
            key: tuple(element(one) for one in value)
            for key, value in values.items()
            if isinstance(value, tuple) and value and is_dataclass(value[0])
        }
        system = replace(system, **changed)
    return replace(imported, system=system, problems=tuple(problem(one) for one in imported.problems))
