"""A table of a system by a template of ours, in CSV: one row an asset, zone, flow, dependency, actor, control or loss.

Read with Python's reader of CSV, within limits. The template and its columns are in docs/importers.md.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping

from graphmodel.knowledge.vocabulary import ActorKind, Capability, Evidence, Severity, Skill, Status
from graphmodel.reading.cells import said
from graphmodel.reading.limits import MAX_ENTRIES, check_size
from graphmodel.reading.problems import nearest, refusal
from graphmodel.reading.values import Place
from importers.drawn import one_line
from importers.elements import Attacker, Boundary, Found, Harm, Link, Measure, Part, Sign
from importers.importer import two_stage
from importers.provenance import Reader, lined_reader
from importers.source import Source

ID = "table"
COLUMNS = ("kind", "name", "type", "zone", "from", "to", "carries", "value", "description")
FURTHER = ("id", "tags", "owner", "returns", "opened by")
KINDS = ("system", "asset", "zone", "flow", "dependency", "actor", "control", "loss")
MARKS = (",", ";", "\t")


def _heading(words: str) -> tuple[str, list[str]]:
    """The mark between columns and their names in small letters, of the first line."""
    first = words.lstrip("\ufeff").partition("\n")[0].strip()[:2_000]
    mark = max(MARKS, key=first.count)
    return mark, [one.strip().strip('"').strip().lower() for one in first.split(mark)]


def sniff(source: Source) -> bool:
    """Whether the first line names the columns of the template: kind and name, and two others of them."""
    _, names = _heading(source.words[:4_000])
    return {"kind", "name"} <= set(names) and len(set(names) & set(COLUMNS)) >= 4


def gather(source: Source) -> tuple[Found, Reader]:
    """The elements of the table; raises ``UnreadableError`` where it is no table that can be read."""
    check_size(source.data, source.name)
    reader, lines = lined_reader(source.name, ID)
    found = Found(source.name.rpartition("/")[2].partition(".")[0] or "Table")
    mark, names = _heading(source.words)
    rows: list[tuple[Place, dict[str, str]]] = []
    told = csv.reader(source.words.lstrip("\ufeff").splitlines(keepends=True)[1:], delimiter=mark)
    try:
        for row in told:
            if not any(cell.strip() for cell in row) or row[0].lstrip().startswith("#"):
                continue
            place: Place = ("row", told.line_num + 1)
            lines[place] = told.line_num + 1
            if len(rows) >= MAX_ENTRIES:
                found.omit("row", place, f"only the first {MAX_ENTRIES:,} rows are read")
                continue
            cells = {name: said(cell) for name, cell in zip(names, row, strict=False) if name}
            rows.append((place, {name: reader.word(cell, place) for name, cell in cells.items()}))
    except csv.Error as error:
        raise refusal(
            source.name, f"this is not valid CSV: {error}.", "Check its quotes.", told.line_num + 1
        ) from error
    unknown = sorted(set(names) - {*COLUMNS, *FURTHER, ""})
    if unknown:
        reader.report("note", (), f"not read from the table: columns {', '.join(unknown)[:300]}.")
    _Table(found, reader, rows).gather()
    return found, reader


class _Table:
    def __init__(self, found: Found, reader: Reader, rows: list[tuple[Place, dict[str, str]]]) -> None:
        self.found, self.reader, self.rows = found, reader, rows
        self.keys: dict[str, str] = {}
        self.zones: dict[str, str] = {}

    def gather(self) -> None:
        makers = {
            "system": self.system,
            "zone": self.zone, "asset": self.asset, "actor": self.actor, "flow": self.link, "dependency": self.link,
            "control": self.control, "loss": self.loss,
        }  # fmt: skip
        for _, row in self.rows:
            kind, name = row.get("kind", "").lower(), row.get("name", "")
            if kind in ("asset", "actor", "zone") and name:
                known = self.zones if kind == "zone" else self.keys
                for word in (row.get("id", ""), name):
                    if word:
                        known.setdefault(word.casefold(), key(kind, row))
            elif kind == "flow" and row.get("id"):
                self.keys.setdefault(row["id"].casefold(), f"flow {row['id']}")
        for wanted in KINDS:
            for place, row in self.rows:
                if row.get("kind", "").lower() == wanted:
                    makers[wanted](place, row)
        for place, row in self.rows:
            kind = row.get("kind", "").lower()
            if kind not in KINDS:
                self.found.omit(
                    kind[:60] or "row", place, f"there is no kind of this name. {nearest(kind, KINDS)}".strip()
                )

    def name(self, place: Place, row: Mapping[str, str], what: str) -> str:
        name = one_line(self.reader.name(row.get("name", ""), place))
        if not name:
            self.found.omit(what, place, "it has no name")
        return name

    def end(self, said: str) -> str:
        return self.keys.get(said.casefold(), f"asset {said.casefold()}")

    def ends(self, said: str) -> tuple[str, ...]:
        return tuple(self.end(one.strip()) for one in re.split(r"[,;]", said) if one.strip())

    def inside(self, row: Mapping[str, str]) -> str:
        said = row.get("zone", "")
        return self.zones.get(said.casefold(), f"zone {said.casefold()}") if said else ""

    def system(self, place: Place, row: Mapping[str, str]) -> None:
        self.found.title = self.name(place, row, "system") or self.found.title
        self.found.description = row.get("description", "")
        self.found.joined.append("system")

    def zone(self, place: Place, row: Mapping[str, str]) -> None:
        name, said = self.name(place, row, "zone"), row.get("value", "")
        if not name:
            return
        trust = int(said) if said.isdecimal() and len(said) < 3 and int(said) <= 10 else None
        if said and trust is None:
            self.reader.report("warning", place, f"“{said[:40]}” is no trust of 0 to 10.", "Write a whole number.")
        self.found.boundaries.append(
            Boundary(key("zone", row), name, place, "zone", trust, self.inside(row),
                     description=row.get("description", ""), id=row.get("id", ""))
        )  # fmt: skip

    def asset(self, place: Place, row: Mapping[str, str]) -> None:
        name, said = self.name(place, row, "asset"), row.get("type", "")
        if not name:
            return
        signs = (Sign("type", said), Sign("technology", said), Sign("image", said), Sign("name", said)) if said else ()
        self.found.parts.append(
            Part(key("asset", row), name, place, "asset", signs, description=row.get("description", ""),
                 boundary=self.inside(row), owner=row.get("owner", ""), tags=_several(row.get("tags", "")),
                 id=row.get("id", ""))
        )  # fmt: skip

    def actor(self, place: Place, row: Mapping[str, str]) -> None:
        name, said, able = (self.name(place, row, "actor"), row.get("type", "").lower(), row.get("value", "").lower())
        if not name:
            return
        if said and said not in set(ActorKind):
            self.reader.report(
                "warning", place, f"there is no kind of actor “{said[:40]}”.", nearest(said, set(ActorKind))
            )
        kind = ActorKind(said) if said in set(ActorKind) else ActorKind.OUTSIDER
        if able and able not in set(Skill):
            self.reader.report("warning", place, f"there is no skill “{able[:40]}”.", nearest(able, set(Skill)))
        skill = Skill(able) if able in set(Skill) else Skill.SKILLED
        self.found.attackers.append(
            Attacker(key("actor", row), name, place, "actor", kind, skill,
                     self.inside(row), tuple(self.start(one) for one in _several(row.get("to", ""))),
                     description=row.get("description", ""), id=row.get("id", ""))
        )  # fmt: skip

    def start(self, said: str) -> tuple[str, Capability]:
        """What an actor holds before it begins: an asset, with a capability after a colon where it is another one."""
        part, _, able = said.rpartition(":")
        if part and able.strip().lower() in set(Capability) and said.casefold() not in self.keys:
            return self.end(part.strip()), Capability(able.strip().lower())
        return self.end(said), Capability.CONNECT

    def link(self, place: Place, row: Mapping[str, str]) -> None:
        kind = row.get("kind", "").lower()
        if not row.get("from") or not row.get("to"):
            self.found.omit(kind, place, "it needs “from” and “to”")
            return
        flow = kind == "flow"
        said, words = row.get("type", ""), set(re.split(r"[,;\s]+", row.get("value", "").lower()))
        opener = row.get("opened by", "")
        self.found.links.append(
            Link(
                self.end(row["from"]), said or ("sendsTo" if flow else "dependsOn"), self.end(row["to"]), place, kind,
                flow=flow, name=one_line(row.get("name", ""))[:200], carries=self.ends(row.get("carries", "")),
                returns=self.ends(row.get("returns", "")), two_way="two-way" in words,
                opened_by=self.end(opener) if opener else "",
                authenticated=_told(words, "authenticated"), encrypted=_told(words, "encrypted"),
                description=row.get("description", ""), id=row.get("id", "") if flow else "",
            )
        )  # fmt: skip

    def control(self, place: Place, row: Mapping[str, str]) -> None:
        name, said = self.name(place, row, "control"), row.get("value", "").lower()
        if not name:
            return
        named = _several(row.get("to", ""))
        on = ("*",) if not named or "*" in named else tuple(self.protected(one) for one in named)
        words = _several(re.sub(r"\s+", ",", said))
        for word in words:
            if word not in {*Status, *Evidence}:
                self.reader.report("warning", place, f"there is no status “{word[:40]}”.", nearest(word, set(Status)))
        state = next((Status(word) for word in words if word in set(Status)), Status.PROPOSED)
        known = next((Evidence(word) for word in words if word in set(Evidence)), Evidence.DECLARED)
        self.found.measures.append(
            Measure(f"control {place[-1]}", name, place, "control", row.get("type") or None, on, state, known,
                    description=row.get("description", ""), id=row.get("id", ""))
        )  # fmt: skip

    def protected(self, said: str) -> str:
        """The asset, flow or actor of this name or id, or else the zone."""
        known = self.keys.get(said.casefold()) or self.zones.get(said.casefold())
        return known or self.end(said)

    def loss(self, place: Place, row: Mapping[str, str]) -> None:
        part, said, harm = row.get("to", ""), row.get("value", "").lower(), row.get("type", "").lower()
        if said not in set(Severity) or harm not in set(Capability) or not part:
            self.found.omit(
                "loss", place, "it needs “to”, a capability as “type” (read, write, deny) and a severity as “value”"
            )
            return
        about = [word for word in (one_line(row.get("name", "")), row.get("description", "")) if word]
        self.found.harms.append(
            Harm(self.end(part), Capability(harm), Severity(said), place, "loss", "", ": ".join(about))
        )


def key(kind: str, row: Mapping[str, str]) -> str:
    """What a row is called among the elements of its table: by its id, or else by its name."""
    return f"{kind} {(row.get('id') or row.get('name', '')).casefold()}"


def _several(said: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.strip() for one in re.split(r"[,;]", said) if one.strip()))


def _told(words: set[str], what: str) -> bool | None:
    """Whether a flow is said to be so, or not to be; None where nothing is said."""
    if f"not-{what}" in words:
        return False
    return True if what in words else None


IMPORTER = two_stage(ID, "table of a system by the template (CSV, Excel)", sniff, gather, ("*.csv", "*.xlsx"))
