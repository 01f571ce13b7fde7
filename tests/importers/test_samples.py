"""Models that real projects published, where they are at hand: each is read, and tells what is in it."""

from __future__ import annotations

import pytest

from graphmodel.assessment.paths import choke_points, find_targets, paths_to, route_of
from graphmodel.assessment.results import HARMS
from graphmodel.workspace import model_from_bytes
from tests.golden import samples

SAMPLES = samples()
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample models of other projects are not here")


@needs_samples
def test_husky_ai_shows_its_poisoning_path() -> None:
    path = SAMPLES / "tmbom" / "husky-ai.tmbom.json"
    model = model_from_bytes(path.read_bytes(), path.name)
    assert model.usable
    system = model.system
    assert system is not None
    assert (len(system.assets), len(system.flows), len(system.controls)) == (
        25,
        20,
        27,
    )  # 22 controls of the file, and 5 stores that are declared to be encrypted
    text = "\n".join(map(str, model.problems))
    for odd in (
        "api-keys-storage",
        "secret-keys-storage",
        "the actor “user” is not declared",
        "“bastion” is a component",
    ):
        assert odd in text
    assessment = model.assess()
    (best,) = paths_to(assessment, "intruder-at-azure-cognitive-services", "web-service:write", 1)
    assert route_of(assessment, best) == (
        "azure-cognitive-services",
        "gather-images",
        "training-images-blob",
        "jupyter",
        "stored-ml-models",
        "web-service",
    )
    registry = paths_to(assessment, "intruder-at-azure-cognitive-services", "ml-models-blob:write", 1)
    assert route_of(assessment, registry[0])[-2:] == ("jupyter", "ml-models-blob")


@needs_samples
def test_jeep_demo_gives_three_paths_and_one_choke_point_when_links_are_read_both_ways() -> None:
    from graphmodel.binding.relations import Reach

    path = SAMPLES / "threagile" / "automotive-jeep-demo.yaml"
    model = model_from_bytes(path.read_bytes(), path.name)
    both = model.assess(Reach.BOTH)
    targets = find_targets(both, "tag:safety-critical")
    routes = {route_of(both, paths_to(both, "internet-attacker", target, 1)[0]) for target in targets}
    ends = {"brake-ecu", "steering-ecu", "transmission-ecu"}
    assert routes == {("head-unit", "can-bridge", end) for end in ends}
    assert choke_points(both, "internet-attacker", targets) == ("can-bridge",)
    data = model.assess(Reach.DATA)
    # The way the data go, nothing is left but telemetry with something planted in it, which then breaks what parses it.
    for fact in (f"{end}:{harm}" for end in ends for harm in HARMS):
        for path_there in paths_to(data, "internet-attacker", fact, 3):
            assert path_there.chance < 2e-4
            planted = ("tampering-in-transit:", "content-in-logs:")
            assert any(step.id.startswith(planted) for step in path_there.steps)


@needs_samples
@pytest.mark.parametrize("folder", ["threagile", "tmbom"])
def test_every_published_sample_is_read_or_refused_in_words(folder: str) -> None:
    read_well = 0
    for path in sorted((SAMPLES / folder).iterdir()):
        model = model_from_bytes(path.read_bytes(), path.name)
        assert model.usable or any(one.level == "error" and one.fix for one in model.problems), path.name
        if model.usable:
            read_well += 1
            model.assess()
    assert read_well >= 2
