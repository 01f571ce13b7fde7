"""The services of a Compose file with those of the files that it includes or extends, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.values import Place
from importers.compose.overlays import compose_text, overlaid, plain
from importers.deployment.variables import words
from importers.elements import Found
from importers.provenance import Reader
from importers.source import Source

SERVICE_KEYS = words(
    "image build container_name depends_on ports volumes networks expose environment env_file command entrypoint "
    "extends network_mode restart healthcheck profiles deploy privileged"
)
MAX_FILES = 50


@dataclass
class Project:
    """What one or several Compose files say together. ``places`` has where each service stands."""

    top: Mapping[str, Any]
    services: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    missing: bool = False


def services_of(value: Any) -> Mapping[str, Any]:
    """The services of a document, in the form of today or in that of the first version; empty where it has none."""
    if not isinstance(value, dict):
        return {}
    if "services" in value or "include" in value or "version" in value:
        found = value.get("services")
        return found if isinstance(found, dict) else {}
    old = {
        key: one for key, one in value.items() if isinstance(one, dict) and ({"image", "build"} & set(one)) and
        set(one) <= _OLD_KEYS and isinstance(one.get("image", ""), str)
    }  # fmt: skip
    return old if old and len(old) == len(value) else {}


_OLD_KEYS = SERVICE_KEYS | words(
    "links external_links volumes_from dns hostname user working_dir net pid log_driver mem_limit cpu_shares tty "
    "stdin_open cap_add cap_drop devices labels extra_hosts security_opt logging dockerfile env_file ulimits"
)


def gather_files(source: Source, found: Found, reader: Reader) -> Project:
    """The project of a file; what cannot be had of includes is left out and told."""
    top = reader.mapping(plain(reader.text.value), ())
    project = Project(top)
    _include(source, top, (), project, found, reader, {source.name})
    old = services_of(top) is top or "services" not in top
    for name, one in services_of(top).items():
        place: Place = (name,) if old else ("services", name)
        mapping = reader.mapping(one, place)
        base = project.services.get(str(name))
        if str(name) in project.places and base is not None:
            mapping = overlaid(base, mapping)
        project.services[str(name)] = mapping
        project.places[str(name)] = place
    _extend(source, project, found, reader)
    return project


def _include(
    source: Source, top: Mapping[str, Any], at: Place, project: Project, found: Found, reader: Reader, seen: set[str]
) -> None:
    listed = top.get("include")
    for number, one in enumerate(listed if isinstance(listed, list) else [listed] if listed else []):
        place = at or ("include", number)
        paths = one.get("path") if isinstance(one, dict) else one
        for path in reader.words(paths, place):
            if path in seen or len(seen) > MAX_FILES:
                continue
            seen.add(path)
            value = _beside(source, path, place, project, found)
            if value is None:
                continue
            for name, service in services_of(value).items():
                if isinstance(service, dict):
                    here = project.services.get(str(name), {})
                    project.services[str(name)] = overlaid(here, service)
                    project.places[str(name)] = place
            for part in ("volumes", "networks", "secrets"):
                if isinstance(value.get(part), dict) and isinstance(project.top, dict):
                    merged = overlaid(value[part], project.top.get(part))
                    project.top = {**project.top, part: merged}
            folder = path.rpartition("/")[0]
            inner = value.get("include")
            if inner and folder != path:
                _include(source, {"include": _below(inner, folder)}, place, project, found, reader, seen)


def _below(include: Any, folder: str) -> list[Any]:
    """What an included file includes, by paths from the file that is read."""
    found = []
    for one in include if isinstance(include, list) else [include]:
        paths = one.get("path") if isinstance(one, dict) else one
        for path in paths if isinstance(paths, list) else [paths]:
            if isinstance(path, str):
                found.append(f"{folder}/{path.removeprefix('./')}" if folder else path)
    return found


def _beside(source: Source, path: str, place: Place, project: Project, found: Found) -> Mapping[str, Any] | None:
    try:
        data = source.beside(path) if source.beside else None
    except UnreadableError:
        data = None
    if data is None:
        project.missing = True
        found.omit("include", place, f"the file “{path[:100]}” is not in the folder that is read")
        return None
    text = compose_text(Source(data, path))
    value = plain(text.value) if text is not None else None
    if not isinstance(value, dict):
        found.omit("include", place, f"“{path[:100]}” is no Compose file")
        return None
    return value


def _extend(source: Source, project: Project, found: Found, reader: Reader) -> None:
    files: dict[str, Mapping[str, Any]] = {}
    for name in list(project.services):
        chain, one = {name}, project.services[name]
        while isinstance(one, dict) and "extends" in one:
            said = one["extends"]
            place = (*project.places[name], "extends")
            base, file = (said.get("service"), said.get("file")) if isinstance(said, dict) else (said, None)
            rest = {key: inner for key, inner in one.items() if key != "extends"}
            known: Any = None
            if isinstance(file, str) and isinstance(base, str):
                if file not in files:
                    files[file] = services_of(_beside(source, file, place, project, found) or {})
                known = files[file].get(base)
            elif isinstance(base, str) and base not in chain:
                chain.add(base)
                known = project.services.get(base)
            if not isinstance(known, dict):
                if not isinstance(file, str):
                    found.omit("extends", place, "there is no such service, or it extends itself")
                one = rest
                break
            stands = {key: inner for key, inner in known.items() if key not in ("depends_on", "profiles")}
            if isinstance(file, str):
                stands.pop("extends", None)
            one = overlaid(stands, rest)
        project.services[name] = one
