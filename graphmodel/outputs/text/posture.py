"""The output of ``graphmodel posture`` as text."""

from __future__ import annotations

from collections.abc import Sequence

from graphmodel.knowledge.framework import Level
from graphmodel.outputs.posture import RULES
from graphmodel.outputs.text.figures import chance, folded, table
from graphmodel.outputs.wording import UNMARKED, estimated, few, money
from graphmodel.posture.attacks import AttackRow
from graphmodel.posture.posture import Gap, Posture
from graphmodel.posture.severity import UseRating
from graphmodel.reading.printable import printable


def posture_text(posture: Posture, top: int) -> str:
    """The output of ``graphmodel posture``, with ``top`` rows in the tables that grow."""
    assessment = posture.assessment
    system, currency = assessment.compiled.system, assessment.compiled.system.currency
    parts = [printable(f"{system.name} ({system.id})"), "", severity_said(posture.severity)]
    parts += [f"- {one.text} ({one.id}, from {', '.join((one.fact, *one.needs))})" for one in posture.severity.fired]
    parts += ["", "The framework's attacks on this system (its starter values in brackets)"]
    parts.append(
        table(
            [_attack(one, currency) for one in posture.attacks],
            [
                "attack",
                "likelihood",
                "can be tried",
                "exploitability",
                "impact each time",
                "likeliest by",
                "steps open",
            ],
        )
    )
    parts += ["", f"Maturity against the target “{posture.profile.id}”, 0 to 5"]
    parts.append(
        table(
            [
                [
                    one.area.id,
                    one.area.title,
                    f"{one.today:.1f}" if one.today is not None else "not assessed",
                    f"{one.target:.1f}" if one.target is not None else "-",
                    f"{len(one.assessed)} of {sum(state.applies for state in one.requirements)}",
                    f"{sum(item.status is not None for item in one.items())} of {sum(1 for _ in one.items())}",
                ]
                for one in posture.areas
            ],
            ["area", "", "today", "target", "assessed", "items known"],
        )
    )
    risks = [one for one in posture.gaps if one.is_risk]
    parts += [
        "",
        f"Gaps that an attack could use ({len(risks)}; what closing each alone saves per {assessment.period})",
    ]
    parts.append(
        table(
            [_gap(one, currency) for one in risks[:top]],
            ["saves", "costs a year", "requirement", "today", "target", "missing", ""],
        )
    )
    parts += _more(risks, top)
    rest = [one for one in posture.gaps if not one.is_risk]
    parts += ["", f"Gaps that move no number here: compliance ({len(rest)})"]
    parts += [
        f"- {one.state.requirement.id} {one.state.requirement.title}: {_today(one)}, target {one.state.target}"
        for one in rest[:top]
    ]
    parts += _more(rest, top)
    parts += ["", f"Answers against graph and calendar ({len(posture.findings)})"]
    parts += [printable(f"- {one.kind}: {one.message} {one.fix}") for one in posture.findings[:top]]
    parts += _more(posture.findings, top)
    parts += ["", "These numbers rest on:", *(f"- {one}" for one in RULES), "", UNMARKED]
    return folded("\n".join(parts))


def _more(rows: Sequence[object], top: int) -> list[str]:
    return [f"- and {len(rows) - top} more; --top shows them"] if len(rows) > top else []


def severity_said(rating: UseRating) -> str:
    """The severity of the use in a sentence, with what could still change it."""
    if rating.severity is None:
        said = "Severity of the use: not known, as none of the facts that it depends on has been stated."
    else:
        said = f"Severity of the use: {rating.severity}."
    if not rating.settled and rating.could is not None and rating.unsaid:
        said += (
            f" It could be {rating.could}; nobody has said: {few(rating.unsaid, 6)}. "
            "Say it under “use” in the answers, or on the page Assess."
        )
    return said


def _attack(one: AttackRow, currency: str) -> list[str]:
    prior, now = one.prior, one.now
    if not now.actor:
        return [
            prior.title,
            f"not possible here {_starter(prior.likelihood)}",
            "",
            _starter(prior.exploitability),
            _starter(prior.impact),
            "",
            "",
        ]
    impact = "" if now.impact is None else estimated(now.impact, currency)
    if now.impact is not None and now.impact.high <= 0:
        impact = "nothing that is stated to be lost"
    return [
        prior.title,
        f"{one.likelihood_band} {chance(now.likelihood)} {_starter(prior.likelihood)}",
        chance(now.available),
        f"{one.exploitability_band} {chance(now.exploitability)} {_starter(prior.exploitability)}",
        f"{one.impact_band} {impact} {_starter(prior.impact)}",
        now.actor,
        f"{one.open} of {one.steps}",
    ]


def _starter(level: Level | None) -> str:
    return f"[{level}]" if level is not None else "[none]"


def _gap(one: Gap, currency: str) -> list[str]:
    state, worth = one.state, one.worth
    if worth is None:
        return []
    cost = "unknown" if worth.cost is None else money(worth.cost, currency) + (" (assumed)" if worth.assumed else "")
    return [
        estimated(worth.saves, currency),
        cost,
        f"{state.requirement.id} {state.requirement.title}",
        _today(one),
        str(state.target),
        few(worth.measures),
        "; ".join(
            [
                *(["at its target, and still exposed"] if one.exposed else []),
                *([f"without {few(worth.left_out)}, which it excludes"] if worth.left_out else []),
            ]
        ),
    ]


def _today(one: Gap) -> str:
    state = one.state
    if state.level is not None:
        return str(state.level)
    return "not assessed" if state.today is None else f"{state.today} (indicated)"
