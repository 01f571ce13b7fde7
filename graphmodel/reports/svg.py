"""A figure as inline SVG: shapes and text in classes of tone, for the style sheet to colour."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from graphmodel.drawing.layout import Point
from graphmodel.reports.document import Box, Curve, Figure, Shape, Words
from graphmodel.reports.shown import seen

_HEAD = 8.5  # pixels from the tip of an arrow to its wings


def svg(figure: Figure, number: int) -> str:
    """The figure with its texts for readers; ``number`` makes its ids differ from those of others."""
    title, description = f"figure-{number}-title", f"figure-{number}-description"
    size = (
        f'viewBox="0 0 {figure.width:.0f} {figure.height:.0f}" width="{figure.width:.0f}" height="{figure.height:.0f}"'
    )
    shapes = "".join(text for one in figure.shapes for text in _shape(one))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{title} {description}" {size}>'
        f'<title id="{title}">{escape(seen(figure.caption))}</title>'
        f'<desc id="{description}">{escape(seen(figure.alt))}</desc>{shapes}</svg>'
    )


def _shape(one: Shape) -> Iterator[str]:
    match one:
        case Box():
            dash = ' stroke-dasharray="5 4"' if one.dashed else ""
            yield (
                f'<rect class="b-{one.tone}" x="{one.x:.1f}" y="{one.y:.1f}" width="{one.width:.1f}" '
                f'height="{one.height:.1f}" rx="{one.radius:g}"{dash}/>'
            )
        case Curve():
            dash = ' stroke-dasharray="6 5"' if one.dashed else ""
            yield f'<path class="l-{one.tone}" d="{_line(one)}" stroke-width="{one.width:g}"{dash}/>'
            if one.arrow:
                corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in arrow_head(one))
                yield f'<polygon class="a-{one.tone}" points="{corners}"/>'
        case Words():
            bold = ' font-weight="600"' if one.bold else ""
            anchor = f' text-anchor="{one.anchor}"' if one.anchor != "start" else ""
            yield (
                f'<text class="t-{one.tone}" x="{one.x:.1f}" y="{one.y:.1f}" font-size="{one.size:g}"{bold}{anchor}>'
                f"{escape(seen(one.text))}</text>"
            )


def _line(one: Curve) -> str:
    places = [f"{x:.1f} {y:.1f}" for x, y in one.points]
    return f"M{places[0]}{'C' if one.smooth else 'L'}{' '.join(places[1:])}"


def arrow_head(one: Curve) -> tuple[Point, Point, Point]:
    """The corners of the head at the end of a line."""
    (x, y) = one.points[-1]
    before = next((p for p in reversed(one.points[:-1]) if math.dist(p, (x, y)) > 0.01), (x - 1, y))
    angle = math.atan2(y - before[1], x - before[0])
    along, across = math.cos(angle) * _HEAD, math.sin(angle) * _HEAD
    wing = 0.46
    return (
        (x, y),
        (x - along - across * wing, y - across + along * wing),
        (x - along + across * wing, y - across - along * wing),
    )
