"""Questions in order: what an answer would change comes before what it would not, and nothing is put before losses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import ActorKind, Capability, Catalogue, Severity
from graphmodel.model.accounts import MOST_MOVED, Answer, Question
from graphmodel.model.system import Actor, Asset, Dependency, Flow, Held, Loss, System, Zone
from graphmodel.outputs.text.importing import moved_text
from graphmodel.posture.asking import weighed

LOSS = Loss(Held("mail", Capability.READ), Severity.HIGH)
SYSTEM = System(
    "s",
    "S",
    zones=(Zone("z", "Z"),),
    assets=(
        Asset("app", "App", "Application", zone="z"),
        Asset("idle", "Idle", "Application"),
        Asset("mail", "Mail", "BusinessData"),
        Asset("key", "Key", "Secret"),
        Asset("key-2", "Key", "Secret"),
    ),
    actors=(Actor("user", "User", ActorKind.OUTSIDER, starts=(Held("app", Capability.CONNECT),)),),
    flows=(Flow("f", "mail", "app"),),
    dependencies=(
        Dependency("app", "usesSecret", "key"),
        Dependency("key-2", "unlocks", "mail"),
    ),
)
STAKE = Question("", "What is at stake?", first=True)
IDLE = Question("idle", "What is it?", (Answer("type", "idle", "Agent"),))
ZONE = Question("z", "How far trusted?", (Answer("trust", "z", "0"), Answer("trust", "z", "10")))
SAME = Question("key", "One key?", (Answer("same", "key", "key-2"),))
NOBODY = Question("", "Which profile?")


@pytest.mark.parametrize("losses", [(), (LOSS,)])
def test_what_moves_the_loss_is_asked_first(catalogue: Catalogue, settings: Settings, losses: tuple[Loss, ...]) -> None:
    found = weighed([ZONE, IDLE, NOBODY, SAME, STAKE], replace(SYSTEM, losses=losses), catalogue, settings)
    asked = [one.question for one in found]
    assert asked[:3] == [STAKE, SAME, NOBODY]  # the key that the application has opens the mail
    moved = {one.question: one.moves for one in found}
    assert moved[STAKE] is None and moved[NOBODY] is None and moved[ZONE] == 0
    assert moved[SAME] is not None and moved[SAME] > 0.05
    assert moved[IDLE] == 0  # nobody comes to it, whatever it is


def test_without_an_actor_somebody_is_at_what_faces_the_outside(catalogue: Catalogue, settings: Settings) -> None:
    alone = replace(SYSTEM, actors=())
    kind = Question("app", "What is it?", (Answer("type", "app", "Agent"), Answer("type", "app", "NoSuchType")))
    (found,) = weighed([kind], alone, catalogue, settings)
    assert found.moves is not None and found.moves > 0
    (about,) = weighed([Question("app", "Who signs in?")], alone, catalogue, settings)
    assert about.moves is not None and about.moves > 0.5  # most hangs on it


def test_of_two_that_move_the_loss_the_one_that_moves_it_more_comes_first(
    catalogue: Catalogue, settings: Settings
) -> None:
    who = Question("app", "Who signs in?")
    orders = [weighed(one, SYSTEM, catalogue, settings) for one in ([who, SAME], [SAME, who])]
    assert orders[0] == orders[1]
    first, second = (one.moves for one in orders[0])
    assert first is not None and second is not None and first > second > 0


def test_what_comes_out_of_nothing_is_tenfold_and_more(catalogue: Catalogue, settings: Settings) -> None:
    (found,) = weighed([SAME], replace(SYSTEM, losses=(LOSS,)), catalogue, settings)
    assert found.moves == MOST_MOVED
    assert moved_text(found.moves) == "[moves it tenfold and more]"
    assert moved_text(0.25) == "[moves it by 25%]"
