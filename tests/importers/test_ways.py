"""Compose beside a cloud's description, and two descriptions of a cloud, are ways to run one system."""

from __future__ import annotations

import json

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from importers.folder import questions, read_folder
from importers.joining import join
from importers.source import Source
from importers.wishes import Wishes

CATALOGUE = load_catalogue()[0]
TABLE = load_typing(CATALOGUE)[0]
COMPOSE = b"""
services:
  helpdesk:
    build: .
    environment: {DATABASE_URL: 'postgresql://db/helpdesk', REDIS_URL: 'redis://cache'}
  db: {image: 'postgres:16'}
  cache: {image: 'redis:7'}
"""
BICEP = b"""resource helpdesk 'Microsoft.Web/sites@2022-09-01' = { name: 'helpdesk', properties: {} }
resource database 'Microsoft.DBforPostgreSQL/flexibleServers@2023-03-01-preview' = { name: 'data' }
"""
ARM = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "resources": [{"type": "Microsoft.Web/sites", "name": "portal", "properties": {}}],
}
CLUSTER = b'resource "aws_eks_cluster" "main" { name = "models" }\nresource "aws_s3_bucket" "models" { bucket = "m" }\n'


def left(sources: list[Source], *take: str) -> dict[str, str]:
    folder = read_folder(sources, CATALOGUE, TABLE, Wishes(take))
    return {one.file: one.instead for one in folder.left}


def test_the_smaller_way_to_run_one_system_is_left_aside_and_told() -> None:
    sources = [Source(COMPOSE, "compose.yaml"), Source(BICEP, "infra/main.bicep")]
    assert left(sources) == {"infra/main.bicep": "compose.yaml"}
    assert left(sources, "infra/*") == {}


def test_who_asks_for_both_gets_both_and_is_asked() -> None:
    sources = [Source(COMPOSE, "compose.yaml"), Source(BICEP, "infra/main.bicep")]
    folder = read_folder(sources, CATALOGUE, TABLE, Wishes(("infra/*", "compose.yaml")))
    assert not folder.left
    asked = questions(join(folder.pieces, CATALOGUE, False, None, "x"), folder.files)
    assert any("Do these run together" in one.question for one in asked)


def test_two_descriptions_of_a_cloud_need_no_name_in_common() -> None:
    sources = [Source(BICEP, "infra/main.bicep"), Source(json.dumps(ARM).encode(), "old/azuredeploy.json")]
    assert left(sources) == {"old/azuredeploy.json": "infra/main.bicep"}


def test_what_a_cloud_adds_to_a_stack_is_read_with_it() -> None:
    assert left([Source(COMPOSE, "compose.yaml"), Source(CLUSTER, "infra/main.tf")]) == {}


def test_programs_of_other_names_are_not_taken_for_the_same() -> None:
    other = BICEP.replace(b"helpdesk", b"intake")
    assert left([Source(COMPOSE, "compose.yaml"), Source(other, "infra/main.bicep")]) == {}
