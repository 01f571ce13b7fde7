"""Threagile models in a folder with what belongs to them: the files that they include, and the risks found for them."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from graphmodel.reading.problems import refusal
from importers import threagile
from importers.source import Beside, Source


def with_risks(sources: Sequence[Source]) -> Sequence[Source]:
    """The sources without what a Threagile model among them includes, each model with the risks found for it.

    Risks lie beside their model, or else where most of the assets that they name are its own.
    """
    models = {one.name: one for one in sources if threagile.IMPORTER.sniff(one)}
    if not models:
        return sources
    taken = {
        posixpath.normpath(posixpath.join(posixpath.dirname(one.name), name))
        for one in models.values()
        for name in threagile.belonging(one)
    }
    models = {name: one for name, one in models.items() if name not in taken}
    names = {one.name for one in sources}
    for one in sources if models else ():
        if not threagile.is_risks(one.value) or posixpath.dirname(one.name) in map(posixpath.dirname, models):
            continue
        model = max(models.values(), key=lambda each: threagile.spoken_of(one.value, each.value))
        beside_it = posixpath.join(posixpath.dirname(model.name), threagile.RISKS)
        if beside_it not in names and (len(models) == 1 or threagile.spoken_of(one.value, model.value)):
            models[model.name] = Source(model.data, model.name, _also(model.beside, one.data))
    return [models.get(one.name, one) for one in sources if one.name not in taken]


def _also(beside: Beside | None, risks: bytes) -> Beside:
    """What lies beside a model, and the risks as if they lay there."""

    def content(name: str) -> bytes:
        if name == threagile.RISKS:
            return risks
        if beside is None:
            raise refusal(name, "this file was not given.", "Give it together with the others.")
        return beside(name)

    return content
