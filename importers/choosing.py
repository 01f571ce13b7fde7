"""Which files of a folder describe what runs, and which are samples, tests, or another way to run the same.

Nothing is passed over silently: what is left aside is told with its reason, and ``Wishes`` bring it in.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import System
from importers.deployment.variables import words
from importers.importer import Importer
from importers.sameness import Piece
from importers.source import Source
from importers.ways import other_ways
from importers.wishes import LeftAside, Wishes

Candidate = tuple[Source, Importer]

_TESTS = words(
    "test tests testing testdata fixture fixtures mock mocks e2e fvt benchmark benchmarks loadtest profiling"
)
_SAMPLES = words(
    "example examples sample samples tutorial tutorials cookbook docs doc documentation website notebooks homework "
    "marketplace marketplaces archive archived deprecated legacy"
)
_AROUND = frozenset({".github", ".gitlab", ".devcontainer", ".circleci"})
_DRAWINGS = frozenset({"excalidraw", "drawio", "mermaid"})
_PICTURES = words("images image img assets media figures static public pictures screenshots")
_ALONE_SAYS_LITTLE = frozenset({"mermaid", "mcp", "mcp-registry", "card", "excalidraw", "packages"})
_FLOWS = frozenset({"n8n", "langflow", "flowise", "dify"})
_RUN = frozenset({"compose", "kubernetes", "cloudformation", "terraform", "terraform-source", "bicep", "arm"})
_COLLECTION = 8  # flows in one folder beyond which nobody runs them all
_DEPLOYED = frozenset({"compose", "kubernetes"})
_ONE_STACK = 0.5  # of the services of the smaller file that are in the larger one as well
_COPY = 0.8  # of all services of two files in different parts of the folder
_PLAIN = frozenset({"docker", "compose", "yml", "yaml", "k8s", "kubernetes", "manifest"})
_FAVOURED = frozenset({"prod", "production"})


# ------------------------------------------------------------ before they are read
def by_place(candidates: Sequence[Candidate], wishes: Wishes) -> tuple[list[Candidate], list[LeftAside]]:
    """Leaves aside what lies among samples and tests, templates, drawings in Markdown and whole collections of flows,
    as long as something else is left that says how the system runs.
    """
    left = [LeftAside(one.name, "you said so") for one, _ in candidates if wishes.leaves(one.name)]
    wanted = [one for one in candidates if not wishes.leaves(one[0].name)]
    names = {source.name for source, importer in wanted if importer.id == "packages"}
    twins = {
        one for one in names if one.endswith(".txt") and f"{one.rpartition('/')[0]}/pyproject.toml".lstrip("/") in names
    }
    left += [LeftAside(one, "pyproject.toml beside it says the same") for one in sorted(twins) if not wishes.takes(one)]
    wanted = [one for one in wanted if one[0].name not in twins or wishes.takes(one[0].name)]
    flows = Counter(_collection(*one) for one in wanted)
    deployed = any(importer.id in _RUN for source, importer in wanted if _aside(source, importer) is None)
    running = any(one.id not in _ALONE_SAYS_LITTLE and _aside(source, one) is None for source, one in wanted)
    reasons = {}
    for source, importer in wanted:
        reason = _aside(source, importer)
        if reason is None and running and importer.id == "packages":
            reason = "it lists libraries, beside files that say what runs"
        if reason is None and deployed and flows[_collection(source, importer)] > _COLLECTION and importer.id in _FLOWS:
            reason = f"it is one of a collection of more than {_COLLECTION} flows"
        if reason is not None and not wishes.takes(source.name):
            reasons[source.name] = reason
    telling = [one.id for source, one in wanted if source.name not in reasons]
    if not any(one not in _ALONE_SAYS_LITTLE or one == "packages" for one in telling):
        return wanted, left
    left.extend(LeftAside(source.name, reasons[source.name]) for source, _ in wanted if source.name in reasons)
    return [one for one in wanted if one[0].name not in reasons], left


def _collection(source: Source, importer: Importer) -> tuple[str, str]:
    return importer.id, posixpath.dirname(source.name)


def _aside(source: Source, importer: Importer) -> str | None:
    folders = source.name.lower().split("/")
    stem = posixpath.splitext(folders.pop())[0]
    for part in folders:
        said = set(re.split(r"[^a-z0-9]+", part))
        if said & _TESTS:
            return "it lies among tests"
        if said & _SAMPLES:
            return "it lies among samples and documents"
        if part in _AROUND:
            return "it serves development"
    if set(re.split(r"[^a-z0-9]+", stem)) & _TESTS:
        return "it is named for tests"
    if importer.id == "mermaid" and source.name.lower().endswith(".md"):
        return "it is a drawing in a text, beside files that say what runs"
    if importer.id == "stix" and b'"x-mitre-matrix"' in source.data:
        return "it is a knowledge base of techniques, of no system"
    if importer.id in _DRAWINGS and _PICTURES & set(folders):
        return "it lies among pictures, beside files that say what runs"
    if importer.id == "kubernetes" and "patch" in re.split(r"[^a-z0-9]+", stem):
        return "it is a patch of other manifests: give what kustomize makes of them"
    if importer.id == "kubernetes" and b"{{" in source.data:
        return "it is a template: render it, and read what comes out"
    return None


# ------------------------------------------------------------ when they are read
def without_alternatives(
    pieces: Sequence[Piece], importers: Sequence[str], wishes: Wishes, catalogue: Catalogue, top: str = ""
) -> tuple[list[Piece], list[LeftAside]]:
    """Of several files that run the same services, the one that is asked for, or else the plainest and fullest.

    In one folder two files are such where they have a service of one name: Compose runs it once. Elsewhere most
    services of the smaller must be in the larger, by name or image, stores apart that everybody has; and in different
    parts of the whole folder, or of ``top`` that all lies in, they must be copies but for a little.
    """
    services = [_services(one.system, catalogue) for one in pieces]
    order = sorted(range(len(pieces)), key=lambda one: _preference(pieces[one].file, len(services[one]), wishes))
    rank = {number: place for place, number in enumerate(order)}
    having: dict[str, list[int]] = {}  # what was taken, by what its services are called
    left: dict[int, LeftAside] = {}
    for number in order:
        file = pieces[number].file
        if importers[number] not in _DEPLOYED:
            continue
        names = {name for one in services[number] for name in one.names}
        near = sorted({one for name in names for one in having.get(name, ())}, key=rank.__getitem__)
        free = not pieces[number].own and not wishes.takes(file)
        bare = all(one.common for one in services[number])  # anybody's store: of another kind of file no sign
        same = (
            one
            for one in near
            if not (bare and importers[one] != importers[number])
            and _one_stack(pieces[one].file, file, services[one], services[number], top)
        )
        instead = next(same, None) if free else None
        if instead is not None:
            other = pieces[instead].file
            left[number] = LeftAside(file, f"it is another way to run what “{other}” runs", other)
            continue
        for name in names:
            having.setdefault(name, []).append(number)
    _with_the_rest(pieces, importers, wishes, services, left)
    left.update(other_ways(pieces, importers, wishes, catalogue, set(left)))
    kept = [one for number, one in enumerate(pieces) if number not in left]
    return kept, [left[one] for one in sorted(left)]


def _with_the_rest(
    pieces: Sequence[Piece],
    importers: Sequence[str],
    wishes: Wishes,
    services: Sequence[Sequence[_Service]],
    left: dict[int, LeftAside],
) -> None:
    """Leaves aside also the stores and routes of manifests whose workloads a Compose file runs."""
    instead = [left[one].instead for one in left if importers[one] == "kubernetes"]
    rest = [one for one, id_ in enumerate(importers) if id_ == "kubernetes" and one not in left]
    if not instead or any(not each.common for one in rest for each in services[one]):
        return
    for one in rest:
        if not pieces[one].own and not wishes.takes(pieces[one].file):
            reason = f"it goes with manifests of what “{instead[0]}” runs"
            left[one] = LeftAside(pieces[one].file, reason, instead[0])


@dataclass(frozen=True)
class _Service:
    names: frozenset[str]
    common: bool  # a store or gateway that any stack may have


def _services(system: System, catalogue: Catalogue) -> list[_Service]:
    """What runs by the names and images that it has."""
    images: dict[str, set[str]] = {}
    for one in system.dependencies:
        package = system.asset_by_id.get(one.target) if one.relation == "usesPackage" else None
        if package is not None and package.name.startswith("Image "):
            images.setdefault(one.origin, set()).add(package.name)
    found = []
    for asset in system.assets:
        names = {one for one in asset.identifiers if one.startswith("dns:") and "." not in one}
        names |= {f"dns:{one.rpartition('/')[2]}" for one in asset.identifiers if one.startswith("k8s:")}
        if names or asset.id in images:
            common = any(catalogue.is_a(asset.type, one) for one in ("DataStore", "ApiGateway"))
            found.append(_Service(frozenset(names | images.get(asset.id, set())), common))
    return found


def _preference(file: str, services: int, wishes: Wishes) -> tuple[bool, int, int, int, str]:
    said = set(re.split(r"[^a-z0-9]+", posixpath.basename(file.partition(" with ")[0]).lower())) - _PLAIN - {""}
    odd = 2 * len(said - _FAVOURED) + len(said & _FAVOURED)
    return not wishes.takes(file), odd, file.count("/"), -services, file


def _one_stack(one: str, other: str, taken: Sequence[_Service], more: Sequence[_Service], top: str) -> bool:
    one, other = one.removeprefix(top), other.removeprefix(top)
    apart = not posixpath.commonpath(["/" + posixpath.dirname(one), "/" + posixpath.dirname(other)]).strip("/")
    if posixpath.dirname(one) == posixpath.dirname(other):
        here = {name for each in taken for name in each.names if name.startswith("dns:")}
        return any(each.names & here for each in more)
    own = [each for each in more if not each.common]
    if own:
        taken, more = [each for each in taken if not each.common], own
    known: set[str] = set().union(*(each.names for each in taken)) if taken else set()
    shared = sum(bool(each.names & known) for each in more)
    if apart and "/" in one and "/" in other:
        return shared >= _COPY * (len(taken) + len(more) - shared)
    return shared > _ONE_STACK * min(len(taken), len(more)) if taken else False
