"""From the libraries of a program to whom it probably calls: a guess, and said to be one, where code is all there is.

A library says what its user can call and not what is called; every flow here has the ground “guess”.
"""

from __future__ import annotations

from graphmodel.model.accounts import Question
from importers.deployment.outside import Outside
from importers.deployment.providers import PROVIDERS
from importers.elements import Found, Ground, Link, Part, Sign, call
from importers.importer import two_stage
from importers.packages.known import PLAIN, SAYS_AI, Known, Use, known
from importers.packages.manifests import Library, manifest_of
from importers.provenance import Reader, lined_reader
from importers.services import Services, provider_of
from importers.source import Source

ID = "packages"
PROGRAM, CODE = "program", "code"
_NOTE = "a library for it is needed; whether and where it is called, the code decides"


def sniff(source: Source) -> bool:
    """Whether a file lists the libraries of a program, and one of them is for AI."""
    manifest = manifest_of(source)
    if manifest is None:
        return False
    return any(use.use in SAYS_AI for one in manifest.libraries for use in known(one.name, one.registry))


def gather(source: Source) -> tuple[Found, Reader]:
    """The program with its code, the AI libraries in it, and what these are for."""
    reader, lines = lined_reader(source.name, ID)
    manifest = manifest_of(source)
    libraries = manifest.libraries if manifest else ()
    name = (manifest.name if manifest else "") or "Application"
    found = Found(name)
    uses = [(one, known(one.name, one.registry)) for one in libraries]
    special = [one for one, said in uses if said and said[0].use is Use.FRAMEWORK and one.name not in PLAIN]
    others = [one for one, said in uses if said and one not in special]
    signs = (
        *(Sign("package", f"{one.registry}:{one.name}") for one in (*special, *others)),
        Sign("kind", "built here"),
    )
    found.parts.append(Part(PROGRAM, name, (), "program", signs, ground=Ground.GUESS, note="told from its libraries"))
    found.parts.append(Part(CODE, f"Source code of {name}"[:200], (), "code", type="SourceCode"))
    found.links.append(Link(PROGRAM, "deployedFrom", CODE, (), "code"))
    services, outside = Services(found), Outside(found)
    local, guards, protocol = [], [], []
    for one, said in uses:
        place = ("dependencies", one.name)
        lines[place] = one.line
        if not said:
            found.omit("library", place, "it says nothing of whom the program calls")
            continue
        for use in said:
            _called(found, services, outside, one, use)
        note = "" if one.exact else "not pinned: its version can change"
        found.parts.append(
            Part(one.name, one.name, place, "library", type="SoftwarePackage", identifiers=(one.purl,), note=note)
        )
        found.links.append(Link(PROGRAM, "usesPackage", one.name, place, "need"))
        local += [one.name for use in said if use.use is Use.LOCAL]
        guards += [one.name for use in said if use.use is Use.GUARD]
        protocol += [one.name for use in said if use.use is Use.PROTOCOL]
    _ask(found, name, local, guards, protocol)
    return found, reader


def _called(found: Found, services: Services, outside: Outside, one: Library, use: Known) -> None:
    place = ("dependencies", one.name)
    if use.use is Use.MODEL:
        id_ = (provider_of(use.word) or ("", ""))[0]
        provider = PROVIDERS.get("gemini" if id_ == "google" else id_)
        called = outside.provider(provider, place) if provider else services.endpoint(place, use.word)
    elif use.use in (Use.STORE, Use.SERVICE):
        called = f"{use.use} {use.word}"
        zone = services.internet(place) if "." in use.word else ""
        signs = (Sign("host", use.word), Sign("kind", use.word), Sign("name", use.name))
        services.add(Part(called, use.name, place, str(use.use), signs, ground=Ground.GUESS, boundary=zone, note=_NOTE))
    elif use.use is Use.WEB:
        found.links.append(Link(PROGRAM, "retrievesFrom", services.web(place), place, "web pages", Ground.GUESS))
        return
    else:
        return
    found.links.append(call(PROGRAM, "sendsTo", called, place, "call", Ground.GUESS, note=_NOTE))


def _ask(found: Found, name: str, local: list[str], guards: list[str], protocol: list[str]) -> None:
    def ask(text: str) -> None:
        found.questions.append(Question(PROGRAM, text))

    ask(f"Who can come to “{name}”, and which of the libraries' services does it call in operation?")
    if local:
        ask(f"Which models does “{name}” load by itself ({', '.join(local[:4])}), and from where?")
    if protocol:
        ask(f"Is “{name}” an MCP server, or does it call some?")
    if guards:
        ask(f"Where does “{name}” use {', '.join(guards[:4])}? That a library is there protects nothing.")


IMPORTER = two_stage(
    ID,
    "list of libraries (pyproject.toml, requirements.txt, package.json)",
    sniff,
    gather,
    ("pyproject.toml", "requirements*.txt", "package.json"),
)
