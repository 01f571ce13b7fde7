"""A figure as a picture of pixels, for formats that hold no drawings."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from graphmodel.drawing.layout import Point
from graphmodel.reports.document import Box, Curve, Figure, Shape, Words
from graphmodel.reports.faces import Face, Legible, faces
from graphmodel.reports.palette import LIGHT
from graphmodel.reports.svg import arrow_head

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

_SCALE = 2.0  # pixels of the picture to one of the figure
_MOST = 16_000_000  # pixels of a picture
_BENDS = 14  # straight pieces of one curve


def png(figure: Figure, legible: Legible) -> bytes:
    """The picture as PNG, on white."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - loaded for a Word document only

    scale = min(_SCALE, math.sqrt(_MOST / max(1.0, figure.width * figure.height)))
    size = (max(1, round(figure.width * scale)), max(1, round(figure.height * scale)))
    image = Image.new("RGB", size, LIGHT["ground"].fill)
    draw = ImageDraw.Draw(image)
    for one in figure.shapes:
        _shape(draw, one, scale, legible)
    data = io.BytesIO()
    image.quantize(128).save(data, "PNG", optimize=True)
    return data.getvalue()


def _shape(draw: ImageDraw, one: Shape, scale: float, legible: Legible) -> None:
    tone = LIGHT[one.tone]
    match one:
        case Box():
            corners = (one.x * scale, one.y * scale, (one.x + one.width) * scale, (one.y + one.height) * scale)
            radius = min(one.radius, one.width / 2, one.height / 2) * scale
            line = None if one.dashed else tone.line
            draw.rounded_rectangle(corners, radius, tone.fill, line, max(1, round(1.25 * scale)))
            if one.dashed:
                left, top, right, bottom = corners
                around = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
                _line(draw, around, tone.line, 1.25 * scale, 5 * scale)
        case Curve():
            points = [(x * scale, y * scale) for x, y in (_bent(one.points) if one.smooth else one.points)]
            _line(draw, points, tone.line, one.width * scale, 6 * scale if one.dashed else 0.0)
            if one.arrow:
                draw.polygon([(x * scale, y * scale) for x, y in arrow_head(one)], tone.line)
        case Words():
            face = faces()[one.bold]
            place = (one.x * scale, one.y * scale)
            anchor = {"start": "ls", "middle": "ms", "end": "rs"}[one.anchor]
            draw.text(place, legible(one.text), tone.text, _font(face, one.size * scale), anchor)


def _font(face: Face, size: float) -> FreeTypeFont:
    from PIL import ImageFont  # noqa: PLC0415 - the same

    return ImageFont.truetype(io.BytesIO(face.data), size, layout_engine=ImageFont.Layout.BASIC)


def _bent(points: Sequence[Point]) -> list[Point]:
    found = [points[0]]
    for start in range(0, len(points) - 1, 3):
        p, q, r, s = points[start : start + 4]
        for number in range(1, _BENDS + 1):
            t = number / _BENDS
            a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            found.append((a * p[0] + b * q[0] + c * r[0] + d * s[0], a * p[1] + b * q[1] + c * r[1] + d * s[1]))
    return found


def _line(draw: ImageDraw, points: Sequence[Point], colour: str, width: float, dash: float) -> None:
    thick = max(1, round(width))
    if not dash:
        draw.line([*points], colour, thick, joint="curve")
        return
    for piece in _dashes(points, dash):
        draw.line([*piece], colour, thick)


def _dashes(points: Sequence[Point], dash: float) -> Iterator[tuple[Point, Point]]:
    """The pieces of a line that are drawn where every second one of a length is not."""
    passed = 0.0
    for (x, y), (u, v) in pairwise(points):
        length = math.dist((x, y), (u, v))
        done = 0.0
        while done < length:
            step = min(dash - passed % dash, length - done)
            if int(passed / dash + 1e-9) % 2 == 0:
                yield (
                    (x + (u - x) * done / length, y + (v - y) * done / length),
                    (x + (u - x) * (done + step) / length, y + (v - y) * (done + step) / length),
                )
            done, passed = done + max(step, 1e-6), passed + max(step, 1e-6)
