"""What to do first and what the figures hang on, in sentences, the same on the command line and in the app."""

from __future__ import annotations

from graphmodel.assessment.judgements import RATE, leading_judgements
from graphmodel.assessment.measures import Measure, cost_of
from graphmodel.assessment.results import Assessment
from graphmodel.binding.evidence import unused_evidence
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.wording import estimated, few, money, share
from graphmodel.reading.problems import an


def places(assessment: Assessment, measure: Measure, most: int = 2) -> str:
    """Where a measure would stand."""
    names = ["the whole system" if one == "*" else assessment.compiled.system.name_of(one) for one in measure.protects]
    return few(names, most)


def advice(assessment: Assessment, measure: Measure) -> tuple[str, str]:
    """A measure as a sentence, in two parts: what to do, and what that saves, costs and answers."""
    currency, period = assessment.compiled.system.currency, assessment.period
    begin = f"Finish the {measure.status} " if measure.implementation else "Put "
    what = f"{begin}“{measure.control.name}” on {places(assessment, measure)}"
    cost, assumed = cost_of(assessment, measure)
    price = (
        "at a cost that nobody has stated"
        if cost is None
        else f"for {'an assumed ' if assumed else ''}{money(cost, currency)} a year"
    )
    patterns = assessment.compiled.catalogue.patterns
    threats = [f"“{patterns[one].name}”" for one in measure.threats]
    against = f"against {few(threats, 2)}" if threats else "by making a loss smaller once it happens"
    saves = estimated(measure.saves, currency)
    than = ", which is more than it saves" if cost and period == "year" and cost > measure.saves.value else ""
    return what, f"it saves about {saves} a {period}, {price}{than}, {against}."


def leans_on(assessment: Assessment, view: View = View.RESIDUAL) -> tuple[str, ...]:
    """A sentence for each single judgement that half of the expected loss or more hangs on."""
    system, said = assessment.compiled.system, []
    whole = f"the expected loss {'a year' if assessment.rated else 'of a campaign'}"
    for one in leading_judgements(assessment, view):
        part = f"{'All' if one.share == 1 else share(one.share)} of {whole}"
        if one.kind == RATE:
            campaigns = f"{one.value:.3g} campaign{'' if one.value == 1 else 's'} a year"
            said.append(f"{part} comes from “{system.name_of(one.element)}”: {campaigns}. Is that right?")
        else:
            asset, _, capability = one.element.rpartition(":")
            cost = money(one.value, system.currency)
            said.append(
                f"{part} is what “{system.name_of(asset)} · {capability}” costs: {cost} each time. Is that right?"
            )
    return tuple(said)


def without_effect(assessment: Assessment) -> tuple[str, ...]:
    """A sentence for each statement of the model that counts for nothing: losses that nothing leads to, overrides of
    threats that do not concern their asset, and tests that move no number."""
    compiled = assessment.compiled
    said = []
    for fact, instead in compiled.lost_on.items():
        asset, _, capability = fact.rpartition(":")
        what = an(compiled.catalogue.types[compiled.elements[asset]].label)
        use = f"Here it can be {few([str(one) for one in instead], 9)}." if instead else "Nothing leads to it at all."
        said.append(f"the loss on {fact} counts for nothing: no threat gains {capability} on {what}. {use}")
    said += [
        f"the override of {one.threat} on {one.asset} changes nothing: the threat does not concern it."
        for one in compiled.unused_overrides
    ]
    said += [f"the evidence {one.observation.id} moves no number: {one.why}." for one in unused_evidence(compiled)]
    return tuple(said)
