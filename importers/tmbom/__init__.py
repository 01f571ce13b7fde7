"""Files of the OWASP Threat Model Library (TM-BOM, JSON), 1.0.

Read with the reader of JSON alone: no package reads the format. The files say little about what a component is, so its
title decides by the typing table; what only flows show (who serves a model, what trains it) is a guess, and noted.
"""

from __future__ import annotations

from importers.importer import two_stage
from importers.tmbom.inferred import infer
from importers.tmbom.model import ID, gather, sniff

IMPORTER = two_stage(
    ID,
    "OWASP Threat Model Library, TM-BOM (JSON)",
    sniff,
    gather,
    ("*.tmbom.json", "*threat-model*.json"),
    infer,
)
