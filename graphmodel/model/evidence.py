"""What is wrong with the evidence of a description: counts that cannot be, days that are none, names of nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.findings import Finding, Sought, missing, unknown
from graphmodel.model.system import Observation, System
from graphmodel.reading.values import Place, is_day


def check_evidence(system: System, catalogue: Catalogue, declared: Collection[str]) -> Iterator[Finding | Sought]:
    """Everything wrong or odd about the tests and scans of a system, each on its own."""
    for one in system.evidence:
        place: Place = ("evidence", one.id)
        if one.threat not in catalogue.patterns:
            yield unknown((*place, "threat"), "threat", one.threat, catalogue)
        if one.on not in system.asset_by_id and one.on not in declared:
            yield missing((*place, "on"), "asset", one.on, system.asset_by_id)
        for number, control in enumerate(one.controls or ()):
            if control not in system.control_by_id and control not in declared:
                yield missing((*place, "controls", number), "control", control, system.control_by_id)
        yield from _counts(one, place)
        for field, day in (("date", one.date), ("until", one.until)):
            if day and not is_day(day):
                yield Finding("error", (*place, field), f"“{day}” is no day of the calendar.", "Correct the date.")
        if is_day(one.date) and is_day(one.until) and one.until < one.date:
            message = "the evidence ends before the day of the test."
            yield Finding("error", (*place, "until"), message, "Correct one of the two dates.")


def _counts(one: Observation, place: Place) -> Iterator[Finding]:
    if one.hits > one.attempts:
        message = f"there are {one.hits:,} hits in {one.attempts:,} attempts."
        yield Finding("error", (*place, "hits"), message, "Count prompts in both, each of them once.")
    if one.findings is not None and one.attempts:
        message = "this is a test with attempts and a scan with findings in one."
        yield Finding("error", place, message, "Make two entries of it: what is found is no trial.")
    elif one.findings is None and not one.attempts + one.errors:
        yield Finding("warning", place, "nothing was tried, so this says nothing.", "Take it out.")
