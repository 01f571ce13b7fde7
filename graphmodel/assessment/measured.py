"""What tests made of a chance or a strength, in words: the prior, what was found, and the posterior."""

from __future__ import annotations

from graphmodel.binding.compiled import Compiled
from graphmodel.binding.evidence import Comparison, Trials, Update
from graphmodel.knowledge.vocabulary import Range, Skill


def three(value: Range) -> str:
    """A range as low / most likely / high, or as one number."""
    low, mode, high = value.low, value.mode, value.high
    return f"{low:g}" if low == high else f"{low:.3g} / {mode:.3g} / {high:.3g}"


def update_because(compiled: Compiled, update: Update, origin: str) -> str:
    """The arithmetic behind a chance that was measured; ``origin`` says where the catalogue's comes from."""
    worth, expected, measured = compiled.settings.tests.prior_prompts, update.expected, update.measured
    after, prompts = update.after, measured.prompts
    begin = f"prior: {origin}"
    if update.controls:
        begin += f" x {update.left:.3g} that is left with {' and '.join(update.controls)} on = {expected.mean:.3g}"
    begin += f", worth {worth:g} prompts"
    data = f"tested: {counted(update.trials)}"
    times = "one prompt" if prompts == 1 else f"{prompts} prompts"
    end = (
        f"posterior: {after.mean:.3g} a prompt, {measured.mean:.3g} in a campaign of {times} "
        f"({measured.low:.3g} to {measured.high:.3g})"
    )
    if update.controls and update.covered == 1:
        end += f"; with the controls that were on taken out again {update.chance.mean:.3g}"
    elif update.controls:
        end += f"; more than these controls would let pass, so they cover {update.covered:.3g} of it and no more"
    return f"{begin}; {data}; {end}"


def counted(trials: Trials) -> str:
    """What a test found, by whom, and with which controls on."""
    found = f"{trials.hits} of {trials.attempts} prompts succeeded"
    if trials.errors:
        found += f", {trials.errors} told nothing"
    ids = ", ".join(one.id for one in trials.observations)
    on = ", ".join(sorted(trials.controls)) or "no control"
    return f"{found} on {trials.on} with {on} on ({ids})"


def strength_because(comparison: Comparison, skill: Skill) -> str:
    """The arithmetic behind a strength that was measured."""
    found = comparison.effects[skill]
    without, with_it = comparison.without, comparison.with_it
    return (
        f"measured strength {three(found.range)}, mean {found.range.mean:.3g}: {with_it.hits} of {with_it.attempts} "
        f"prompts succeeded with it and {without.hits} of {without.attempts} without, so it lowers the chance with "
        f"probability {found.probability:.3f}"
    )
