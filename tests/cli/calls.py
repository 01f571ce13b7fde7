"""Calls of the command line, by its runner."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from graphmodel.cli.main import main
from tests.conftest import ROOT

ASSISTANT = str(ROOT / "examples" / "support-assistant.yaml")
CHEAPEST = str(ROOT / "examples" / "edge-inspection.yaml")  # to assess


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def printed(*arguments: str) -> dict:  # type: ignore[type-arg]
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)  # type: ignore[no-any-return]
