"""LiteLLM and NeMo Guardrails: what is behind a gateway, and which guardrail gets credit."""

from __future__ import annotations

import pytest

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.model.system import Imported
from graphmodel.reading.problems import refusal
from importers.registry import importer_of, read
from importers.source import Beside, Source
from tests.golden import samples

CATALOGUE = load_catalogue()[0]
TABLE = load_typing(CATALOGUE)[0]
LITELLM = b"""model_list:
  - {model_name: fast, litellm_params: {model: openai/gpt-4o-mini, api_key: os.environ/OPENAI_API_KEY, rpm: 60}}
  - {model_name: fast, litellm_params: {model: azure/gpt-4o, api_base: "https://desk.openai.azure.com",
                                       api_key: k-1234}}
  - {model_name: own, litellm_params: {model: hosted_vllm/qwen2.5, api_base: "http://vllm:8000/v1"}}
  - {model_name: "*", litellm_params: {model: "anthropic/*"}}
litellm_settings: {success_callback: [langfuse, prometheus], max_budget: 100, cache: true, cache_params: {type: redis}}
guardrails:
  - {guardrail_name: pii, litellm_params: {guardrail: presidio, mode: pre_call, default_on: true}}
  - {guardrail_name: log, litellm_params: {guardrail: x, mode: [logging_only, post_call]}}
mcp_servers: {wiki: {url: "https://mcp.wiki.example.net/mcp", auth_type: bearer_token}}
"""
NEMO = b"""models:
  - {type: main, engine: openai, model: gpt-4o}
  - {type: guard, engine: nim, model: meta/llama-guard}
rails:
  input: {flows: [self check input, content safety check input $model=guard, my own flow,
                  content safety check input $model=gone]}
  output: {flows: [self check output]}
  dialog: {single_call: {enabled: false}}
instructions: [{type: general, content: x}]
"""


def imported(data: bytes, beside: Beside | None = None) -> Imported:
    return read(Source(data, "config.yml", beside), CATALOGUE, TABLE)


def test_the_proxy_its_endpoints_and_what_limits_them() -> None:
    found = imported(LITELLM)
    system = found.system
    assert system is not None, found.problems
    assert found.account is not None
    assert found.account.importer == "litellm"
    assert {one.id for one in system.flows} == {
        f"litellm-proxy->{end}" for end in ("openai", "desk.openai.azure.com", "vllm", "anthropic",
                                            "cache-of-answers-redis",
                                            "logs-at-langfuse", "pii", "log", "wiki")
    }  # fmt: skip
    types = {id_: one.type for id_, one in system.asset_by_id.items()}
    assert (types["openai"], types["vllm"], types["wiki"]) == (
        "LanguageModelEndpoint",
        "LanguageModelEndpoint",
        "MCPServer",
    )
    logs = system.flow_by_id["litellm-proxy->logs-at-langfuse"]
    assert (logs.carries, logs.two_way) == (("prompts-and-answers-in-logs",), False)
    assert {(one.control, one.protects) for one in system.controls} == {
        ("rate-limiting", ("openai",)),
        ("resource-limits", ("openai", "desk.openai.azure.com", "vllm", "anthropic")),
        ("input-guardrail", ("pii", "openai", "desk.openai.azure.com", "vllm", "anthropic")),
    }
    assert "k-1234" not in repr(found)
    assert "master key" in system.asset_by_id["litellm-proxy"].source.note  # type: ignore[union-attr]


def test_a_budget_of_a_thousand_million_limits_nothing_and_an_empty_list_is_read() -> None:
    found = imported(b"model_list:\nlitellm_settings: {max_budget: 1000000000.0}\n")
    assert found.system is not None
    assert found.system.controls == ()


def test_rails_are_credited_where_their_model_and_prompt_are_there() -> None:
    found = imported(NEMO)
    system = found.system
    assert system is not None, found.problems
    assert found.account is not None
    assert found.account.importer == "nemo-guardrails"
    assert [(one.name, one.control) for one in system.controls] == [
        ("self check input", "input-guardrail"),
        ("content safety check input", "input-guardrail"),
        ("self check output", "output-guardrail"),
    ]
    assert system.controls[0].protects == ("nemo-guardrails", "openai")
    assert any("gone" in one.message for one in found.problems)
    rows = {one.kind: (one.found, one.omitted) for one in found.account.rows}
    assert (rows["input rail"], rows["output rail"]) == ((4, 2), (1, 0))


def test_a_rail_whose_prompt_is_missing_gets_no_credit() -> None:
    def beside(path: str) -> bytes:
        if path != "prompts.yml":
            raise refusal(path, "it is not there.", "")
        return b"prompts:\n  - {task: self_check_output, content: x}\n"

    system = imported(NEMO, beside).system
    assert system is not None
    assert [one.name for one in system.controls] == ["self check output"]


needs_samples = pytest.mark.skipif(not samples().is_dir(), reason="the sample files of other projects are not here")
COUNTS = {
    "litellm/aws-gateway-us-east-1.config.yaml": {"deployment": 48},
    "litellm/aws-gateway-base.config.yaml": {"deployment": 87},
    "litellm/agenthound.config.yaml": {"deployment": 2, "secret": 3},
    "nemo-guardrails/abc-bot.config.yml": {"model": 1, "input rail": 1, "output rail": 1},
    "nemo-guardrails/content_safety.config.yml": {"model": 4, "input rail": 2, "output rail": 1},
    "nemo-guardrails/nvidia-nemoguard.config.yml": {"model": 2},
    "nemo-guardrails/autoalign.config.yml": {"input rail": 1},
}  # fmt: skip


@needs_samples
@pytest.mark.parametrize("name", COUNTS)
def test_published_files_have_the_elements_that_were_counted(name: str) -> None:
    source = Source((samples() / name).read_bytes(), name)
    assert importer_of(source).id == name.partition("/")[0]  # type: ignore[union-attr]
    account = read(source, CATALOGUE, TABLE).account
    assert account is not None
    rows = {one.kind: one.found for one in account.rows}
    assert {kind: rows[kind] for kind in COUNTS[name]} == COUNTS[name]
