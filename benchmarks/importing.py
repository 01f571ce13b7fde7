"""Large files of other tools: ours reads them to a typed system with an account; peers read them to their own objects.

Ours does more than a peer: it types every element, ties the ends of relations, and says of each what became of it.
There are few peers, since most formats have no library that reads them; where there is none, ours stands alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from benchmarks.harness import Timing, child, repeat, seconds, size, two
from benchmarks.model import Scale, Section, Table
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from importers.registry import read
from importers.source import Source


def _other(number: int, count: int) -> int:
    """Where the relation of a part leads: spread over all parts, none to itself."""
    return (number * 7 + 1) % count if count > 1 and (number * 7 + 1) % count != number else (number + 1) % count


def cyclonedx(half: int) -> str:
    components = [
        {"type": "library", "name": f"l{n}", "version": "1", "bom-ref": f"r{n}", "purl": f"pkg:npm/l{n}@1"}
        for n in range(half)
    ]
    ends = [{"ref": f"r{n}", "dependsOn": [f"r{_other(n, half)}"]} for n in range(half)]
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components, "dependencies": ends})


def stix(half: int) -> str:
    """With identifiers as the specification has them, which the peer insists on."""
    when = {"spec_version": "2.1", "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z"}
    ids = [f"00000000-0000-4000-8000-{n:012x}" for n in range(half)]
    parts = [
        {"type": "infrastructure", "id": f"infrastructure--{ids[n]}", "name": f"n{n}", **when} for n in range(half)
    ]
    links = [
        {"type": "relationship", "id": f"relationship--{ids[n]}", "relationship_type": "communicates-with",
         "source_ref": f"infrastructure--{ids[n]}", "target_ref": f"infrastructure--{ids[_other(n, half)]}", **when}
        for n in range(half)
    ]  # fmt: skip
    return json.dumps({"type": "bundle", "id": f"bundle--{ids[0]}", "objects": parts + links})


def otm(half: int) -> str:
    parts = [{"id": f"c{n}", "name": f"c{n}", "type": "web-service", "parent": {"trustZone": "z"}} for n in range(half)]
    links = [{"id": f"d{n}", "name": "d", "source": f"c{n}", "destination": f"c{_other(n, half)}"} for n in range(half)]
    zone = {"id": "z", "name": "Z", "risk": {"trustRating": 10}}
    return json.dumps(
        {"otmVersion": "0.2.0", "project": {"name": "x", "id": "x"}, "trustZones": [zone], "components": parts,
         "dataflows": links}
    )  # fmt: skip


def mermaid(half: int) -> str:
    return "flowchart LR\n" + "\n".join(f"n{n}[p{n}] --> n{_other(n, half)}" for n in range(half))


def compose(half: int) -> str:
    lines = [f'  s{n}: {{image: "ollama/ollama:{n}", depends_on: [s{_other(n, half)}]}}' for n in range(half)]
    return "services:\n" + "\n".join(lines)


def terraform(half: int) -> str:
    names = [f"aws_lambda_function.f{n}" for n in range(half)]
    planned = [
        {"address": one, "mode": "managed", "type": "aws_lambda_function", "name": one[20:], "values": {}}
        for one in names
    ]
    wired = [
        {"address": one, "mode": "managed", "type": "aws_lambda_function", "name": one[20:],
         "expressions": {"layers": {"references": [names[_other(n, half)]]}}}
        for n, one in enumerate(names)
    ]  # fmt: skip
    return json.dumps(
        {"format_version": "1.2", "terraform_version": "1.9.0",
         "planned_values": {"root_module": {"resources": planned}},
         "configuration": {"root_module": {"resources": wired}}}
    )  # fmt: skip


FILES: dict[str, Callable[[int], str]] = {
    "CycloneDX": cyclonedx, "STIX 2.1": stix, "OTM": otm, "Mermaid": mermaid, "Docker Compose": compose,
    "Terraform plan": terraform,
}  # fmt: skip


def ours(name: str, half: int) -> tuple[Timing, int]:
    """The time to read the file, and how many parts there are in what came of it; what is loaded once is loaded."""
    data = FILES[name](half).encode()
    catalogue = load_catalogue()[0]
    table = load_typing(catalogue)[0]
    read(Source(FILES[name](2).encode(), "x"), catalogue, table)
    timing, found = repeat(lambda: read(Source(data, "x"), catalogue, table))
    return timing, len(found.system.assets)


def with_cyclonedx(half: int) -> tuple[Timing, int]:
    """cyclonedx-python-lib: the bill as its objects, components and dependencies tied."""
    from cyclonedx.model.bom import Bom

    data = cyclonedx(half)
    reader: Any = Bom
    timing, bom = repeat(lambda: reader.from_json(json.loads(data)))
    return timing, len(bom.components)


def with_stix(half: int) -> tuple[Timing, int]:
    """The library of OASIS: the bundle as its objects, each checked by the specification."""
    import stix2

    data = stix(half)
    timing, bundle = repeat(lambda: stix2.parse(data))
    return timing, sum(one.type == "infrastructure" for one in bundle.objects)


PEERS: dict[str, tuple[str, Callable[[int], tuple[Timing, int]]]] = {
    "CycloneDX": ("cyclonedx-python-lib", with_cyclonedx),
    "STIX 2.1": ("stix2 (OASIS)", with_stix),
}


def section(scale: Scale) -> Section:
    """The table; half of the elements of each file are parts, the others relations of them."""
    rows = []
    for name in FILES:
        for elements in (2_000,) if scale.quick else (2_000, 20_000, 100_000):
            mine = child(ours, name, elements // 2, limit=3 * scale.limit)
            said = f"{mine.value[0]}" if mine.value else f"**fails**: {mine.failure}"
            label, peer = PEERS.get(name, ("", None))
            row = [name, f"{elements:,}", said, size(mine.peak)]
            if peer is None:
                rows.append((*row, "none", "–", "–"))
                continue
            other = child(peer, elements // 2, limit=3 * scale.limit)
            if other.value is None or mine.value is None:
                rows.append((*row, label, f"fails: {other.failure}" if other.value is None else "–", "–"))
                continue
            same = other.value[1] == mine.value[1]
            ratio = two(other.value[0].median / mine.value[0].median) if same else "other parts"
            rows.append((*row, label, f"{seconds(other.value[0].median)}", ratio))
    about = (
        "Seconds to read a file whose elements are parts and relations in equal number, from its bytes. The ratio is "
        "the peer's time to ours, given only where both found the same number of parts."
    )
    columns = ("format", "elements", "ours", "memory, ours", "peer", "peer's time", "ours = 1")
    return Section("Large files of other tools", __doc__ or "", (Table("Reading", about, columns, tuple(rows)),))
