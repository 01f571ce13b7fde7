"""Every command prints, to the byte, what was kept; ``python -m tests.golden`` keeps a change that was meant."""

from __future__ import annotations

import json

import pytest

from tests.golden import DIGESTS, KEPT, Case, cases, digest, output, samples

CASES = tuple(cases())


def _marked(case: Case) -> object:
    marks = [pytest.mark.store] if case.needs_store else [pytest.mark.slow]
    return pytest.param(case, marks=marks, id=case.name)


@pytest.mark.parametrize("case", [_marked(one) for one in CASES])
def test_output_is_what_was_kept(case: Case) -> None:
    if not case.is_sample:
        assert output(case) == case.file.read_text(encoding="utf-8"), f"python -m tests.golden {case.name}"
        return
    if not case.folder.is_dir():
        pytest.skip(f"the sample models of other projects are not at {samples()}")
    assert digest(output(case)) == json.loads(DIGESTS.read_text())[case.name], f"python -m tests.golden {case.name}"


def test_nothing_is_kept_that_no_command_prints() -> None:
    kept = {path for path in KEPT.rglob("*") if path.is_file()} - {DIGESTS}
    assert kept == {one.file for one in CASES if not one.is_sample}
    assert set(json.loads(DIGESTS.read_text())) == {one.name for one in CASES if one.is_sample}
