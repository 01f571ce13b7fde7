"""The formats that are read, and how each is told from the others: by content, not by name."""

from __future__ import annotations

from graphmodel.knowledge.typing_table import TypingTable, load_typing
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import Imported
from graphmodel.reading.limits import MAX_BYTES
from graphmodel.reading.problems import Problem, UnreadableError
from importers import (
    cloud,
    compose,
    cyclonedx,
    drawio,
    excalidraw,
    kubernetes,
    litellm,
    mcp,
    mermaid,
    nemo,
    otm,
    packages,
    pytm,
    spdx3,
    stix,
    table,
    threagile,
    threatcomposer,
    threatdragon,
    tm7,
    tmbom,
)
from importers.agents import a2a, autogen, crewai, foundry, langgraph, m365
from importers.flows import dify, flowise, langflow, n8n
from importers.importer import Importer
from importers.inventories import agentbom, aibom, opengraph
from importers.lineage import cards, croissant, dbt, dvc, kedro, mlflow, openlineage, tuning
from importers.recognise import recognise
from importers.source import Source

IMPORTERS: tuple[Importer, ...] = (
    threagile.IMPORTER,
    aibom.IMPORTER,
    tmbom.IMPORTER,
    litellm.IMPORTER,
    mcp.REGISTRY_IMPORTER,
    mcp.IMPORTER,
    compose.IMPORTER,
    otm.IMPORTER,
    threatdragon.IMPORTER,
    n8n.IMPORTER,
    langflow.IMPORTER,
    flowise.IMPORTER,
    dify.IMPORTER,
    m365.AGENT_IMPORTER,
    m365.PLUGIN_IMPORTER,
    foundry.IMPORTER,
    a2a.IMPORTER,
    autogen.IMPORTER,
    langgraph.IMPORTER,
    crewai.IMPORTER,
    agentbom.IMPORTER,
    opengraph.IMPORTER,
    openlineage.IMPORTER,
    croissant.IMPORTER,
    dbt.IMPORTER,
    mlflow.IMPORTER,
    dvc.IMPORTER,
    tuning.IMPORTER,
    kedro.IMPORTER,
    cards.IMPORTER,
    kubernetes.IMPORTER,
    nemo.IMPORTER,
    cloud.CLOUDFORMATION,
    cloud.TERRAFORM,
    cloud.WRITTEN,
    cloud.BICEP,
    cloud.ARM,
    tm7.IMPORTER,
    drawio.IMPORTER,
    cyclonedx.IMPORTER,
    cyclonedx.BLUEPRINT_IMPORTER,
    spdx3.IMPORTER,
    threatcomposer.IMPORTER,
    pytm.IMPORTER,
    excalidraw.IMPORTER,
    stix.IMPORTER,
    mermaid.IMPORTER,
    packages.IMPORTER,
    table.IMPORTER,
)


def importer_of(source: Source) -> Importer | None:
    """The importer whose format a file has; None for a System document and for anything else."""
    if isinstance(source.value, dict) and "graphmodel" in source.value:
        return None
    return next((one for one in IMPORTERS if one.sniff(source)), None)


def read(source: Source, catalogue: Catalogue, table: TypingTable | None = None, format: str | None = None) -> Imported:
    """Read a file in the format that it has, or in the one that is named; without a table, by the shipped one.

    Never raises for what a file holds: what cannot be read is one error that says what to do.
    """
    table = table or load_typing(catalogue)[0]
    if format is not None:
        chosen = next((one for one in IMPORTERS if one.id == format), None)
        if chosen is None:
            known = ", ".join(one.id for one in IMPORTERS)
            problem = Problem("error", f"there is no format “{format}”.", f"Known: {known}.", file=source.name)
            return Imported(None, (problem,))
        return chosen.read(source, catalogue, table)
    found = importer_of(source)
    return found.read(source, catalogue, table) if found else Imported(None, (refused(source),))


def refused(source: Source) -> Problem:
    """Why a file is not read: what it is, where that is known; otherwise what is wrong with it."""
    try:
        value = source.text.value
    except UnreadableError as error:
        label = recognise(source.data) if len(source.data) <= MAX_BYTES else None
        return _unread(source.name, label) if label else error.problem
    return _unread(source.name, recognise(source.data, value))


def _unread(name: str, label: str | None) -> Problem:
    fix = (
        f"Files that are read: a System document (YAML that begins with “graphmodel: 1”), and {len(IMPORTERS)} formats "
        "of other tools, among them Threagile, TM-BOM, OTM, draw.io, Docker Compose, MCP, Kubernetes and CycloneDX; "
        "docs/importers.md has them all."
    )
    message = f"this is {label}, which is not read." if label else "this file is in no format that is read."
    return Problem("error", message, fix, file=name)
