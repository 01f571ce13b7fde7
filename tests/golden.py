"""The whole output of every command, kept: ``python -m tests.golden`` writes it anew, for a change that means to.

For the shipped examples the output itself is kept, so that a difference can be read in a review; for models
of other projects, which are not part of this one, only its digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, chdir
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from click.testing import CliRunner

from graphmodel.cli.main import main
from graphmodel.knowledge.framework import load_framework

ROOT = Path(__file__).parent.parent
KEPT = Path(__file__).parent / "data" / "golden"
DIGESTS = KEPT / "samples.json"
EXAMPLES = {
    "support-assistant": "customer-records:read",
    "credit-scoring": "decision-engine:write",
    "edge-inspection": "rejector:write",
}
SAMPLES = {
    "threagile/threagile-demo-example.yaml": "load-balancer:deny",
    "threagile/automotive-jeep-demo.yaml": "head-unit:write",
    "tmbom/husky-ai.tmbom.json": "web-service:write",
    "tmbom/cryptocurrency-wallet.tmbom.json": "ds-wallet-data:read",
}
COMMANDS = {
    "check": "check {file}",
    "import": "import {file}",
    "assess": "assess {file}",
    "assess-both": "assess {file} --reach both --draws 0",
    "paths": "paths {file}",
    "paths-target": "paths {file} -k 5 --view target",
    "gaps": "gaps {file}",
    "explain": "explain {file} {asset}",
    "loss": "loss {file} --years 20000",
    "importance": "importance {file}",
    "plan": "plan {file}",
    "plan-budget": "plan {file} --budget 100000 --frontier",
    "plan-break": "plan {file} --break {fact}",
    "attackgraph": "attackgraph {file}",
}
STORED = {"query": "query {file} --saved likely-compromised"}  # what needs the embedded store
DATED = {  # what rests on the answers, on snapshots and on the day, in a folder that has them
    "questionnaire": "questionnaire {file}",
    "posture": "posture {file}",
    "standard": "posture {file} --standard iso-42001-2023",
    "roadmap": "roadmap {file} --budget 100000 --phase spring:2026-06-30:50000 --phase then",
    "tasks": "roadmap {file} --budget 100000 --to csv",
    "diff": "diff {file} later.yaml --old-at 2026-03-31 --at 2026-04-30",
    "history": "history {file}",
    "report": "report {file} -o report.html --for executive --budget 100000 --date 2026-04-30",
    "report-whole": "report {file} -o report.html --budget 100000 --date 2026-04-30",
}
TODAY = "2026-04-30"
SNAPSHOTS = (
    "snapshot {file} --at 2026-03-31 --note before",
    "snapshot later.yaml --answers {answers} -o snapshots --at 2026-04-15 --note after",
)
WITHOUT_JSON = ("import", "tasks", "report", "report-whole")
DIGESTED = ("report-whole",)  # too large to be read in a review
ALONE = {
    "catalogue": "catalogue",
    "markdown": "catalogue --markdown",
    "schema": "schema",
    "queries": "query --list",
    "solve": "solve tests/data/mal/small.json --start web:reach --importance",
}


@dataclass(frozen=True)
class Case:
    """One call of a command; ``file`` is where its output is kept, relative to the folder of all of them."""

    name: str
    folder: Path
    call: str
    digest_only: bool = False  # of other projects, or too large to be read in a review
    needs_store: bool = False
    dated: str = ""  # the example with answers beside it, for what rests on them

    @property
    def file(self) -> Path:
        return KEPT / (self.name + ("" if self.name.endswith(".json") else ".txt"))


def samples() -> Path:
    """Where models of other projects lie, if they do."""
    return Path(os.environ.get("GRAPHMODEL_SAMPLES", ROOT.parent / "shared" / "samples"))


def cases() -> Iterator[Case]:
    """Every call whose output is kept."""
    for name, call in ALONE.items():
        yield Case(name, ROOT, call)
        if name not in ("schema", "markdown"):
            yield Case(f"{name}.json", ROOT, f"{call} --json")
    models = [(f"{one}.yaml", one, fact, ROOT / "examples") for one, fact in EXAMPLES.items()]
    models += [(Path(one).name, one, fact, (samples() / one).parent) for one, fact in SAMPLES.items()]
    for file, model, fact, folder in models:
        for name, pattern in (COMMANDS | STORED).items():
            call = pattern.format(file=file, fact=fact, asset=fact.partition(":")[0])
            for ending, option in (("", ""), (".json", " --json")):
                if not (ending and name in WITHOUT_JSON):
                    yield Case(f"{model}/{name}{ending}", folder, call + option, model in SAMPLES, name in STORED)
    for model in EXAMPLES:
        for name, pattern in DATED.items():
            call = pattern.format(file=f"{model}.yaml")
            yield Case(f"{model}/{name}", ROOT, call, name in DIGESTED, dated=model)
            if name not in WITHOUT_JSON:
                yield Case(f"{model}/{name}.json", ROOT, f"{call} --json", dated=model)


def _dated(model: str, name: str, folder: Path) -> None:
    """An example, the same with one planned control implemented, half of the answers, and two snapshots."""
    text = (ROOT / "examples" / f"{model}.yaml").read_text(encoding="utf-8")
    (folder / f"{model}.yaml").write_text(text, encoding="utf-8")
    (folder / "later.yaml").write_text(text.replace("status: planned", "status: implemented", 1), encoding="utf-8")
    answers = folder / f"{model}.assessment.yaml"
    said = ["met", "partly", "not met", "not applicable"]
    lines = ["graphmodel-answers: 1", "use: {sensitive-data: true, business-facing: true, physical-harm: false}"]
    lines += ["maturity: {MS-5.2.1: 2, GEN-3: {level: 1, owner: Ana, due: 2026-02-28}}", "answers:"]
    for number, item in enumerate(list(load_framework().item_by_id)[::2]):
        more = "reason: none here" if number % 4 == 3 else "owner: Ben, due: 2026-03-01" if number % 4 == 2 else ""
        shown = "evidence: [{reference: WIKI-1, date: 2025-01-01, until: 2026-04-01}]" if number % 8 == 0 else more
        lines.append(f"  {item}: {{{', '.join(filter(None, (f'status: {said[number % 4]}', shown)))}}}")
    answers.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for call in SNAPSHOTS if name.startswith(("history", "report")) else ():
        _printed(call.format(file=f"{model}.yaml", answers=answers.name), folder)


def _printed(call: str, folder: Path) -> tuple[str, str, int]:
    with chdir(folder):
        result = CliRunner().invoke(main, shlex.split(call))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout, result.stderr, result.exit_code


def _of_that_day(case: Case) -> tuple[str, str, int]:
    """What a call prints on a day that is given, with the report that it wrote."""
    with TemporaryDirectory() as directory, ExitStack() as fixed:
        for name in ("posture", "questionnaire", "roadmap"):
            fixed.enter_context(patch.object(import_module(f"graphmodel.cli.{name}"), "today", lambda: TODAY))
        folder = Path(directory)
        _dated(case.dated, case.name.rpartition("/")[2], folder)
        said, wrong, code = _printed(case.call, folder)
        for made in folder.glob("report.*"):
            said += made.read_text(encoding="utf-8")
    return said, wrong, code


def output(case: Case) -> str:
    """What a call prints, how it ends, and, where it says what is wrong, that as well."""
    printed, wrong, code = _of_that_day(case) if case.dated else _printed(case.call, case.folder)
    said = f"$ graphmodel {case.call}\n{printed}"
    said = re.sub(r'"elapsed": [0-9.e-]+', '"elapsed": 0', said)
    if code:
        said += f"exit {code}\n"
    if code == 2 or "check" in case.call.split():  # else standard error has progress only
        said += wrong
    return said


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _keep_in(directory: str) -> None:
    """Work out once what several calls need."""
    os.environ["GRAPHMODEL_CACHE"] = directory


def write(words: list[str]) -> None:
    """Keep the output of the calls whose name holds one of the words; of all without any."""
    digests = json.loads(DIGESTS.read_text()) if DIGESTS.exists() else {}
    chosen = [one for one in cases() if not words or any(word in one.name for word in words)]
    with TemporaryDirectory() as answers, ProcessPoolExecutor(2, initializer=_keep_in, initargs=(answers,)) as pool:
        for case, said in zip(chosen, pool.map(output, chosen), strict=True):
            if case.digest_only:
                digests[case.name] = digest(said)
                if os.environ.get("GOLDEN_SAMPLES"):  # to read what changed: kept elsewhere, never in the tree
                    file = Path(os.environ["GOLDEN_SAMPLES"]) / case.file.relative_to(KEPT)
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(said, encoding="utf-8")
            else:
                case.file.parent.mkdir(parents=True, exist_ok=True)
                case.file.write_text(said, encoding="utf-8")
            print(case.name, flush=True)
    DIGESTS.write_text(json.dumps(digests, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    write(sys.argv[1:])
