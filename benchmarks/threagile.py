"""automotive-threagile's analyser of attack paths on Threagile models, beside our paths in the same models.

It is not on PyPI: clone github.com/HomeAutobots/automotive-threagile, and name the file of its analyser with
``--threagile``. It ranks one shortest path for each pair of entry and target by bands of its own, and counts
simple paths of up to eight hops by listing them all, so its cost is what can be compared, not its numbers.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from benchmarks.harness import child, seconds, two
from benchmarks.model import Scale, Section, Table
from graphmodel.assessment.cases import graph_in
from graphmodel.engine.likelihood import Options
from graphmodel.engine.paths import PathFinder
from graphmodel.workspace import open_model

_K = 5


def model(assets: int) -> str:
    """A Threagile model: rows of services in front of databases that are tagged as what is to be protected."""
    found: dict[str, object] = {}
    data = {"records": {"id": "records", "description": "", "usage": "business", "quantity": "many",
                        "confidentiality": "confidential", "integrity": "critical", "availability": "critical",
                        "justification_cia_rating": ""}}  # fmt: skip
    boundary: list[str] = []
    for number in range(assets):
        store = number % 10 == 9
        links = {}
        for step in (1, 3, 7):
            other = number + step
            if other < assets and not store:
                links[f"to {other}"] = {
                    "target": f"a{other}", "description": "", "protocol": "https", "authentication": "none",
                    "authorization": "none", "tags": [], "vpn": False, "ip_filtered": False, "readonly": False,
                    "usage": "business", "data_assets_sent": ["records"], "data_assets_received": ["records"],
                }  # fmt: skip
        found[f"Asset {number}"] = {
            "id": f"a{number}", "description": "", "type": "datastore" if store else "process", "usage": "business",
            "used_as_client_by_human": False, "out_of_scope": False, "justification_out_of_scope": "",
            "size": "component", "technology": "database" if store else "web-service-rest",
            "tags": ["safety-critical"] if store else [], "internet": number == 0, "machine": "virtual",
            "encryption": "none", "owner": "", "confidentiality": "confidential", "integrity": "critical",
            "availability": "critical", "justification_cia_rating": "", "multi_tenant": False, "redundant": False,
            "custom_developed_parts": True, "data_assets_processed": ["records"],
            "data_assets_stored": ["records"] if store else [], "data_formats_accepted": ["json"],
            "communication_links": links,
        }  # fmt: skip
        boundary.append(f"a{number}")
    value = {
        "threagile_version": "1.0.0", "title": "Bench", "date": "2026-01-01",
        "author": {"name": "bench", "homepage": ""}, "business_criticality": "important",
        "tags_available": ["safety-critical"], "data_assets": data, "technical_assets": found,
        "trust_boundaries": {"Net": {"id": "net", "description": "", "type": "network-cloud-provider", "tags": [],
                                     "technical_assets_inside": boundary, "trust_boundaries_nested": []}},
        "shared_runtimes": {}, "individual_risk_categories": {}, "risk_tracking": {},
    }  # fmt: skip
    return yaml.safe_dump(value, sort_keys=False)


def theirs(analyser: str, assets: int) -> float:
    """Seconds of the analyser as a program, less those that it needs for a model of one asset."""

    def run(count: int) -> float:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "threagile.yaml"
            file.write_text(model(count), encoding="utf-8")
            start = time.perf_counter()
            command = [sys.executable, analyser, str(file), "--out", str(Path(folder) / "out.yaml")]
            subprocess.run(command, check=True, capture_output=True)
            return time.perf_counter() - start

    return run(assets) - run(1)


def ours(assets: int) -> tuple[float, int]:
    """Seconds to read and assess the model and to rank the best paths to its databases, and the number of facts."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "threagile.yaml"
        file.write_text(model(assets), encoding="utf-8")
        start = time.perf_counter()
        assessment = open_model(file).assess(options=Options(worlds=10_000))
        worst = assessment.worst_actor
        if worst is None:
            raise ValueError("the model has no attacker")
        graph = graph_in(assessment, worst.actor.id)
        system = assessment.compiled.system
        targets = [one for one in graph.losses if "safety-critical" in system.asset_by_id[one.partition(":")[0]].tags]
        finder = PathFinder(graph)
        for fact in targets:
            finder.best(fact, _K)
        return time.perf_counter() - start, len(targets)


def section(scale: Scale) -> Section:
    """The table, or why there is none."""
    rows = []
    for assets in (10,) if scale.quick else (10, 20, 40, 100, 1_000):
        mine = child(ours, assets, limit=scale.limit)
        said = f"{seconds(mine.value[0])} ({mine.value[1]} facts)" if mine.value else f"**fails**: {mine.failure}"
        if not scale.threagile:
            rows.append((f"{assets:,}", said, "not run: its analyser was not given", "–"))
            continue
        other = child(theirs, str(Path(scale.threagile).resolve()), assets, limit=scale.limit)
        if other.value is None:
            rows.append((f"{assets:,}", said, f"fails: {other.failure}", "–"))
        else:
            ratio = two(other.value / mine.value[0]) if mine.value else "–"
            rows.append((f"{assets:,}", said, seconds(max(0.0, other.value)), ratio))
    about = (
        f"Ours: the model is read, assessed with 10,000 worlds, and the {_K} best paths to each fact of the databases "
        "are ranked by chance. Theirs: all simple paths of up to eight hops to each database are counted, and the "
        "shortest is ranked by band."
    )
    table = Table("Threagile models", about, ("assets", "ours", "automotive-threagile", "ours = 1"), tuple(rows))
    return Section("Threagile models", __doc__ or "", (table,))
