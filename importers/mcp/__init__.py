"""Configurations of MCP clients in all dialects, and entries of the MCP registry."""

from importers.mcp.clients import IMPORTER
from importers.mcp.registry_entry import REGISTRY_IMPORTER

__all__ = ["IMPORTER", "REGISTRY_IMPORTER"]
