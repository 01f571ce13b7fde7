"""From neutral elements to a System: what is kept, joined and left out, and that each is accounted for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphmodel.knowledge.typing_table import load_typing
from graphmodel.knowledge.vocabulary import ActorKind, Capability, Catalogue, Severity, Status
from graphmodel.model.accounts import Question, Row
from graphmodel.model.document import read_document
from graphmodel.model.system import Held, Imported, Stated
from graphmodel.model.writing import write_document
from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.values import Text
from graphmodel.reading.yaml_text import read_yaml
from graphmodel.workspace import model_from_bytes
from importers.building import build
from importers.elements import (
    Attacker,
    Boundary,
    Claim,
    Found,
    Ground,
    Harm,
    Link,
    Measure,
    Part,
    Sign,
)
from importers.provenance import Reader
from importers.secrets import SecretValue, has_secret_shape, is_secret_name, value_kind, without_secrets
from importers.source import Source


def built(found: Found, catalogue: Catalogue) -> Imported:
    reader = Reader(Text({}, "stack.yaml", {("parts", "llm"): 7}), importer="test")
    return build(found, reader, catalogue, load_typing(catalogue)[0])


def stack() -> Found:
    found = Found("A stack", "Somebody's.")
    found.boundaries = [
        Boundary("net", "Network", ("zones", 0), "zone", 5),
        Boundary("sub", "Subnet", ("zones", 1), "zone", parent="net", ground=Ground.GUESS),
    ]
    found.parts = [
        Part("llm", "LLM server", ("parts", "llm"), "service", (Sign("image", "ollama/ollama"),), boundary="sub"),
        Part("odd", "Xyzzy", ("parts", "odd"), "service", (Sign("image", "acme/xyzzy"),)),
        Part("key", "API_KEY", ("parts", "key"), "secret", type="Secret", identifiers=("env:API_KEY", "env:API_KEY")),
        Part("llm", "LLM server", ("parts", 3), "service"),
    ]
    found.links = [
        Link("odd", "sendsTo", "llm", ("links", 0), "link", Ground.REFERENCE, flow=True, two_way=True, opened_by="odd"),
        Link("odd", "sendsTo", "llm", ("links", 1), "link", flow=True),
        Link("odd", "usesSecret", "key", ("links", 2), "link", Ground.START_ORDER),
        Link("odd", "sendsTo", "nowhere", ("links", 3), "link", flow=True),
        Link("odd", "storedIn", "llm", ("links", 4), "link"),
        Link("odd", "likes", "llm", ("links", 5), "link"),
        Link("odd", "sendsTo", "odd", ("links", 6), "link", flow=True),
        Link("net-user", "sendsTo", "odd", ("links", 7), "link", flow=True, carries=("key", "llm")),
    ]
    found.attackers = [
        Attacker("net-user", "Internet", (), "port", ActorKind.OUTSIDER, starts=(("odd", Capability.CONNECT),))
    ]
    found.measures = [
        Measure("m1", "Limits", ("controls", 0), "control", "rate-limiting", ("llm",), Status.PLANNED),
        Measure("m2", "Limits", ("controls", 1), "control", "no-such-control", ("llm", "sub")),
        Measure("m3", "Nothing", ("controls", 2), "control", "rate-limiting", ("gone",)),
    ]
    found.harms = [Harm("key", Capability.READ, Severity.HIGH, ("harms", 0), "rating")]
    found.claims = [Claim("T-1", "Theft", (), "threat", ("llm", "gone"), None, "open", "high", "", ("m1",))]
    found.omit("volume", ("volumes", 0), "it holds nothing that is known")
    found.questions = [Question("llm", "Who may call it?"), Question("", "What is at stake?")]
    return found


def test_every_element_is_taken_joined_or_left_out_with_a_reason(catalogue: Catalogue) -> None:
    imported = built(stack(), catalogue)
    assert imported.account is not None
    assert imported.account.rows == (
        Row("control", 3, 2, 0, 1, (("nothing that it protects is here", 1),)),
        Row(
            "link",
            8,
            3,
            1,
            4,
            (
                ("it joins an element to itself", 1),
                ("there is no relation “likes”", 1),
                ("there is no “nowhere” at its end", 1),
                ("“storedIn” does not fit Application", 1),
            ),
        ),
        Row("port", 1, 1, 0, 0),
        Row("rating", 1, 1, 0, 0),
        Row("secret", 1, 1, 0, 0),
        Row("service", 3, 2, 1, 0),
        Row("threat", 1, 1, 0, 0),
        Row("volume", 1, 0, 0, 1, (("it holds nothing that is known", 1),)),
        Row("zone", 2, 2, 0, 0),
    )
    told = [one for one in imported.problems if one.level == "note"]
    assert {one.path for one in told} >= {"links[3]", "links[4]", "links[5]", "links[6]", "controls[2]", "volumes[0]"}


def test_a_system_of_them(catalogue: Catalogue) -> None:
    imported = built(stack(), catalogue)
    system = imported.system
    assert system is not None and imported.account is not None
    assert (system.id, system.name, system.description) == ("a-stack", "A stack", "Somebody's.")
    assert [(one.id, one.trust, one.parent) for one in system.zones] == [
        ("network", 5, None),
        ("subnet", None, "network"),
    ]
    llm, odd, key = system.assets
    assert (llm.id, llm.type, llm.zone) == ("llm-server", "LanguageModelEndpoint", "subnet")
    assert llm.source is not None and (llm.source.confidence, llm.source.place) == (0.95, "parts.llm")
    assert llm.source.note == "type by image “ollama/ollama”"
    assert (odd.id, odd.type) == ("xyzzy", "Application")
    assert odd.source is not None and odd.source.confidence == 0.1 and "type not known" in odd.source.note
    (untyped,) = imported.account.untyped
    assert (untyped.asset, untyped.signs) == ("xyzzy", (("image", "acme/xyzzy"),))
    assert (key.id, key.type, key.identifiers) == ("api_key", "Secret", ("env:API_KEY",))
    call, entry = system.flows[0], system.flows[-1]
    assert (call.id, call.opened_by, call.two_way) == ("xyzzy->llm-server", "xyzzy", True)
    assert call.source is not None and (call.source.confidence, call.source.ground) == (0.8, "reference")
    assert (entry.origin, entry.carries) == ("internet", ("api_key",))
    (used,) = system.dependencies
    assert used.id == "xyzzy usesSecret api_key" and used.source is not None and used.source.confidence == 0.4
    (actor,) = system.actors
    assert actor.starts == (Held("xyzzy", Capability.CONNECT),)
    assert [(one.id, one.control, one.protects, one.status) for one in system.controls] == [
        ("limits", "rate-limiting", ("llm-server",), Status.PLANNED),
        ("limits-2", None, ("llm-server", "subnet"), Status.IMPLEMENTED),
    ]
    (loss,) = system.losses
    assert (loss.held, loss.severity) == (Held("api_key", Capability.READ), Severity.HIGH)
    (stated,) = system.stated
    wanted = Stated("t-1", "Theft", ("llm-server",), None, "open", "high", "", ("limits",), source=stated.source)
    assert stated == wanted
    assert [(one.about, one.question) for one in imported.account.questions] == [
        ("llm-server", "Who may call it?"),
        ("", "What is at stake?"),
    ]


def test_it_is_the_same_system_when_written_and_read(catalogue: Catalogue) -> None:
    system = built(stack(), catalogue).system
    assert system is not None
    again = read_document(read_yaml(write_document(system).encode(), "x.yaml"), catalogue)
    assert again.system == system, again.problems


def test_zones_that_lie_inside_each_other_are_put_apart(catalogue: Catalogue) -> None:
    found = stack()
    found.boundaries = [replace(found.boundaries[0], parent="sub"), found.boundaries[1]]
    system = built(found, catalogue).system
    assert system is not None
    assert [(one.id, one.parent) for one in system.zones] == [("network", None), ("subnet", "network")]


def test_without_a_part_it_is_an_error_and_the_account_stays(catalogue: Catalogue) -> None:
    found = Found("Empty")
    found.omit("thing", ("x",), "it is nothing")
    imported = built(found, catalogue)
    assert imported.system is None and imported.account is not None
    assert imported.problems[-1].level == "error"
    assert imported.account.rows == (Row("thing", 1, 0, 0, 1, (("it is nothing", 1),)),)


@pytest.mark.parametrize(
    "name",
    ["OPENAI_API_KEY", "dbPassword", "Authorization", "x-api-key", "GITHUB_TOKEN", "MYSQL_ROOT_PASSWORD", "SALT"],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["NODE_ENV", "MAX_TOKENS", "max_tokens", "TOKENIZER", "KEYBOARD", "PATH", "monkey", "COMPAT",
     "CREDENTIAL_VAULT_TYPE", "ENABLE_SECRET_SCAN", "accessTokenExpireMinutes"],
)  # fmt: skip
def test_names_of_none(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("hunter2", SecretValue.LITERAL),
        ("Bearer abcdef", SecretValue.LITERAL),
        ("${TOKEN}", SecretValue.VARIABLE),
        ("Bearer ${TOKEN}", SecretValue.VARIABLE),
        ("os.environ/KEY", SecretValue.VARIABLE),
        ("${env:KEY}", SecretValue.VARIABLE),
        ("${KEY:?must be set}", SecretValue.VARIABLE),
        ("${KEY:-secret}", SecretValue.DEFAULT),
        ("${input:key}", SecretValue.PROMPT),
        ("op://vault/item", SecretValue.VAULT),
        ("<your key>", SecretValue.PLACEHOLDER),
        ("YOUR_API_KEY", SecretValue.PLACEHOLDER),
        ("", SecretValue.ABSENT),
        (None, SecretValue.ABSENT),
    ],
)
def test_how_a_secret_is_held(value: str | None, kind: SecretValue) -> None:
    assert value_kind(value) is kind


def test_shapes_of_secrets() -> None:
    assert has_secret_shape("postgres://me:hunter2@db/x")
    assert has_secret_shape("ghp_" + "a" * 36)
    assert not has_secret_shape("postgres://me:${PASSWORD}@db/x")
    assert not has_secret_shape("https://example.com/a:b@c")


def test_what_is_too_deep_is_refused_once_and_not_tried_in_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def tried(*_: object) -> None:
        raise AssertionError("it was read in another way")

    monkeypatch.setattr("importers.source.without_comments", tried)
    monkeypatch.setattr("importers.source.read_yaml", tried)
    monkeypatch.setattr("importers.source.read_yaml_documents", tried)
    source = Source(b"[" * 100 + b"]" * 100, "x.json")
    assert source.documents == () and source.value is None
    with pytest.raises(UnreadableError, match="nested too deeply"):
        _ = source.text


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("git+https://me:hunter2@github.com/x/y", "git+https://github.com/x/y"),
        ("s3://AKIAABCDEFGHIJKLMNOP@models/x", "s3://models/x"),
        ("see https://h/mcp?api_key=hunter2&v=2#top", "see https://h/mcp?api_key=…&v=2#top"),
        ("key sk-proj-AbCdEfGhIjKlMnOpQrSt of the bot", "key … of the bot"),
        ("https://me:${PASSWORD}@h/x", "https://me:${PASSWORD}@h/x"),
        ("ssh://git@github.com/x/y", "ssh://git@github.com/x/y"),
        ("sk-learn-random-forest-2024", "sk-learn-random-forest-2024"),
        ("a@b.example: https://h/a@b", "a@b.example: https://h/a@b"),
    ],
)
def test_texts_are_told_without_the_secrets_in_them(text: str, becomes: str) -> None:
    assert without_secrets(text) == becomes


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("compose.yaml", "services: {web: {build: {context: 'https://me:hunter2@h/a.git'}, image: x}}"),
        (
            "mcp.json",
            '{"mcpServers": {"f": {"command": "uvx", "args": ["--from", "git+https://me:hunter2@h/x", "z"]}}}',
        ),
        (
            "served.yaml",
            """{apiVersion: serving.kserve.io/v1beta1, kind: InferenceService, metadata: {name: x},
                spec: {predictor: {sklearn: {storageUri: "s3://me:hunter2@models/x"}}}}""",
        ),
    ],
)
def test_no_element_is_called_by_an_address_with_its_password(name: str, content: str) -> None:
    model = model_from_bytes(content.encode(), name)
    assert model.system is not None
    assert "hunter2" not in repr((model.system, model.account, model.problems))
