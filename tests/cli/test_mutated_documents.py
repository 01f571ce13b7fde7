"""Whatever a document says, every command ends in an answer or in problems with advice, and never in an exception."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.calls import run
from tests.model.test_document import SMALL
from tests.thorough import cases

pytestmark = pytest.mark.slow  # many commands, each on many documents
FEW = ("--worlds", "1000", "--time", "5", "--no-cache")
COMMANDS = (
    ("check",),
    ("assess", "--draws", "0", *FEW),
    ("loss", "--draws", "0", "--years", "1000", *FEW),
    ("paths", *FEW),
    ("gaps", "--json", *FEW),
    ("plan", "--only-model", *FEW),
    ("roadmap", "--only-model", "--to", "csv", *FEW),
    ("posture", "--json", *FEW),
    ("export", "--to", "otm", *FEW),
    ("export", "--to", "csv", *FEW),
    ("questionnaire", *FEW),
    ("attackgraph", "--json"),
    ("catalogue", "--json", "--file"),
)
NUMBERS = (
    0,
    -0.0,
    -1,
    1,
    0.5,
    5e-324,
    1e-300,
    1e18,
    1e308,
    10**400,
    2**53 + 1,
    float("nan"),
    float("inf"),
    [0, 0, 1e18],
)
TEXTS = (
    "",
    " ",
    "\u202ea",
    "a\nb",
    "=1+1",
    "\x1b[2J",
    "\x00",
    "<b>",
    "x" * 290,
    "*",
    "a:read",
    "2027-02-30",
    "low",
    "expert",
)
RICH = yaml.safe_load(SMALL) | {
    "overrides": [{"threat": "direct-prompt-injection", "asset": "agent", "reason": "why", "chance": [0.1, 0.2, 0.3]}]
}
RICH["actors"]["visitor"] |= {"attempts_per_year": [1, 2, 6], "skill": "skilled", "starts": ["app:reach"]}
RICH["controls"]["filter"] |= {"strength": 0.5, "coverage": 0.7, "cost": 100, "evidence_until": "2027-01-01"}
RICH["losses"].append({"fact": "app:deny", "amount": [100, 1000, 5000], "impact": "privacy"})


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield (*path, key)
        yield from places(inner, (*path, key))


def mutated(rng: random.Random) -> Any:
    """A document that is mostly still one: a number for a number, a text for a text, an element once more or gone."""
    value = copy.deepcopy(RICH)
    for _ in range(rng.choice((1, 1, 2))):
        spots = list(places(value))
        inner, path = value, rng.choice(spots)
        for key in path[:-1]:
            inner = inner[key]
        old = inner[path[-1]]
        if isinstance(old, int | float):
            inner[path[-1]] = rng.choice(NUMBERS)
        elif isinstance(old, str):
            inner[path[-1]] = rng.choice((*TEXTS, "agent", "visitor", "inside"))
        elif rng.random() < 0.5 and isinstance(inner, dict):
            inner[rng.choice(TEXTS)] = inner.pop(path[-1])
        elif rng.random() < 0.5:
            del inner[path[-1]]
        else:
            inner[path[-1]] = rng.choice((None, [], {}, [old], 7, "x"))
    return value


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_commands_on_mutated_documents(command: tuple[str, ...], tmp_path: Path) -> None:
    rng, file = random.Random(" ".join(command)), tmp_path / "x.yaml"
    for _ in range(cases(8, 150)):
        text = yaml.safe_dump(mutated(rng), allow_unicode=True, sort_keys=False)
        file.write_text(text)
        name, *options = command
        found = run(name, *options, str(file)) if options[-1:] == ["--file"] else run(name, str(file), *options)
        assert found.exception is None or isinstance(found.exception, SystemExit), text
        assert found.exit_code in (0, 1, 2)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", found.output)
        if found.exit_code == 0:
            assert not re.search(r"(?<![\w-])(nan|inf|NaN|Infinity)(?![\w-])", found.stdout), text
            if "--json" in options:
                json.loads(found.stdout)
