"""The output of ``graphmodel gaps`` as text."""

from __future__ import annotations

from graphmodel.assessment.gaps import Gaps
from graphmodel.assessment.results import Assessment
from graphmodel.outputs.text.figures import folded, table
from graphmodel.outputs.wording import UNMARKED, estimated


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
    return folded("\n".join([*parts, "", UNMARKED]))
