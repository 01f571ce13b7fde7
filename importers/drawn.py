"""What drawings of data flows have in common: kinds of elements, the internet, and who is drawn as an attacker."""

from __future__ import annotations

import re

from graphmodel.knowledge.vocabulary import ActorKind
from graphmodel.model.accounts import Question
from graphmodel.reading.values import Place
from importers.elements import Attacker, Found, Ground, Link, Part, Sign

PROCESS, STORE, EXTERNAL = "process", "data store", "external entity"
_WITHIN: dict[str, tuple[str, ...]] = {
    PROCESS: ("Component", "DataStore", "Person"),
    STORE: ("DataStore", "MessageQueue", "DataAsset"),
    EXTERNAL: ("Component", "DataStore", "Person", "UserContent", "DataSource", "KnowledgeBase", "Dataset"),
}
_FALLBACK = {PROCESS: "Application", STORE: "DataStore", EXTERNAL: "Application"}
_INTERNET = re.compile(r"(?:the |public )?(?:internet|world wide web|www|untrusted network)(?: boundary| zone)?")
_ATTACKER = re.compile(
    r"(?:an? |the |external |remote |malicious |anonymous )*"
    r"(?:attackers?|hackers?|adversar(?:y|ies)|threat actors?|malicious (?:users?|actors?|insiders?|clients?)|"
    r"cyber ?criminals?|bad actors?|intruders?)"
)


MOST_INTERNETS = 10  # each actor has an attack graph of its own


def plain(name: str) -> str:
    """A title on one line, in small letters."""
    return " ".join(name.split()).casefold()


def one_line(name: str) -> str:
    """A title as people read it, on one line."""
    return " ".join(name.split())


def drawn_part(
    kind: str,
    key: str,
    name: str,
    place: Place,
    signs: tuple[Sign, ...] = (),
    *,
    boundary: str = "",
    description: str = "",
    tags: tuple[str, ...] = (),
    note: str = "",
    said: str = "",
) -> Part:
    """A process, store or external entity: its stencil or technology says most, then its title, then what it is drawn
    as. ``said`` is the file's own word for the kind."""
    return Part(
        key,
        name,
        place,
        said or kind,
        (*signs, Sign("name", name), Sign("kind", kind)),
        boundary=boundary,
        description=description,
        tags=tags,
        note=note,
        within=_WITHIN[kind],
        fallback=_FALLBACK[kind],
    )


def data_part(key: str, name: str, place: Place, said: str, description: str = "") -> Part:
    """Data that a file names: of a kind of data by its title, otherwise data of the business."""
    signs = (Sign("name", name), Sign("data", name), Sign("kind", "data"))
    return Part(key, name, place, said, signs, description=description, within=("DataAsset",), fallback="BusinessData")


def is_internet(name: str) -> bool:
    """Whether a zone is by its whole name the internet."""
    return _INTERNET.fullmatch(plain(name)[:60]) is not None


def is_attacker(name: str) -> bool:
    """Whether something drawn is by its whole name an attacker."""
    return _ATTACKER.fullmatch(plain(name)[:80]) is not None


def attacker(key: str, name: str, place: Place, kind: str, boundary: str = "") -> Attacker:
    """Somebody drawn as an attacker; where the flows of theirs go is where they begin."""
    insider = "insider" in plain(name)
    return Attacker(
        key, name, place, kind, ActorKind.INSIDER if insider else ActorKind.OUTSIDER, boundary=boundary,
        note="drawn as an attacker, by the whole name",
    )  # fmt: skip


def let_in_the_internet(found: Found, place: Place, boundary: str, name: str = "Internet") -> None:
    """A zone that is the internet has anybody in it: what its members call is open to them, unless it authenticates."""
    if sum(one.kind == "internet" for one in found.attackers) >= MOST_INTERNETS:
        found.omit("internet", place, "there are enough zones that are the internet")
        return
    found.attackers.append(
        Attacker(
            f"internet {boundary}",
            "Anyone on the internet",
            place,
            "internet",
            ActorKind.OUTSIDER,
            boundary=boundary,
            ground=Ground.REFERENCE,
            note=f"the zone “{name[:60]}” of the file is the internet",
        )
    )


def drawn_flow(
    origin: str, target: str, place: Place, kind: str, name: str = "", *, two_way: bool = False,
    encrypted: bool | None = None, authenticated: bool | None = None, carries: tuple[str, ...] = (),
    description: str = "", ground: Ground = Ground.DECLARED, note: str = "",
) -> Link:  # fmt: skip
    """An arrow: data in its direction, both ways where it has two heads."""
    return Link(
        origin, "sendsTo", target, place, kind, ground, True, name, carries, (), two_way, "", authenticated, encrypted,
        description=description, note=note, arrow=True,
    )  # fmt: skip


_OPEN = re.compile(r"\b(?:http|ftp|telnet|ldap|smtp|mqtt|amqp|ws|redis|tcp|udp|snmp)\b")
_SECURE = re.compile(
    r"\b(?:https|ftps|sftp|ssh|scp|tls|mtls|ssl|ldaps|wss|mqtts|amqps|grpcs|rediss|ipsec|vpn|dtls|imaps|smtps)\b"
)


def protocol_encrypts(protocol: str) -> bool | None:
    """Whether a protocol, as it is named, encrypts what it carries; None where the name does not say."""
    said = protocol.casefold()[:200]
    if _SECURE.search(said):
        return True
    return False if re.fullmatch(_OPEN.pattern, said.strip()) else None


MOST_TWINS = 10


def ask_about_twins(found: Found) -> None:
    """Ask whether what has the same title more than once is the same thing: it stays apart until somebody says so."""
    by_name: dict[str, list[Part]] = {}
    for one in found.parts:
        by_name.setdefault(plain(one.name), []).append(one)
    twins = [parts for parts in by_name.values() if len(parts) > 1]
    for parts in twins[:MOST_TWINS]:
        text = f"“{parts[0].name[:80]}” is drawn {len(parts)} times: is it one thing? If so, join them."
        found.questions.append(Question(parts[0].key, text))
