"""Three hands and a document: what is taken, what stays, and what nobody settles but people."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from graphmodel.knowledge.framework import load_framework
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import Provenance
from graphmodel.posture.answers import Acceptance, Answer, Answers, AnswerStatus, Claim, Level, Proof
from graphmodel.posture.answers_document import read_answers
from graphmodel.posture.answers_writing import with_changes
from graphmodel.posture.merging import Entered, Merged, merge, normal, values
from graphmodel.reading.yaml_text import read_yaml
from tests.conftest import ROOT

FRAMEWORK = load_framework()
FIRST, SECOND = list(FRAMEWORK.item_by_id)[:2]
REQUIREMENT = next(iter(FRAMEWORK.control_by_id))


def answers(*said: Answer | Level, extends: str = "") -> Answers:
    return Answers(
        FRAMEWORK.id,
        extends=extends,
        answers={one.item: one for one in said if isinstance(one, Answer)},
        levels={one.requirement: one for one in said if isinstance(one, Level)},
    )


def entered(about: str, field: str, base: str, value: str, file: str = "ana.xlsx") -> Entered:
    return Entered((about, field), (value,), (base,), file, ("Answers!H2",))


def merged(now: Answers, *given: Entered) -> Merged:
    return merge(now, FRAMEWORK, given)


def test_what_nobody_touched_stays_as_it_is_now() -> None:
    now = answers(Answer(FIRST, AnswerStatus.MET))
    assert merged(now, entered(FIRST, "status", "", "")) == Merged()
    assert merged(now, entered(FIRST, "status", "met", "met")) == Merged()


def test_what_one_changed_and_nobody_else_is_taken() -> None:
    found = merged(answers(Answer(FIRST, AnswerStatus.MET, owner="Ana")), entered(FIRST, "status", "met", "partly"))
    assert found.answers == (Answer(FIRST, AnswerStatus.PARTLY, owner="Ana"),)
    assert [(one.key, one.before, one.after) for one in found.changes] == [((FIRST, "status"), ("met",), ("partly",))]
    assert not found.conflicts


def test_what_was_changed_on_both_sides_is_a_conflict_and_is_not_taken() -> None:
    source = Provenance("a.yaml", "answers.x, line 4")
    now = answers(Answer(FIRST, AnswerStatus.MET, source=source))
    found = merged(now, entered(FIRST, "status", "", "partly"), entered(FIRST, "owner", "", "Ana"))
    (conflict,) = found.conflicts
    assert (conflict.key, conflict.now, conflict.changed) == ((FIRST, "status"), ("met",), True)
    assert conflict.place == "a.yaml, answers.x, line 4"
    assert found.answers == (Answer(FIRST, AnswerStatus.MET, owner="Ana", source=source),)


def test_the_same_change_on_both_sides_is_nothing_to_do() -> None:
    now = answers(Answer(FIRST, AnswerStatus.MET))
    assert merged(now, entered(FIRST, "status", "", "met")) == Merged()


def test_two_who_agree_are_one_change_and_two_who_do_not_a_conflict() -> None:
    ana, ben = (entered(FIRST, "status", "", "met", file) for file in ("ana.xlsx", "ben.xlsx"))
    (change,) = merged(answers(), ana, ben).changes
    assert [one.file for one in change.by] == ["ana.xlsx", "ben.xlsx"]
    found = merged(answers(), ana, replace(ben, value=("partly",)))
    assert not found.changes
    assert not found.answers
    assert [one.file for one in found.conflicts[0].by] == ["ana.xlsx", "ben.xlsx"]
    assert not found.conflicts[0].changed


def test_what_a_workbook_cannot_hold_stays() -> None:
    before = Answer(
        FIRST,
        AnswerStatus.MET,
        evidence=(Proof("A", "2026-01-01"), Proof("B")),
        controls=(Claim("data-validation", ("*",)),),
        accepted=Acceptance("Ana", "because"),
    )
    proof = Entered((FIRST, "evidence"), ("C", "", ""), ("A", "2026-01-01", ""), "ana.xlsx", ("Answers!K2",))
    found = merged(answers(before), proof)
    assert found.answers == (replace(before, evidence=(Proof("C"), Proof("B"))),)
    assert merged(answers(before), replace(proof, value=("", "", ""))).answers[0].evidence == (Proof("B"),)


def test_the_evidence_of_two_hands_is_never_mixed() -> None:
    one = Entered((FIRST, "evidence"), ("A", "", ""), ("", "", ""), "ana.xlsx", ("Answers!K2",))
    other = Entered((FIRST, "evidence"), ("", "2026-01-01", ""), ("", "", ""), "ben.xlsx", ("Answers!L2",))
    found = merged(answers(), one, other)
    assert len(found.conflicts) == 1
    assert not found.answers


def test_a_date_without_evidence_is_an_error_at_its_cell() -> None:
    one = Entered((FIRST, "evidence"), ("", "2026-01-01", ""), ("", "", ""), "ben.xlsx", ("Answers!L2",))
    (problem,) = merged(answers(), one).problems
    assert (problem.file, problem.path) == ("ben.xlsx", "Answers!L2")


def test_not_applicable_needs_a_reason_and_waits_for_one_in_conflict() -> None:
    status = entered(FIRST, "status", "", "not applicable")
    (problem,) = merged(answers(), status).problems
    assert "reason" in problem.message
    found = merged(answers(), status, entered(FIRST, "reason", "", "a"), entered(FIRST, "reason", "", "b", "ben.xlsx"))
    assert not found.problems
    assert not found.answers
    assert [one.key for one in found.withheld] == [(FIRST, "status")]
    assert merged(answers(), status, entered(FIRST, "reason", "", "a")).answers == (
        Answer(FIRST, AnswerStatus.NOT_APPLICABLE, "a"),
    )


def test_levels_are_merged_as_answers_are() -> None:
    now = answers(Level(REQUIREMENT, 2))
    found = merged(now, entered(REQUIREMENT, "level", "2", "3"), entered(REQUIREMENT, "target", "", "4"))
    assert found.levels == (Level(REQUIREMENT, 3, 4),)
    assert merged(now, entered(REQUIREMENT, "level", "1", "3")).conflicts


def test_an_answer_of_the_organisation_cannot_be_emptied_here() -> None:
    now = answers(Answer(FIRST, AnswerStatus.MET), extends="shared.yaml")
    (problem,) = merged(now, entered(FIRST, "status", "met", "")).problems
    assert "extend" in problem.message
    assert merged(answers(Answer(FIRST, AnswerStatus.MET)), entered(FIRST, "status", "met", "")).answers == (
        Answer(FIRST),
    )


WORDS = st.sampled_from(["", "met", "partly", "not met"])


@given(now=WORDS, sides=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=3))
def test_the_order_of_workbooks_changes_nothing_and_nothing_is_lost_silently(
    now: str, sides: list[tuple[str, str]]
) -> None:
    held = answers(Answer(FIRST, AnswerStatus(now) if now else None), Answer(SECOND, AnswerStatus.MET))
    given = [entered(FIRST, "status", base, value, f"{number}.xlsx") for number, (base, value) in enumerate(sides)]
    found = [merged(held, *order) for order in permutations(given)]
    assert len({(one.answers, len(one.conflicts)) for one in found}) == 1
    (result, touched) = found[0], {value for base, value in sides if value != base}
    if result.changes:
        assert touched == {result.changes[0].after[0]}
        assert any(base == now for base, value in sides if value != base)
    elif not result.conflicts:
        assert touched <= {now}


@given(st.text())
def test_a_text_as_a_cell_keeps_it_can_be_kept_again(text: str) -> None:
    assert normal(normal(text)) == normal(text)


def test_every_field_can_be_given_out() -> None:
    found = values(answers(Answer(FIRST, AnswerStatus.MET, due="2027-01-31"), Level(REQUIREMENT, 2)), FRAMEWORK)
    assert found[FIRST, "due"] == ("2027-01-31",)
    assert found[REQUIREMENT, "level"] == ("2",)
    others = 5 * len(FRAMEWORK.control_by_id) + len(FRAMEWORK.facts)
    assert len(found) == 6 * len(FRAMEWORK.item_by_id) + others


def test_the_answers_of_the_page_are_sound_and_can_be_changed(catalogue: Catalogue) -> None:
    page = (ROOT / "docs" / "assessment.md").read_text(encoding="utf-8")
    (document,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    found, problems = read_answers(read_yaml(document.encode(), "shop.assessment.yaml"), FRAMEWORK, catalogue)
    assert problems == ()
    assert found is not None
    item = next(iter(found.answers))
    assert values(found, FRAMEWORK)[item, "evidence"] == ("WIKI-12", "2026-05-01", "2027-05-01")
    result = merged(found, entered(item, "due", "2027-01-31", "2027-02-28"))
    text = with_changes(document, FRAMEWORK, result.answers, result.levels)
    again, problems = read_answers(read_yaml(text.encode(), "shop.assessment.yaml"), FRAMEWORK, catalogue)
    assert problems == ()
    assert again is not None
    after = {item: replace(found.answers[item], due="2027-02-28")}
    assert {key: replace(one, source=None) for key, one in again.answers.items()} == {
        key: replace(one, source=None) for key, one in {**found.answers, **after}.items()
    }
    assert "# answers that hold for all systems" in text
