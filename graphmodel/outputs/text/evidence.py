"""The output of ``graphmodel evidence`` as text."""

from __future__ import annotations

from graphmodel.assessment.testing import Intake
from graphmodel.binding.evidence import strengths, told
from graphmodel.knowledge.vocabulary import Skill
from graphmodel.outputs.evidence import Change
from graphmodel.outputs.text.figures import chance, folded, table
from graphmodel.outputs.wording import estimated


def intake_text(found: Intake, change: Change) -> str:
    """What results speak of, what does not count and why, and the numbers before and after."""
    mapped = [one for one in found.lines if one.evidence]
    others = [one for one in found.lines if not one.evidence]
    parts = [f"Results that speak of a threat here ({len(mapped)})"]
    rows = [(one.technique, one.said, one.threat, one.asset, one.target, one.file) for one in mapped]
    parts.append(table(rows, ["technique", "result", "threat", "on", "target", "file"]))
    parts += ["", f"Results that do not ({len(others)})"]
    for one in others:
        parts.append(f"- {one.technique or one.tool}{f', {one.said}' if one.said else ''} ({one.file}): {one.why}")
    said = list(dict.fromkeys(f"{one.technique}: {note}" for one in mapped for note in one.notes))
    parts += ["", *(f"- {one}" for one in said)] if said else []
    new = {one.id for one in found.evidence}
    weighed = sorted(change.weighed, key=lambda one: one.observation.id not in new)
    parts += ["", f"What the evidence counts for ({len(weighed)})"]
    for each in weighed:
        parts.append(f"- {each.observation.id}{'' if each.observation.id in new else ', as before'}: {told(each)}.")
    for pair in strengths(change.after.compiled):
        effect = pair.effects[Skill.SKILLED]
        counts = f"not shown: {pair.refused}" if pair.refused else "shown, and takes the place of its stated strength"
        parts.append(
            f"- {pair.control}: {pair.with_it.hits} of {pair.with_it.attempts} with it, {pair.without.hits} of "
            f"{pair.without.attempts} without; against a skilled actor it takes off {effect.mean:.3g} "
            f"({effect.low:.3g} to {effect.high:.3g}); {counts}."
        )
    currency, (before, after) = change.after.compiled.system.currency, change.losses
    period = "a year" if change.after.rated else "of the worst campaign"
    parts += ["", f"Expected loss {period}: {estimated(before, currency)} → {estimated(after, currency)}"]
    parts += [f"- {fact}: likelihood {chance(old)} → {chance(new_)}" for fact, old, new_ in change.moved]
    if not change.moved:
        parts.append("No likelihood changes.")
    return folded("\n".join(parts))
