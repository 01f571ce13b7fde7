"""Questions in order: what an answer would change comes before what it would not, and nothing is put before losses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import ActorKind, Capability, Catalogue, Severity
from graphmodel.model.accounts import Answer, Question
from graphmodel.model.system import Actor, Asset, Dependency, Flow, Held, Loss, System, Zone
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
