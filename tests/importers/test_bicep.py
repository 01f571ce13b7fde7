"""Bicep: modules with what they are given, existing resources, roles of identities, models, and what stands open."""

from __future__ import annotations

import json
import time

import pytest

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.model.system import Imported, System
from graphmodel.model.writing import write_document
from graphmodel.reading.problems import UnreadableError
from importers.cloud.bicep import read_bicep
from importers.cloud.bicep_calls import as_bicep
from importers.registry import read
from importers.source import Source

CATALOGUE = load_catalogue()[0]
TABLE = load_typing(CATALOGUE)[0]
MAIN = """targetScope = 'subscription'
@description('It\\'s set beside')
param model string
param useVnet bool = false
param deployments array = [
  { name: 'chat', model: { format: 'OpenAI', name: model } }
]
@secure()
param password string = 'not-to-be-kept'
var prefix = 'desk'
resource group 'Microsoft.Resources/resourceGroups@2021-04-01' = { name: prefix }
module ai 'core/account.bicep' = {
  scope: group
  params: {
    name: '${prefix}-ai'
    deployments: deployments
  }
}
module web 'core/site.bicep' = {
  scope: group
  params: {
    settings: union({ OPENAI: ai.outputs.endpoint }, { DB_PASSWORD: password })
  }
}
module role 'core/role.bicep' = { scope: group, params: { who: web.outputs.identity, account: ai.outputs.name } }
module store 'br/public:avm/res/storage/storage-account:0.9.0' = {
  params: {
    name: 'docs'
    roleAssignments: [
      {
        principalId: web.outputs.identity
        roleDefinitionIdOrName: 'Storage Blob Data Reader'
      }
    ]
  }
}
resource net 'Microsoft.Network/virtualNetworks@2023-01-01' = if (useVnet) {
  name: 'net'
}
"""
CORE = {
    "infra/main.bicep": MAIN,
    "infra/core/account.bicep": """param name string
param deployments array
resource account 'Microsoft.CognitiveServices/accounts@2023-05-01' = { name: name, kind: 'OpenAI' }
resource each 'Microsoft.CognitiveServices/accounts/deployments@2023-05-01' = [for d in deployments: {
  parent: account
  properties: { model: d.model }
}]
output endpoint string = account.properties.endpoint
output name string = account.name
""",
    "infra/core/site.bicep": """param settings object
param external bool = true
resource app 'Microsoft.App/containerApps@2023-05-01' = {
  identity: { type: 'SystemAssigned' }
  properties: {
    configuration: { ingress: external
      ? { external: external }
      : null }
    template: { containers: [ { name: 'web', env: settings } ] }
  }
}
output identity string = app.identity.principalId
""",
    "infra/core/role.bicep": """param who string
param account string
var id = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd')
resource it 'Microsoft.CognitiveServices/accounts@2023-05-01' existing = { name: account }
resource given 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: it
  properties: { principalId: who, roleDefinitionId: id }
}
""",
    "infra/core/unused.bicep": "resource x 'Microsoft.Cache/redis@2023-08-01' = { name: 'x' }\n",
}
PARAMETERS = {"parameters": {"model": {"value": "${MODEL=gpt-4o}"}}}


@pytest.fixture(scope="module")
def desk() -> Imported:
    def beside(name: str) -> bytes:
        assert name == "main.parameters.json"
        return json.dumps(PARAMETERS).encode()

    sources = [Source(text.encode(), name, beside) for name, text in CORE.items()]
    ((main, _),), (unused,) = as_bicep(sources)
    assert unused.name == "infra/core/unused.bicep"
    return read(main, CATALOGUE, TABLE)


def system(found: Imported) -> System:
    assert found.system is not None, found.problems
    return found.system


def test_a_damaged_file_of_parameters_is_told() -> None:
    sources = [Source(text.encode(), name, lambda _: b"{") for name, text in CORE.items()]
    ((main, _),), _ = as_bicep(sources)
    found = read(main, CATALOGUE, TABLE)
    assert found.account is not None
    reasons = {reason for row in found.account.rows for reason, _ in row.reasons}
    assert "“main.parameters.json” is no JSON, so the defaults of the file count" in reasons


def test_what_modules_make_is_called_for_them(desk: Imported) -> None:
    assert {one.name: one.type for one in system(desk).assets} == {
        "ai": "LanguageModelEndpoint", "web": "Application", "store": "DataStore", "gpt-4o": "LanguageModel",
        "DB_PASSWORD": "Secret",
    }  # fmt: skip
    there = system(desk).asset_by_id["ai"].source
    assert there is not None and (there.file, there.place) == ("infra/core/account.bicep", "ai/account")
    assert "not-to-be-kept" not in write_document(system(desk)) + repr(desk.problems)


def test_roles_are_rights_of_who_has_the_identity(desk: Imported) -> None:
    flows = {(one.origin, one.target): one.opened_by for one in system(desk).flows}
    assert flows == {("web", "ai"): "web", ("internet-attacker", "web"): "internet-attacker"}
    told = {one.id for one in system(desk).dependencies}
    assert told == {"web mayRead store", "ai servesModel gpt-4o", "web usesSecret db_password"}


def test_what_is_off_and_what_stands_for_another_is_accounted_for(desk: Imported) -> None:
    assert desk.account is not None
    rows = {one.kind: one for one in desk.account.rows}
    assert rows["microsoft.network/virtualnetworks"].reasons == (("it is off unless useVnet says otherwise", 1),)
    accounts = rows["microsoft.cognitiveservices/accounts"]
    assert (accounts.found, accounts.taken, accounts.joined) == (2, 1, 1)


@pytest.mark.parametrize(
    "piece",
    ["[", "{", "resource a 'x' = {", "var x = '${", "/*", "@", "'", "x ? {", "[for x in y: ", "var a = b ? [c] : "],
)
def test_broken_text_is_read_as_far_as_it_goes_and_in_time(piece: str) -> None:
    before = time.process_time()
    for words in (piece * 1_000, "var x = " + piece * 15, "resource a 'm/x@1' = {\n  k: " + piece * 15):
        try:
            read_bicep(words, "f")
        except UnreadableError as error:
            assert "nested too deeply" in str(error.problem)
    assert time.process_time() - before < 2


BOMB = "\n".join(f"var v{n} = [v{n + 1}, v{n + 1}, '${{v{n + 1}}}${{v{n + 1}}}']" for n in range(30))


@pytest.mark.parametrize(
    "words",
    [
        "var a = { a: a }\n",
        "var a = '${a}${a}${a}'\n",
        "var a = b\nvar b = a\n",
        pytest.param(BOMB + "\nvar v30 = 'x'\nvar a = v0\n", marks=pytest.mark.slow),
    ],
)
def test_what_stands_for_itself_or_for_millions_ends(words: str) -> None:
    before = time.process_time()
    site = "resource x 'Microsoft.Web/sites@2022-03-01' = { name: a, properties: { settings: a, kind: [a, a] } }\n"
    role = "resource r 'Microsoft.Authorization/roleAssignments@2022-04-01' = { properties: { roleDefinitionId: a } }\n"
    assert read(Source((words + site + role).encode(), "x.bicep"), CATALOGUE, TABLE).system is not None
    blocks = words.replace("'", '"').replace("var ", "").replace("${", "${local.")
    blocks = "".join(
        f"  {line.replace('[v', '[local.v').replace(', v', ', local.v')}\n" for line in blocks.splitlines()
    )
    source = "locals {\n" + blocks.replace("= v0", "= local.v0").replace("= a", "= local.a").replace(
        "a: a", "a = local.a"
    )
    source += '}\nresource "aws_s3_bucket" "x" {\n  bucket = local.a\n  tags = [local.a, local.a]\n}\n'
    assert read(Source(source.encode(), "x.tf"), CATALOGUE, TABLE).system is not None
    assert time.process_time() - before < 5
