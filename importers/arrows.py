"""Arrows of drawings that stand for a question and its answer, though nobody drew the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from graphmodel.knowledge.vocabulary import Catalogue
from importers.elements import Link

NOTE = "taken for a question and its answer: no arrow leads back, and nothing on it says that it only brings something"
ASKED = ("DataStore", "InferenceEndpoint", "Agent", "Tool")
"""What is there to be asked."""
ASKING = ("Component", "Person")

_ASKS = re.compile(
    r"\b(?:read(?:s|ing)?|quer(?:y|ies)|get(?:s|ting)?|fetch\w*|look(?:s|ing)?[ -]?ups?|load(?:s|ing)?|search\w*|"
    r"select\w*|retriev\w*|resolv\w*|request\w*|pull\w*|lists?|check\w*|validat\w*|ask\w*|calls?|invok\w*|chat|"
    r"prompts?|inference|predict\w*|classif\w*|embed\w*|crud|r/w)\b"
)
_BRINGS = re.compile(
    r"\b(?:writ\w+|stor\w+|keep\w*|sav\w+|insert\w*|updat\w+|append\w*|export\w*|push\w*|publish\w*|emit\w*|ship\w*|log\w*|"
    r"audit\w*|back ?ups?|archiv\w+|upload\w*|replicat\w+|sync\w*|ingest\w*|dump\w*|deploy\w*|send\w*|deliver\w*|"
    r"persist\w*|record\w*|delet\w+|events?|metrics|telemetry|responses?|repl(?:y|ies)|answers?|results?|returns?|"
    r"outputs?)\b"
)


def answered(links: Sequence[Link], kind_of: Callable[[str], str], catalogue: Catalogue) -> Iterator[Link]:
    """The links, of arrows that are taken to be answered both ways: one into what is there to be asked, with no arrow
    back, unless its label speaks of bringing and not of asking. ``kind_of`` gives the type of a key."""
    fits = catalogue.is_any
    drawn = {(one.origin, one.target) for one in links if one.flow}
    for one in links:
        said = one.name.casefold()[:500]
        alone = one.arrow and not one.two_way and not one.returns and (one.target, one.origin) not in drawn
        brings = _BRINGS.search(said) and not _ASKS.search(said)
        if alone and not brings and fits(kind_of(one.target), ASKED) and fits(kind_of(one.origin), ASKING):
            yield replace(one, two_way=True, note="; ".join(filter(None, (one.note, NOTE))))
        else:
            yield one
