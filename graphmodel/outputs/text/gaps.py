"""The output of ``graphmodel gaps`` as text."""

from __future__ import annotations

from graphmodel.assessment.architecture import RoleGap
from graphmodel.assessment.gaps import Gaps
from graphmodel.assessment.results import Assessment
from graphmodel.outputs.text.figures import folded, table
from graphmodel.outputs.wording import UNMARKED, estimated

_PAIRS = 3  # places that are named


def gaps_text(assessment: Assessment, gaps: Gaps, top: int) -> str:
    """The output of ``graphmodel gaps``."""
    currency = assessment.compiled.system.currency
    parts = [f"Threats without an implemented control ({len(gaps.threats)}; closing saves per {assessment.period})"]
    parts.append(
        table(
            [
                [
                    estimated(gap.saves, currency),
                    gap.threat.id,
                    gap.asset,
                    ", ".join(gap.others[:3]),
                    ", ".join(gap.planned) or "-",
                    ", ".join(gap.controls) or "no control in the catalogue",
                ]
                for gap in gaps.threats[:top]
            ],
            ["saves", "threat", "on", "over", "planned", "controls to choose from"],
        )
    )
    parts += ["", f"Controls that change nothing ({len(gaps.idle)})"]
    parts += [f"- {one.control.id}: {one.reason}" for one in gaps.idle]
    parts += ["", f"Implemented controls with weak evidence ({len(gaps.evidence)})"]
    parts += [f"- {one.control.id}: {one.reason}; counts for {one.factor:g} of its strength" for one in gaps.evidence]
    parts += ["", f"Flows between zones that are open ({len(gaps.flows)})"]
    parts += [
        f"- {one.flow.id}: not {' and not '.join(one.missing)}{'' if one.stated else ', as far as is known'}"
        for one in gaps.flows
    ]
    for title in dict.fromkeys(one.architecture.title for one in gaps.roles):
        own = [one for one in gaps.roles if one.architecture.title == title]
        parts += ["", f"What a complete {title} has, and this does not show ({len(own)})"]
        parts += [_role(one) for one in own]
    return folded("\n".join([*parts, "", UNMARKED]))


def _role(one: RoleGap) -> str:
    """A role that nothing fills, or where nothing stands in between, with what would do."""
    types = f"an asset of type {' or '.join(one.types)}" if one.types else ""
    controls = f"the control {' or '.join(one.controls)}" if one.controls else ""
    answer = f" ({', or '.join(filter(None, (types, controls)))})"
    if not one.places:
        return f"- nothing that is {one.gap.title}{answer}: {one.gap.why}"
    pairs = [f"{origin} and {target}" for origin, target in one.places[:_PAIRS]]
    more = ", …" if len(one.places) > _PAIRS else ""
    return f"- {one.gap.title}, and nothing stands between {', '.join(pairs)}{more}{answer}: {one.gap.why}"
