"""ARM templates: what Bicep compiles to gives the same system as the Bicep; what is written by hand is read too."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.model.system import Imported, System
from graphmodel.model.writing import write_document
from importers.cloud.arm_text import Call, parsed, written
from importers.folder import read_folder
from importers.registry import importer_of, read
from importers.source import Source
from importers.wishes import Wishes

CATALOGUE = load_catalogue()[0]
TABLE = load_typing(CATALOGUE)[0]
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
READER = "1407120a-92aa-4202-b7e9-c0e197c71c8f"
BICEP = f"""param prefix string = 'desk'
@secure()
param pass string = 'not-to-be-kept'
param extra bool = false
resource ai 'Microsoft.CognitiveServices/accounts@2023-05-01' = {{
  name: '${{prefix}}-openai'
  kind: 'OpenAI'
  properties: {{}}
}}
resource chat 'Microsoft.CognitiveServices/accounts/deployments@2023-05-01' = {{
  parent: ai
  name: 'chat'
  properties: {{ model: {{ format: 'OpenAI', name: 'gpt-4o' }} }}
}}
resource find 'Microsoft.Search/searchServices@2023-11-01' = {{ name: '${{prefix}}-find', properties: {{}} }}
resource spare 'Microsoft.Cache/redis@2023-08-01' = if (extra) {{ name: '${{prefix}}-spare', properties: {{}} }}
module docs 'docs.bicep' = {{ name: 'docs', params: {{ name: '${{prefix}}docs' }} }}
resource plan 'Microsoft.Web/serverfarms@2022-09-01' = {{ name: '${{prefix}}-plan' }}
resource web 'Microsoft.Web/sites@2022-09-01' = {{
  name: '${{prefix}}-web'
  kind: 'app,linux'
  identity: {{ type: 'SystemAssigned' }}
  properties: {{
    serverFarmId: plan.id
    siteConfig: {{ appSettings: [
      {{ name: 'AZURE_OPENAI_ENDPOINT', value: ai.properties.endpoint }}
      {{ name: 'SEARCH', value: find.name }}
      {{ name: 'DOCS', value: docs.outputs.name }}
      {{ name: 'DB_PASSWORD', value: pass }}
    ] }}
  }}
}}
resource may 'Microsoft.Authorization/roleAssignments@2022-04-01' = {{
  name: guid(find.id)
  scope: find
  properties: {{
    principalId: web.identity.principalId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{READER}')
  }}
}}
"""
DOCS = """param name string
resource store 'Microsoft.Storage/storageAccounts@2023-01-01' = { name: name, properties: {} }
output name string = store.name
"""


def named(type_: str, name: str) -> str:
    return f"[resourceId('{type_}', format('{{0}}-{name}', parameters('prefix')))]"


def template() -> dict[str, Any]:
    """The template to which the Bicep above compiles."""
    name = "[format('{{0}}-{0}', parameters('prefix'))]"
    account, search = "Microsoft.CognitiveServices/accounts", "Microsoft.Search/searchServices"
    settings = [
        {"name": "AZURE_OPENAI_ENDPOINT", "value": f"[reference({named(account, 'openai')[1:-1]}, '2023').endpoint]"},
        {"name": "SEARCH", "value": name.format("find")},
        {
            "name": "DOCS",
            "value": "[reference(resourceId('Microsoft.Resources/deployments', 'docs'), '2022').outputs.name.value]",
        },
        {"name": "DB_PASSWORD", "value": "[parameters('pass')]"},
    ]
    inner = {
        "$schema": SCHEMA,
        "parameters": {"name": {"type": "string"}},
        "resources": [{"type": "Microsoft.Storage/storageAccounts", "name": "[parameters('name')]", "properties": {}}],
        "outputs": {"name": {"type": "string", "value": "[parameters('name')]"}},
    }
    role = f"[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{READER}')]"
    site = f"resourceId('Microsoft.Web/sites', {name.format('web')[1:-1]})"
    return {
        "$schema": SCHEMA,
        "parameters": {
            "prefix": {"type": "string", "defaultValue": "desk"},
            "pass": {"type": "securestring", "defaultValue": "not-to-be-kept"},
            "extra": {"type": "bool", "defaultValue": False},
        },
        "resources": [
            {"type": account, "name": name.format("openai"), "kind": "OpenAI", "properties": {}},
            {
                "type": f"{account}/deployments",
                "name": "[format('{0}/{1}', format('{0}-openai', parameters('prefix')), 'chat')]",
                "properties": {"model": {"format": "OpenAI", "name": "gpt-4o"}},
                "dependsOn": [named(account, "openai")],
            },
            {"type": search, "name": name.format("find"), "properties": {}},
            {
                "condition": "[parameters('extra')]",
                "type": "Microsoft.Cache/redis",
                "name": name.format("spare"),
                "properties": {},
            },
            {"type": "Microsoft.Web/serverfarms", "name": name.format("plan")},
            {
                "type": "Microsoft.Web/sites",
                "name": name.format("web"),
                "kind": "app,linux",
                "identity": {"type": "SystemAssigned"},
                "properties": {
                    "serverFarmId": named("Microsoft.Web/serverfarms", "plan"),
                    "siteConfig": {"appSettings": settings},
                },
            },
            {
                "type": "Microsoft.Authorization/roleAssignments",
                "name": "[guid('x')]",
                "scope": f"[format('{search}/{{0}}', {name.format('find')[1:-1]})]",
                "properties": {
                    "principalId": f"[reference({site}, '2022-09-01', 'full').identity.principalId]",
                    "roleDefinitionId": role,
                },
            },
            {
                "type": "Microsoft.Resources/deployments",
                "name": "docs",
                "properties": {
                    "expressionEvaluationOptions": {"scope": "inner"},
                    "parameters": {"name": {"value": "[format('{0}docs', parameters('prefix'))]"}},
                    "template": inner,
                },
            },
        ],
    }


def imported(value: Any) -> Imported:
    return read(Source(json.dumps(value).encode(), "main.json"), CATALOGUE, TABLE)


def system(value: Any) -> System:
    found = imported(value)
    assert found.system is not None, found.problems
    return found.system


def shape(one: System) -> Counter[tuple[str, ...]]:
    """Everything that is said, by types alone: compiling keeps no symbols."""
    types = {each.id: each.type for each in one.assets} | {each.id: "actor" for each in one.actors}
    found: Counter[tuple[str, ...]] = Counter((each.type,) for each in one.assets)
    found.update((types[each.origin], each.relation, types[each.target]) for each in one.flows)
    found.update((types[each.origin], each.relation, types[each.target]) for each in one.dependencies)
    return found


def from_bicep() -> System:
    sources = [Source(BICEP.encode(), "main.bicep"), Source(DOCS.encode(), "docs.bicep")]
    (piece,) = read_folder(sources, CATALOGUE, TABLE).pieces
    return piece.system


def test_what_bicep_compiles_to_says_the_same_as_the_bicep() -> None:
    ours = shape(from_bicep())
    assert shape(system(template())) == ours
    assert ours["WebApplication", "mayRead", "VectorStore"] == 1  # by the role
    assert ours["WebApplication", "sendsTo", "DataStore"] == 1  # through the output of a module
    assert not ours[("Cache",)]  # it is off


def test_names_places_and_no_secrets() -> None:
    found = imported(template())
    assert found.system is not None
    assert "not-to-be-kept" not in write_document(found.system)
    names = {one.type: one.name for one in found.system.assets}
    assert names["VectorStore"] == "find"
    assert names["WebApplication"] == "web"
    assert "DB_PASSWORD" in {one.name for one in found.system.assets if one.type == "Secret"}
    assert any("off unless extra" in one.message for one in found.problems)


def test_symbolic_names_and_existing_resources() -> None:
    value = {
        "$schema": SCHEMA,
        "languageVersion": "2.0",
        "resources": {
            "vault": {"existing": True, "type": "Microsoft.KeyVault/vaults", "name": "shared"},
            "web": {
                "type": "Microsoft.Web/sites",
                "name": "desk",
                "properties": {"appSettings": [{"name": "VAULT", "value": "[reference('vault').vaultUri]"}]},
            },
        },
    }
    found = system(value)
    assert {one.type for one in found.assets} >= {"SecretStore"}
    (vault,) = (one for one in found.assets if one.type == "SecretStore")
    assert vault.source is not None
    assert "made elsewhere" in vault.source.note
    assert any(one.target == vault.id for one in found.flows)


def test_in_a_folder_the_bicep_is_read_and_not_what_it_compiles_to() -> None:
    sources = [
        Source(BICEP.encode(), "infra/main.bicep"),
        Source(DOCS.encode(), "infra/docs.bicep"),
        Source(json.dumps(template()).encode(), "infra/main.json"),
    ]
    folder = read_folder(sources, CATALOGUE, TABLE)
    assert [one.importer for one in folder.files] == ["bicep"]
    assert [(one.file, one.reason) for one in folder.left] == [
        ("infra/main.json", "it is what “infra/main.bicep” compiles to")
    ]
    both = read_folder(sources, CATALOGUE, TABLE, Wishes(take=("infra/*",)))
    assert {one.importer for one in both.files} == {"arm", "bicep"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("plain", "plain"),
        ("[[in brackets]", "[in brackets]"),
        ("[format('{0}/{1}', 'a', parameters('b'))]", "a/${parameters('b')}"),
        ("[concat('it''s ', 'on')]", "it's on"),
        ("[variables('a').b[0]]", "${variables('a').b.*}"),
    ],
)
def test_expressions_as_text(text: str, says: str) -> None:
    assert written(parsed(text)) == says


@pytest.mark.parametrize("text", ["[", "[a(", "[a(b)]", "['x']y]", "[a('x',)", "[" + "a(" * 5_000 + ")]", "[a('x']"])
def test_damaged_expressions_name_nothing(text: str) -> None:
    assert not isinstance(parsed(text), Call)
    value = {
        "$schema": SCHEMA,
        "resources": [{"type": "Microsoft.Cache/redis", "name": text, "properties": {"x": text}}],
    }
    assert imported(value).system is not None


@pytest.mark.parametrize(
    "resources",
    [[None, 1, "x", {}], [{"type": 3}], {"a": {"type": "Microsoft.X/y", "name": {}, "copy": 1, "condition": []}}],
)
def test_odd_resources_are_no_traceback(resources: Any) -> None:
    source = Source(json.dumps({"$schema": SCHEMA, "resources": resources}).encode(), "x.json")
    importer = importer_of(source)
    assert importer is not None
    assert importer.id == "arm"
    importer.read(source, CATALOGUE, TABLE)


PRIVATE = """param private bool = %s
resource web 'Microsoft.Web/sites@2022-09-01' = { name: 'desk', properties: { %s } }
resource door 'Microsoft.Network/privateEndpoints@2023-09-01' = if (private) {
  name: 'door'
  properties: { privateLinkServiceConnections: [ { properties: { privateLinkServiceId: web.id } } ] }
}
"""


@pytest.mark.parametrize(
    ("on", "says", "is_open"),
    [("true", "", False), ("false", "", True), ("true", "publicNetworkAccess: 'Enabled'", True)],
    ids=["private endpoint", "switched off", "opened all the same"],
)
def test_an_app_with_a_private_endpoint_is_closed_to_others_unless_it_says_otherwise(
    on: str, says: str, is_open: bool
) -> None:
    found = read(Source((PRIVATE % (on, says)).encode(), "main.bicep"), CATALOGUE, TABLE)
    assert found.system is not None
    assert bool(found.system.actors) is is_open
