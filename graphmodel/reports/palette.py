"""The colours of drawings in documents, by tone: those of the app, on white paper and on a dark screen."""

from __future__ import annotations

from collections.abc import Mapping

from graphmodel.drawing.theme import DARK_SURFACE, DARK_TONES, LIGHT_SURFACE, LIGHT_TONES, Surface, Tone


def _with_ground(tones: Mapping[str, Tone], surface: Surface, zone: str) -> Mapping[str, Tone]:
    return {
        **tones,
        "zone": Tone(zone, surface.zone_line, surface.muted),
        "edge": Tone(surface.ground, surface.edge, surface.muted),
        "ground": Tone(surface.ground, surface.ground, surface.muted),
        "bar": Tone(surface.accent, surface.accent, surface.ground),
    }


LIGHT = _with_ground(LIGHT_TONES, LIGHT_SURFACE, "#f4f6f8")
DARK = _with_ground(DARK_TONES, DARK_SURFACE, "#1a1f26")
"""Every tone that a shape of a document may have."""
