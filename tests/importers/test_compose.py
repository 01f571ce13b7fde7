"""Compose files: what runs together, who calls whom, and what is open, to the last element."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.model.system import Imported, System
from graphmodel.reading.problems import UnreadableError, refusal
from importers.compose import overlaid
from importers.registry import importer_of, read
from importers.source import Beside, Source
from tests.golden import samples

STACK = Path(__file__).parent / "data" / "stack.compose.yml"
CATALOGUE = load_catalogue()[0]
TABLE = load_typing(CATALOGUE)[0]


def imported(data: bytes, beside: Beside | None = None) -> Imported:
    source = Source(data, "compose.yml", beside)
    assert importer_of(source).id == "compose"  # type: ignore[union-attr]
    return read(source, CATALOGUE, TABLE)


@cache
def stack() -> Imported:
    return imported(STACK.read_bytes())


def system(data: bytes | None = None) -> System:
    found = stack() if data is None else imported(data)
    assert found.system is not None, found.problems
    return found.system


def rows(found: Imported) -> dict[str, tuple[int, int, int, int]]:
    assert found.account is not None
    return {one.kind: (one.found, one.taken, one.joined, one.omitted) for one in found.account.rows}


def test_services_become_what_their_images_are() -> None:
    types = {id_: one.type for id_, one in system().asset_by_id.items() if one.source and one.source.place}
    shown = ("web", "api", "postgres", "redis", "ollama-cpu", "runner", "calm", "gpt-4o")
    assert {id_: types[id_] for id_ in shown} == {
        "web": "Application", "api": "Application", "postgres": "Database", "redis": "Cache",
        "ollama-cpu": "LanguageModelEndpoint", "runner": "Sandbox", "calm": "ApiGateway", "gpt-4o": "LanguageModel",
    }  # fmt: skip
    assert types["openai"] == "LanguageModelEndpoint"
    assert types["qwen2.5-7b"] == "LanguageModel"
    assert not {"ollama-gpu", "pull", "migrate"} & set(types)
    assert [one.asset for one in stack().account.untyped] == ["search.corp.local"]  # type: ignore[union-attr]


def test_settings_tell_who_calls_whom_and_a_user_of_that_name_does_not() -> None:
    flows = {one.id: one for one in system().flows}
    assert set(flows) == {
        "web->api", "web->redis", "web->postgres", "api->openai", "api->ollama-cpu", "api->search.corp.local",
        "api->redis", "api->postgres", "worker->openai", "worker->ollama-cpu", "worker->search.corp.local",
        "worker->redis", "worker->postgres", "calm->web", "internet-attacker->web",
    }  # fmt: skip
    call = flows["api->postgres"]
    assert (call.opened_by, call.two_way, call.authenticated, call.encrypted) == ("api", True, True, False)
    assert flows["api->openai"].encrypted
    assert call.source is not None
    assert (call.source.ground, call.source.place) == ("guess", "services.api.environment.DATABASE_URL")
    assert flows["web->api"].source.ground == "reference"  # type: ignore[union-attr]


def test_dependencies_of_the_stack() -> None:
    found = {one.id for one in system().dependencies}
    assert {
        "ollama-cpu servesModel qwen2.5-7b", "api usesModel gpt-4o", "db_password unlocks postgres",
        "api usesSecret db_password", "openai_api_key unlocks openai", "runner mayRun container-host",
        "worker mayWrite docs", "api mayRead docs", "worker usesSecret credentials-in-.aws", "api usesSecret signing",
        "web deployedFrom source-code-in-web", "api usesPackage image-desk-api",
    } <= found  # fmt: skip
    assert "api mayWrite docs" not in found
    assert {(one.control, one.protects) for one in system().controls} == {
        ("dependency-pinning", ("image-desk-api",)),
        ("sandboxing", ("calm",)),
    }


def test_every_element_is_accounted_for_and_no_value_of_a_secret_is_kept() -> None:
    found = rows(stack())
    assert found["service"] == (11, 8, 0, 3)
    assert found["port"] == (2, 1, 0, 1)
    assert found["depends_on"] == (4, 0, 0, 4)
    data = b"services: {a: {image: x, environment: {API_KEY: s3cr3t-value, DB: 'postgres://u:hunter22@h:5432/d'}}}"
    assert "s3cr3t-value" not in repr(imported(data))
    assert "hunter22" not in repr(imported(data))


def test_what_switches_authentication_off_shows_on_the_flows() -> None:
    data = b"""services:
  a: {image: x/a, environment: {MONGO_URL: "mongodb://m:27017"}}
  m: {image: mongo, command: mongod --noauth, ports: ["27017:27017"]}
  old: {image: x/b, links: ["m:db"], depends_on: [a]}
"""
    flows = {one.id: one for one in system(data).flows}
    assert flows["a->m"].authenticated is False
    assert flows["internet-attacker->m"].authenticated is False
    assert flows["old->m"].opened_by == "old"
    assert flows["old->a"].source.ground == "start order"  # type: ignore[union-attr]


def test_files_laid_over_one_another() -> None:
    base = {"services": {"a": {"image": "x", "environment": ["A=1", "B=2"], "ports": ["1:1"], "volumes": ["v:/data"]}}}
    over = {
        "services": {
            "a": {"environment": {"B": 3}, "ports": {"!override": ["2:2"]}, "volumes": ["w:/data"], "command": ["c"]},
            "b": {"image": {"!reset": None}},
        }
    }
    assert overlaid(base, over) == {
        "services": {
            "a": {
                "image": "x", "environment": {"A": "1", "B": 3}, "ports": ["2:2"], "volumes": ["w:/data"],
                "command": ["c"],
            },
            "b": {"image": None},
        }
    }  # fmt: skip
    assert base["services"]["a"]["ports"] == ["1:1"]
    assert overlaid({"depends_on": ["a"]}, {"depends_on": {"b": {"condition": "x"}}}) == {
        "depends_on": {"a": None, "b": {"condition": "x"}}
    }


def test_included_files_are_read_within_the_folder_only() -> None:
    files = {"db/compose.yml": b"include: [more.yml]\nservices: {db: {image: postgres}}\n",
             "db/more.yml": b"services: {cache: {image: redis}}\n"}  # fmt: skip

    def beside(path: str) -> bytes:
        if path not in files:
            raise refusal(path, "it is not there.", "")
        return files[path]

    data = b"include: [db/compose.yml, ../out.yml]\nservices: {a: {image: x/a, environment: {DB_HOST: db}}}\n"
    found = imported(data, beside)
    assert found.system is not None
    assert {"db", "cache", "a"} <= set(found.system.asset_by_id)
    assert [one.id for one in found.system.flows] == ["a->db"]
    assert rows(found)["include"] == (1, 0, 0, 1)
    with pytest.raises(UnreadableError):
        beside("../out.yml")


def test_models_that_docker_runs_and_files_of_the_first_version() -> None:
    data = b"""services:
  chat: {build: ., models: [llm]}
  agent: {image: x/y, models: {llm: {endpoint_var: URL}}}
models: {llm: {model: ai/smollm2}}
"""
    found = system(data)
    assert found.asset_by_id["llm"].type == "LanguageModelEndpoint"
    assert {one.id for one in found.flows} == {"chat->llm", "agent->llm"}
    assert "llm servesModel ai-smollm2" in {one.id for one in found.dependencies}
    old = system(b"web: {image: nginx, links: [db]}\ndb: {image: mysql}\n")
    assert {one.id for one in old.flows} == {"web->db"}


needs_samples = pytest.mark.skipif(not samples().is_dir(), reason="the sample files of other projects are not here")
COUNTS = {  # services, depends_on, ports, flows by reference
    "langfuse.docker-compose.yml": (6, 8, 8, 8),
    "librechat.docker-compose.yml": (5, 3, 2, None),
    "local-ai-packaged.docker-compose.yml": (19, 11, 2, None),
    "local-ai-packaged.override.private.yml": (15, 0, 21, 0),
    "n8n-ai-starter-kit.docker-compose.yml": (10, 6, 5, None),
    "nvidia-local-nim.docker-compose.yaml": (3, 0, 3, 0),
    "nvidia-rag-langchain.docker-compose.yaml": (2, 3, 2, None),
    "opea-chatqna.compose.yaml": (9, 12, 10, 11),
    "openrag.docker-compose.yml": (5, 4, 5, 4),
    "ragflow.docker-compose-base.yml": (16, 1, 23, 0),
    "ragflow.docker-compose.yml": (3, 2, 12, 0),
}


@needs_samples
@pytest.mark.parametrize("name", COUNTS)
def test_published_files_have_the_elements_that_were_counted(name: str) -> None:
    found = imported((samples() / "compose" / name).read_bytes())
    assert found.system is not None
    account = rows(found)
    services, waits, ports, references = COUNTS[name]
    assert account["service"][0] == services
    dropped = services - account["service"][1]
    counted = [account.get(kind, (0,))[0] for kind in ("depends_on", "port")]
    if not dropped:
        assert counted == [waits, ports]
    else:
        assert counted[0] <= waits
        assert counted[1] <= ports
    if references is not None:
        assert account.get("reference", (0,))[0] == references


def test_an_empty_profile_is_none() -> None:
    text = b"services: {a: {image: redis, profiles: ['']}, b: {image: nginx, profiles: [extra]}}"
    found = read(Source(text, "compose.yml"), CATALOGUE)
    assert found.account is not None
    (asked,) = (one.question for one in found.account.questions if "profiles" in one.question)
    assert asked == "Which profiles are in use? Those of extra are all taken in."
