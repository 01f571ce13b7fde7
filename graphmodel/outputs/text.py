"""Results as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tabulate import tabulate

from graphmodel.assessment.explain import Explanation, Hop, hop
from graphmodel.assessment.gaps import Gaps
from graphmodel.assessment.measures import Measure
from graphmodel.assessment.results import Assessment
from graphmodel.engine.likelihood import Estimate, Solution
from graphmodel.engine.paths import Path
from graphmodel.knowledge.vocabulary import Catalogue, ThreatPattern, View
from graphmodel.losses.inputs import input_name
from graphmodel.losses.uncertainty import Spread, Uncertainty
from graphmodel.outputs.assessment import assumptions
from graphmodel.outputs.wording import UNMARKED, apart, estimated, few, money
from graphmodel.reading.printable import printable


def chance(estimate: Estimate) -> str:
    """A likelihood, with its interval where it is simulated, in as many figures as tell its ends apart."""
    if estimate.is_exact:
        return figure(estimate.value)
    low, high = apart(estimate.low, estimate.high, figure)
    return f"{figure(estimate.value)} ({low}–{high})"


def amount(estimate: Estimate) -> str:
    """A sum without a currency, with its interval where it is simulated."""
    if estimate.is_exact:
        return f"{estimate.value:.4g}"
    low, high = apart(estimate.low, estimate.high, lambda one, figures: f"{one:.{figures + 1}g}")
    return f"{estimate.value:.4g} ({low} – {high})"


def figure(value: float, figures: int = 3) -> str:
    """A chance to so many figures, which never calls certain or impossible what is not."""
    said = f"{value:.{figures}g}"
    return f">0.{'9' * figures}" if said == "1" and value < 1 else said


def table(rows: Sequence[Sequence[object]], headers: Sequence[str]) -> str:
    """Rows under headers, with nothing of them read as numbers, and each cell on one line."""
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    return tabulate(cells, headers=headers, tablefmt="simple", disable_numparse=True)


def assessment_text(
    assessment: Assessment, measures: Sequence[Measure], top: int, spread: Uncertainty | None = None
) -> str:
    """The output of ``graphmodel assess``, with ``top`` rows in each table."""
    system, currency = assessment.compiled.system, assessment.compiled.system.currency
    parts = [f"{system.name} ({system.id})", ""]
    rows = []
    for view in View:
        yearly = assessment.yearly_loss(view)
        rows.append(
            [
                view,
                estimated(assessment.expected_loss(view), currency),
                estimated(yearly, currency) if yearly is not None else "no rate known",
            ]
        )
    parts.append(table(rows, ["view", "expected loss, worst campaign", "a year"]))
    if spread is not None and spread.drivers:
        parts += ["", _spread_text(assessment, spread)]
    parts += ["", "At stake"]
    parts.append(
        table(
            [
                [
                    risk.fact,
                    f"{risk.severity} x {risk.band} = {risk.risk}",
                    chance(risk.likelihood[View.INHERENT]),
                    chance(risk.likelihood[View.RESIDUAL]),
                    *([_inputs(spread.likelihood[risk.fact])] if spread is not None else []),
                    chance(risk.likelihood[View.TARGET]),
                    risk.actor,
                    estimated(risk.expected[View.RESIDUAL], currency),
                ]
                for risk in assessment.risks[:top]
            ],
            [
                "fact",
                "risk",
                "inherent",
                "residual",
                *(["from the inputs"] if spread is not None else []),
                "target",
                "worst actor",
                "expected loss",
            ],
        )
    )
    parts += ["", "Assets most likely to fall"]
    likely = sorted(assessment.assets, key=lambda one: (-one.likelihood[View.RESIDUAL].value, one.asset.id))[:top]
    parts.append(
        table(
            [
                [one.asset.id, one.asset.type, one.band, chance(one.likelihood[View.RESIDUAL]), one.fact, one.actor]
                for one in likely
            ],
            ["asset", "type", "band", "likelihood", "by", "worst actor"],
        )
    )
    parts += ["", f"Fix first (each alone; saved per {assessment.period})"]
    parts.append(
        table(
            [
                [
                    estimated(one.saves, currency),
                    one.control.name,
                    few(one.protects),
                    one.status + (f" ({one.implementation})" if one.implementation else ""),
                    few(one.threats),
                ]
                for one in measures[:top]
            ],
            ["saves", "control", "on", "status", "against"],
        )
    )
    parts += ["", "These numbers rest on:", *(f"- {one}" for one in assumptions(assessment))]
    return "\n".join(parts)


def _inputs(spread: Spread) -> str:
    return f"{figure(spread.low.value)}–{figure(spread.high.value)}"


def _spread_text(assessment: Assessment, spread: Uncertainty) -> str:
    """What the ranges of the inputs do to the expected loss as things stand, and which do most."""
    currency, found = assessment.compiled.system.currency, spread.headline
    period = "year" if spread.yearly is not None else "campaign"
    first = [input_name(assessment.compiled, one.input) for one in spread.drivers[:3]]
    error = f"; sampling error ±{money(found.sampling, currency)}" if found.sampling > 0 else ""
    return (
        f"As things stand, 90 % of {spread.draws:,} draws of the inputs give {money(found.low.value, currency)} to "
        f"{money(found.high.value, currency)} a {period}{error}.\nThat width comes most from: {'; '.join(first)}."
    )


def hop_text(number: int, one: Hop) -> str:
    """One hop of a path, with the reason for its chance and the controls that it meets."""
    lines = [f"  {number:>2}. {' + '.join(one.needs)} → {one.gains}   {one.passes:.3g}   {one.name}"]
    if one.techniques:
        lines.append(f"        {', '.join(one.techniques)}")
    if not one.consequence:
        lines.append(f"        {one.because}" + (f" ({one.basis})" if one.basis else ""))
    for met in one.controls:
        share = f", coverage {met.coverage:g}" if met.coverage < 1 else ""
        lines.append(f"        meets {met.id}: holds {met.holds:.3g}{share} ({met.because})")
    return "\n".join(lines)


def paths_text(
    assessment: Assessment,
    found: Sequence[tuple[str, str, Sequence[Path]]],
    choke_points: Mapping[str, Sequence[str]],
    view: View,
) -> str:
    """The output of ``graphmodel paths``."""
    parts = []
    for actor, target, paths in found:
        likelihood = assessment.actor_by_id[actor].likelihood(target, view)
        parts.append(f"{actor} to {target}: likelihood {chance(likelihood)} ({view})")
        if not paths:
            parts.append("  no way leads there")
        graph, skill = assessment.graph(actor, view), assessment.actor_by_id[actor].actor.skill
        for rank, path in enumerate(paths, start=1):
            parts.append(f" path {rank}, chance {path.chance:.3g}: {' → '.join(assessment.route(path))}")
            parts += [
                hop_text(number, hop(assessment, graph, step, skill)) for number, step in enumerate(path.steps, start=1)
            ]
        parts.append("")
    for actor, assets in choke_points.items():
        parts.append(f"Choke points of {actor}: {', '.join(assets) or 'none'}")
    return "\n".join([*parts, UNMARKED])


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
    return "\n".join([*parts, "", UNMARKED])


def explanation_text(assessment: Assessment, explanation: Explanation) -> str:
    """The output of ``graphmodel explain``."""
    parts = []
    for why in explanation.facts:
        numbers = ", ".join(f"{view} {chance(why.likelihood[view])}" for view in View)
        parts.append(f"{why.fact}: {numbers}; worst actor {why.actor}")
        for way, needs in why.ways:
            held = ", ".join(f"{need} {chance(one)}" for need, one in needs.items())
            parts.append(f"  by {way.name}: {way.passes:.3g}, once {held or 'started'}")
            parts.append(f"     {way.because}")
            parts += [f"     meets {met.id}: holds {met.holds:.3g} ({met.because})" for met in way.controls]
        if why.path is not None:
            parts.append(f"  likeliest path, chance {why.path.chance:.3g}:")
            parts += [hop_text(number, one) for number, one in enumerate(why.hops, start=1)]
        parts.append("")
    parts = [*parts, UNMARKED] if parts else [f"Nothing can happen to {explanation.asset}: no actor comes to it."]
    return "\n".join(parts)


def solution_text(solution: Solution, facts: Sequence[str]) -> str:
    """The output of ``graphmodel solve``."""
    rows = [[fact, chance(solution.of(fact)), solution.of(fact).method] for fact in facts]
    return (
        table(rows, ["fact", "likelihood", "method"])
        + f"\n\nexpected loss {amount(solution.loss)} ({solution.loss.method})"
    )


def catalogue_text(catalogue: Catalogue) -> str:
    """The output of ``graphmodel catalogue``."""
    threats = [one for one in catalogue.patterns.values() if not one.propagation]
    parts = [
        "Asset types",
        table([[n, catalogue.types[n].meaning] for n in catalogue.concrete_types()], ["type", "meaning"]),
        "",
    ]
    relations = [catalogue.relations[name] for name in catalogue.declarable_relations()]
    parts += [
        "Relations",
        table([[f"{r.subject} {r.name} {r.object}", r.meaning] for r in relations], ["relation", "meaning"]),
        "",
    ]
    parts += ["Threats", table([[t.id, t.area, t.meaning] for t in threats], ["threat", "area", "meaning"]), ""]
    controls = [[one.id, one.function, one.area, one.meaning] for one in catalogue.controls.values()]
    parts += ["Controls", table(controls, ["control", "function", "area", "meaning"])]
    return "\n".join(parts)


def catalogue_markdown(catalogue: Catalogue) -> str:
    """The catalogue as the tables of ``docs/catalogue.md``."""

    def block(title: str, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
        return f"### {title}\n\n" + tabulate(
            [[str(c) for c in row] for row in rows], headers=headers, tablefmt="pipe", disable_numparse=True
        )

    relations = [catalogue.relations[name] for name in catalogue.declarable_relations()]
    threats = [one for one in catalogue.patterns.values() if not one.propagation]
    rules = [one for one in catalogue.patterns.values() if one.propagation]
    parts = [
        block(
            "Asset types",
            ["type", "is a", "meaning"],
            [
                [n, ", ".join(catalogue.types[n].parents), catalogue.types[n].meaning]
                for n in catalogue.concrete_types()
            ],
        ),
        block(
            "Groups of types",
            ["group", "meaning"],
            [[n, one.meaning] for n, one in catalogue.types.items() if one.abstract],
        ),
        block(
            "Relations",
            ["from", "relation", "to", "meaning"],
            [[r.subject, r.name, r.object, r.meaning] for r in relations],
        ),
        block(
            "Threats",
            ["threat", "name", "reads", "chance", "area", "techniques"],
            [
                [f"`{t.id}`", t.name, _sentence(t), _chance(t), t.area, ", ".join(one.pinned for one in t.techniques)]
                for t in threats
            ],
        ),
        block(
            "Consequences",
            ["rule", "reads", "chance", "meaning"],
            [[f"`{t.id}`", _sentence(t), _chance(t), t.name] for t in rules],
        ),
        block(
            "Controls",
            ["control", "name", "function", "strength", "applies to", "mitigates or limits", "area", "mitigation"],
            [
                [
                    f"`{c.id}`",
                    c.name,
                    c.function,
                    f"{c.strength.low:g} / {c.strength.mode:g} / {c.strength.high:g}" if c.strength.high else "-",
                    ", ".join(c.applies_to),
                    ", ".join(sorted(c.mitigates) or sorted(c.limits)) or "-",
                    c.area,
                    ", ".join(one.pinned for one in c.techniques) or "-",
                ]
                for c in catalogue.controls.values()
            ],
        ),
    ]
    return "\n\n".join(parts)


def _sentence(pattern: ThreatPattern) -> str:
    held = [f"{one} on it" for one in pattern.needs]
    if pattern.via is not None:
        held.append(
            f"{' and '.join(pattern.other_needs)} on the {' or '.join(pattern.other_types)} that it {pattern.via}"
        )
    limits = f" (not {', '.join(pattern.except_types)})" if pattern.except_types else ""
    unless = f", unless it has {pattern.unless}" if pattern.unless else ""
    return f"{' or '.join(pattern.asset_types)}{limits}: {' and '.join(held)} gains {pattern.gains}{unless}"


def _chance(pattern: ThreatPattern) -> str:
    if pattern.chance is not None:
        one = pattern.chance
        base = f"{one.low:g} / {one.mode:g} / {one.high:g}" if one.low < one.high else f"{one.low:g}"
    else:
        base = str(pattern.maturity)
    return base + (f" x {pattern.prevalence:g}" if pattern.prevalence != 1 else "")
