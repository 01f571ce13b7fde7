"""The formats that a system and its results are written in."""

from __future__ import annotations

from graphmodel.exporters.case import Exporter
from graphmodel.exporters.cyclonedx import CYCLONEDX, CYCLONEDX_2
from graphmodel.exporters.drawings import DRAWIO, THREAT_DRAGON
from graphmodel.exporters.graphs import DOT, GRAPHML, MERMAID
from graphmodel.exporters.intelligence import NAVIGATOR, OPENGRAPH, SARIF, STIX
from graphmodel.exporters.otm import OTM
from graphmodel.exporters.tables import CSV, XLSX
from graphmodel.exporters.threat_models import THREAGILE, TMBOM

EXPORTERS: tuple[Exporter, ...] = (
    OTM,
    THREAGILE,
    TMBOM,
    THREAT_DRAGON,
    CYCLONEDX,
    CYCLONEDX_2,
    STIX,
    NAVIGATOR,
    OPENGRAPH,
    SARIF,
    DRAWIO,
    MERMAID,
    DOT,
    GRAPHML,
    CSV,
    XLSX,
)
