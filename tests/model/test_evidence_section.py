"""The section ``evidence`` of a System document: read and written back, and every mistake in it with its place."""

from __future__ import annotations

import pytest

from graphmodel.knowledge.settings import load_settings
from graphmodel.knowledge.vocabulary import Catalogue, Skill
from graphmodel.model.adding import with_observations
from graphmodel.model.system import Observation, Provenance
from graphmodel.model.writing import write_document
from graphmodel.posture.knowledge import settings_value
from graphmodel.reading.values import days_after
from importers.joining import join
from importers.sameness import Piece
from tests.conftest import read, system
from tests.model.test_document import SMALL

ENTRY = "evidence:\n  spring: {threat: direct-prompt-injection, on: agent, attempts: 40, hits: 3%s}\n"
FULL = (
    Observation(
        "spring", "direct-prompt-injection", "agent", 40, 3, 2, None, ("filter",), "garak", "0.15", "dan", "bot",
        "2027-01-02", "2027-06-30", "By the red team.", Provenance("r.jsonl", "", "garak"),
    ),
    Observation("autumn", "direct-prompt-injection", "agent", 0, 0, 12, controls=()),
    Observation("scan", "service-exploit", "app", findings=0),
)  # fmt: skip


def test_evidence_survives_a_round_trip_and_is_put_into_a_document(catalogue: Catalogue) -> None:
    small = system(SMALL, catalogue)
    written = with_observations(SMALL, FULL)
    assert written.startswith(SMALL)
    found = system(written, catalogue)
    assert found.evidence == FULL
    assert system(write_document(found), catalogue) == found
    changed = with_observations(written, [Observation("scan", "service-exploit", "app", findings=4)])
    assert [one.findings for one in system(changed, catalogue).evidence] == [None, None, 4]
    others = [Piece(str(number), one, True) for number, one in enumerate((small, found, system(changed, catalogue)))]
    joined = join(others, catalogue)
    assert joined.system.evidence == FULL
    assert [one.element for one in joined.conflicts] == ["scan"]


@pytest.mark.parametrize(
    ("entry", "place", "says"),
    [
        (ENTRY % ", errors: -1", "evidence.spring.errors", "-1"),
        (ENTRY % ", date: 2027-02-30", "evidence.spring.date", "no day of the calendar"),
        (ENTRY % ", date: 2027-02-03, until: 2027-01-01", "evidence.spring.until", "ends before the day of the test"),
        (ENTRY % ", controls: [filtr]", "evidence.spring.controls[0]", "there is no control “filtr”"),
        (ENTRY % ", findings: 2", "evidence.spring", "in one"),
        (ENTRY.replace("hits: 3", "hits: 41") % "", "evidence.spring.hits", "41 hits in 40 attempts"),
        (ENTRY.replace("on: agent", "on: agnt") % "", "evidence.spring.on", "there is no asset “agnt”"),
        (ENTRY.replace("direct-prompt", "prompt") % "", "evidence.spring.threat", "prompt-injection"),
        (ENTRY.replace("attempts: 40, hits: 3", "attempts: 0") % "", "evidence.spring", "says nothing"),
        (ENTRY.replace("attempts: 40, hits: 3", "tool: x") % "", "evidence.spring", "attempts"),
    ],
)
def test_what_is_wrong_with_evidence_is_told_at_its_place(
    catalogue: Catalogue, entry: str, place: str, says: str
) -> None:
    found = [one for one in read(SMALL + entry, catalogue).problems if one.path.startswith("evidence")]
    assert [(one.path, bool(one.fix)) for one in found] == [(place, True)]
    assert says in found[0].message


def test_days_stay_in_the_calendar() -> None:
    assert days_after("2027-01-31", 30) == "2027-03-02"
    assert days_after("9999-12-01", 100) == "9999-12-31"


def test_the_rule_of_tests_is_a_users_and_reads_back_as_it_is_written() -> None:
    own = b"tests: {prior_prompts: 4, valid_days: 30, attempts: {expert: 1000}}"
    found, problems = load_settings(own)
    assert problems == ()
    assert (found.tests.prior_prompts, found.tests.valid_days, found.tests.least_prompts) == (4, 30, 10)
    assert found.tests.attempts == {Skill.NOVICE: 1, Skill.SKILLED: 10, Skill.EXPERT: 1000}
    again, problems = load_settings(repr(settings_value(found)["tests"]).join(("{tests: ", "}")).encode())
    assert problems == ()
    assert again.tests == found.tests


@pytest.mark.parametrize(
    ("own", "place"),
    [
        (b"tests: {prior_prompts: 0}", "tests.prior_prompts"),
        (b"tests: {least_prompts: 2.5}", "tests.least_prompts"),
        (b"tests: {shown: 2}", "tests.shown"),
        (b"tests: {attempts: {skilled: 0}}", "tests.attempts.skilled"),
        (b"tests: {attempts: 7}", "tests.attempts"),
        (b"tests: {prior: 7}", "tests.prior"),
    ],
)
def test_a_rule_that_is_wrong_is_reported_and_the_shipped_one_used(own: bytes, place: str) -> None:
    found, problems = load_settings(own)
    assert [one.path for one in problems] == [place]
    assert found.tests == load_settings()[0].tests
