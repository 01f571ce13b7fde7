"""Threagile models (YAML), 0.9 and 1.0, with what they include and the risks that Threagile itself found.

Read with the readers of YAML and JSON alone: no package on PyPI reads the format.
"""

from __future__ import annotations

from importers.importer import two_stage
from importers.threagile.model import ID, gather, sniff
from importers.threagile.risks import RISKS, belonging, is_risks, spoken_of

IMPORTER = two_stage(ID, "Threagile (YAML)", sniff, gather, ("*threagile*.yaml", "*threagile*.yml"))

__all__ = ["IMPORTER", "RISKS", "belonging", "is_risks", "spoken_of"]
