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
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner

from graphmodel.cli.main import main

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
WITHOUT_JSON = ("import",)
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
    is_sample: bool = False
    needs_store: bool = False

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


def output(case: Case) -> str:
    """What a call prints, how it ends, and, where it says what is wrong, that as well."""
    with chdir(case.folder):
        result = CliRunner().invoke(main, shlex.split(case.call))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    said = f"$ graphmodel {case.call}\n{result.stdout}"
    said = re.sub(r'"elapsed": [0-9.e-]+', '"elapsed": 0', said)
    if result.exit_code:
        said += f"exit {result.exit_code}\n"
    if result.exit_code == 2 or "check" in case.call.split():  # else standard error has progress only
        said += result.stderr
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
            if case.is_sample:
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
