"""The logo of a report: a PNG or JPEG within limits, looked at before it goes into a document."""

from __future__ import annotations

import io
import warnings

from graphmodel.reports.document import Logo

MOST_BYTES = 1_000_000
MOST_PIXELS = 4_000_000
_READ = ("PNG", "JPEG")
_KINDS = {
    "PNG": ("PNG", "png"),
    "JPEG": ("JPEG", "jpeg"),
    "MPO": ("JPEG", "jpeg"),
}  # MPO: a JPEG of a camera, with more


class LogoError(ValueError):
    """Why a picture cannot be a logo, in words for the user."""


def read_logo(data: bytes) -> Logo:
    """The logo in a file's bytes, drawn anew so that nothing else in the file is taken along. Raises ``LogoError``."""
    from PIL import Image  # noqa: PLC0415 - loaded where there is a logo only

    if len(data) > MOST_BYTES:
        raise LogoError(f"the logo is larger than {MOST_BYTES:,} bytes. Save it smaller.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that something in it is not as it should be: it is drawn anew
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_READ) as image:
                (kind, ending), (width, height) = _KINDS[str(image.format)], image.size
                if width * height > MOST_PIXELS:
                    raise LogoError(f"the logo has {width} × {height} pixels. Save it with at most {MOST_PIXELS:,}.")
                clear = kind == "PNG"
                plain = image.convert("RGBA" if clear else "RGB")
    except LogoError:
        raise
    except Exception as error:  # Pillow lets through whatever a malformed part leads to
        raise LogoError("the logo is no PNG or JPEG that can be read. Save it anew as PNG.") from error
    made = io.BytesIO()
    plain.save(made, kind, **({} if clear else {"quality": 90}))
    return Logo(ending, made.getvalue(), width, height)
