"""Whose part of the questionnaire is which, and how far it is."""

from __future__ import annotations

from graphmodel.knowledge.framework import load_framework
from graphmodel.posture.answers import Acceptance, Answer, Answers, AnswerStatus, Claim, Level, Proof
from graphmodel.posture.derived import Observed
from graphmodel.posture.maturity import AreaState, states
from graphmodel.posture.questionnaire import (
    Wanted,
    also_on_record,
    graph_says,
    owners,
    parts,
    progress_by_owner,
    progress_by_role,
    progress_of_all,
)

FRAMEWORK = load_framework()
ITEMS = list(FRAMEWORK.items())
FIRST, SECOND = ITEMS[:2]


def areas(*said: Answer | Level) -> tuple[AreaState, ...]:
    answers = Answers(
        FRAMEWORK.id,
        answers={one.item: one for one in said if isinstance(one, Answer)},
        levels={one.requirement: one for one in said if isinstance(one, Level)},
    )
    observed = {SECOND.id: Observed(AnswerStatus.PARTLY, ("filter",), ("index",))}
    return states(FRAMEWORK, answers, observed, {one.id: 3 for one in FRAMEWORK.controls()})


def ids(found: tuple[AreaState, ...], wanted: Wanted) -> list[str]:
    return [item.item.id for part in parts(found, wanted) for item in part.items]


def test_everything_is_wanted_where_nothing_is_said() -> None:
    assert ids(areas(), Wanted()) == [one.id for one in ITEMS]
    assert all(part.level for part in parts(areas(), Wanted()))


def test_a_role_has_its_items_and_the_levels_of_its_requirements() -> None:
    role = FIRST.roles[0]
    assert ids(areas(), Wanted(role=role)) == [one.id for one in ITEMS if role in one.roles]
    for part in parts(areas(), Wanted(role=role)):
        assert part.level == (role in part.state.requirement.roles)


def test_an_item_belongs_to_the_owner_of_its_answer_or_else_of_its_requirement() -> None:
    found = areas(Level(FIRST.requirement, 2, owner="Ben"), Answer(FIRST.id, owner="Ana"))
    assert owners(found) == ("Ana", "Ben", "")
    assert ids(found, Wanted(owner="Ana")) == [FIRST.id]
    assert SECOND.id in ids(found, Wanted(owner="Ben"))
    assert FIRST.id not in ids(found, Wanted(owner=""))
    assert sum(one.items for one in progress_by_owner(found)) == len(ITEMS)


def test_what_is_open_is_what_nobody_answered_whatever_the_graph_says() -> None:
    found = areas(Answer(FIRST.id, AnswerStatus.NOT_MET), Answer(SECOND.id, owner="Ana"))
    assert ids(found, Wanted(open_only=True)) == [one.id for one in ITEMS if one is not FIRST]
    whole = progress_of_all(found)
    assert (whole.items, whole.answered, whole.observed) == (len(ITEMS), 1, 1)
    by_role = {one.key: one for one in progress_by_role(found)}
    assert all(by_role[role].answered == 1 for role in FIRST.roles)


def test_the_graph_and_the_record_in_words() -> None:
    assert graph_says(None) == "nothing"
    assert graph_says(Observed(AnswerStatus.PARTLY, ("filter",), ("index",))) == "partly, by filter; nothing at index"
    assert graph_says(Observed(AnswerStatus.MET, ("a",), ())) == "met, by a"
    answer = Answer(
        FIRST.id,
        evidence=(Proof("A"), Proof("B")),
        controls=(Claim("data-validation", ("chat-api",)),),
        accepted=Acceptance("Ana", "because", "2027-01-01"),
    )
    said = "data-validation on chat-api; risk accepted by Ana until 2027-01-01; further evidence: B"
    assert also_on_record(answer) == said
    assert also_on_record(None) == ""
