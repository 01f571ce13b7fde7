"""What a release of ATLAS changes, as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graphmodel.assessment.resting import Moved, Resting
from graphmodel.knowledge.atlas import Change, ReleaseChanges
from graphmodel.outputs.text.figures import folded
from graphmodel.outputs.wording import percent


def release_text(changes: ReleaseChanges, resting: Sequence[Resting] | None, moved: Sequence[Moved] = ()) -> str:
    """The output of ``graphmodel catalogue load``."""
    version = changes.version or "without a stated version"
    parts = [f"The release {version} beside {changes.edition}, which the catalogue is pinned to", ""]
    parts.append(f"New, so that no threat or control cites it yet ({len(changes.new)})")
    parts += [f"- {one.id} {one.now}" for one in changes.new]
    parts += _block("Gone", changes.gone, lambda one: one.was)
    parts += _block("Another name", changes.renamed, lambda one: f"{one.was} is now {one.now}")
    parts += _block("Another maturity", changes.matured, lambda one: f"{one.was or 'none stated'} is now {one.now}")
    if resting is not None:
        parts += ["", f"Losses that rest on what cites something gone, renamed or of another maturity ({len(resting)})"]
        parts += [f"- {one.fact}: {', '.join(one.on)}" for one in resting]
        parts += ["", f"Losses whose likelihood moves if threats take over these maturities ({len(moved)})"]
        parts += [f"- {one.fact}: {percent(one.was)}, then {percent(one.now)}" for one in moved]
    return folded("\n".join(parts))


def _block(title: str, changes: Sequence[Change], says: Callable[[Change], str]) -> list[str]:
    cited = sorted(changes, key=lambda one: (not one.cited, one.id))
    lines = [
        f"- {one.id} {says(one)}; " + (f"cited by {', '.join(one.cited)}" if one.cited else "cited by nothing")
        for one in cited
    ]
    return ["", f"{title} ({len(changes)})", *lines]
