"""Docker Compose files: services, what they are made of, whom they call, and what is open to the outside."""

from importers.compose.importer import IMPORTER
from importers.compose.overlays import overlaid

__all__ = ["IMPORTER", "overlaid"]
