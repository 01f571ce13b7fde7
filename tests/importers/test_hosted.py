"""Models that only their maker runs: asked at an endpoint, never loaded by who uses them."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.model.system import System
from importers.hosted import maker_of
from importers.registry import read
from importers.source import Source

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
CATALOGUE = load_catalogue()[0]
COMPOSE = b"""
services:
  bot: {image: acme/bot, environment: {OPENAI_MODEL: gpt-4o%s}}
"""


def of(data: bytes, name: str) -> System:
    found = read(Source(data, name), CATALOGUE)
    assert found.system is not None, found.problems
    return found.system


def unserved(system: System) -> list[str]:
    served = {one.target for one in system.dependencies if one.relation == "servesModel"}
    names = {one.id: one.name for one in system.assets}
    held = [one for one in system.dependencies if one.relation == "usesModel" and one.target not in served]
    return [one.id for one in held if maker_of(names[one.target]) is not None]


@pytest.mark.parametrize(
    ("model", "maker"),
    [
        ("gpt-4o", "openai"), ("openai/gpt-4o-mini", "openai"), ("azure/gpt-4o", "azure"), ("o3-mini", "openai"),
        ("claude-3-5-sonnet-20240620", "anthropic"), ("us.anthropic.claude-3-haiku-20240307-v1:0", "bedrock"),
        ("openrouter/anthropic/claude-3.5-sonnet", "openrouter"), ("gemini-2.0-flash", "gemini"),
        ("amazon.titan-embed-text-v2:0", "bedrock"), ("text-embedding-3-small", "openai"),
    ],
)  # fmt: skip
def test_what_only_its_maker_runs_is_known_by_name(model: str, maker: str) -> None:
    found = maker_of(model)
    assert found is not None
    assert found.id == maker


@pytest.mark.parametrize(
    "model",
    ["openai/gpt-oss-20b", "gpt2", "EleutherAI/gpt-j-6b", "openai/whisper-large-v3", "mistralai/Mistral-7B-v0.1",
     "google/gemma-2b", "deepseek-ai/DeepSeek-R1", "meta/llama3-70b-instruct", "acme-o1", ""],
)  # fmt: skip
def test_what_anybody_can_load_is_not(model: str) -> None:
    assert maker_of(model) is None


def test_a_service_that_names_a_hosted_model_asks_its_maker_on_the_internet() -> None:
    system = of(COMPOSE % b"", "compose.yml")
    assert not unserved(system)
    (endpoint,) = (one for one in system.assets if one.type == "LanguageModelEndpoint")
    assert endpoint.name == "OpenAI"
    assert endpoint.source is not None
    assert endpoint.source.ground == "reference"
    assert system.zone_by_id[endpoint.zone or ""].trust == 0
    (flow,) = (one for one in system.flows if one.target == endpoint.id)
    assert flow.opened_by == "bot"
    assert flow.two_way


def test_the_endpoint_that_is_there_is_the_one_that_is_asked() -> None:
    system = of(COMPOSE % b", OPENAI_API_KEY: x", "compose.yml")
    assert not unserved(system)
    assert [one.name for one in system.assets if one.type == "LanguageModelEndpoint"] == ["OpenAI"]
    assert len([one for one in system.flows if one.origin == "bot"]) == 1


def test_behind_a_gateway_the_gateway_asks() -> None:
    text = COMPOSE % b", OPENAI_BASE_URL: 'http://litellm:4000'" + b"  litellm: {image: 'berriai/litellm:1.55'}\n"
    system = of(text, "compose.yml")
    assert not unserved(system)
    (endpoint,) = (one.id for one in system.assets if one.type == "LanguageModelEndpoint")
    assert [one.origin for one in system.flows if one.target == endpoint] == ["litellm"]


def test_a_model_that_anybody_can_load_gets_no_endpoint() -> None:
    system = of((COMPOSE % b"").replace(b"gpt-4o", b"meta/llama3-70b-instruct"), "compose.yml")
    assert not [one for one in system.assets if one.type == "LanguageModelEndpoint"]


def test_the_agent_of_a_crew_asks_the_maker_of_a_bare_name() -> None:
    system = of(b"writer: {role: writes, goal: texts, llm: gpt-4o}\n", "agents.yaml")
    assert not unserved(system)
    (endpoint,) = (one for one in system.assets if one.type == "LanguageModelEndpoint")
    assert endpoint.name == "OpenAI"
    assert endpoint.zone


def test_what_a_task_of_a_crew_is_given_flows_between_agents() -> None:
    text = b"""
find: {description: d, expected_output: o, agent: finder}
tell: {description: d, expected_output: o, agent: teller, context: [find]}
lost: {description: d, expected_output: o, agent: teller, context: [nothing]}
"""
    system = of(text, "tasks.yaml")
    assert [(one.origin, one.target, one.two_way) for one in system.flows] == [("finder", "teller", False)]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files are not here")
def test_in_no_sample_does_anybody_hold_a_model_that_only_its_maker_runs() -> None:
    held, read_ = [], 0
    for file in sorted(SAMPLES.rglob("*")):
        if file.is_file() and file.stat().st_size < 1_000_000:
            system = read(Source(file.read_bytes(), file.name), CATALOGUE).system
            if system is not None:
                read_ += 1
                held += [f"{file.name}: {one}" for one in unserved(system)]
    assert read_ > 100
    assert not held
