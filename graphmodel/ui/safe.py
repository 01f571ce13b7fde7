"""Text of a model in places that read Markdown: it stays text."""

from __future__ import annotations

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=@])")
# An address in running text becomes a link, and the name of an icon or emoji between colons a picture, even where its
# signs are escaped; a joint that nobody sees undoes that.
_ACTIVE = re.compile(
    r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)|(?<=mailto)(?=:)|(?<=xmpp)(?=:)|(?<=:)(?=[\w+-]+(?:/\w+)?:)", re.IGNORECASE
)
_JOINT = "\u2060"


def safe(text: object) -> str:
    """Text with everything undone that Markdown, HTML, autolinks or Streamlit's own directives would act on."""
    return _MARKDOWN.sub(r"\\\1", _ACTIVE.sub(_JOINT, " ".join(str(text).split())))
