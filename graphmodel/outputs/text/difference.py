"""The output of ``graphmodel diff`` as text: by how much the loss moved and because of what, then all that changed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from graphmodel.assessment.paths import route_of
from graphmodel.outputs.difference import (
    AGAIN,
    Shares,
    cause_text,
    change_text,
    finding_text,
    joined_text,
    loss_shares,
    total_shares,
)
from graphmodel.outputs.text.figures import chance, folded, table
from graphmodel.outputs.wording import few, interval
from graphmodel.posture.alarms import Finding
from graphmodel.posture.changes import Change
from graphmodel.posture.comparison import Comparison, Version, difference
from graphmodel.reading.printable import printable

_DIGITS = 4  # of the largest figure of a table


def difference_text(comparison: Comparison, found: Sequence[Finding], top: int, most: int) -> str:
    """The output of ``graphmodel diff``, with ``top`` rows in each table; ``most`` causes were kept apart."""
    parts = [f"{_version_text(comparison.old)}\n→ {_version_text(comparison.new)}", ""]
    if not comparison.changed and comparison.figures[0] == comparison.figures[1]:
        return folded("\n".join([*parts, "Nothing changed."]))
    parts += [_total_text(comparison), ""]
    attribution = comparison.attribution
    if attribution.causes:
        parts += [f"Because of ({_rule_text(comparison)})", _causes_table(comparison), ""]
        joined = joined_text(attribution, most)
        parts += [printable(joined), ""] if joined else []
    moved = [fact for fact in comparison.facts if _is_moved(comparison, fact)]
    if moved:
        parts += [f"Risks that moved ({len(moved)} of {len(comparison.facts)})", _risks_table(comparison, moved[:top])]
        parts.append("")
    for title, changes in (
        ("The system", comparison.system),
        ("The knowledge", comparison.knowledge),
        ("The settings", comparison.settings),
        ("The answers", comparison.answers or ()),
    ):
        parts += _changes_text(title, changes, top)
    if comparison.new_paths:
        parts.append(f"New paths to a loss ({len(comparison.new_paths)})")
        for one in comparison.new_paths[:top]:
            route = " → ".join(route_of(comparison.new.assessment, one.path))
            parts.append(printable(f"- {one.actor} to {one.path.target}, chance {one.path.chance:.3g}: {route}"))
        parts.append("")
    if comparison.expired:
        parts.append(f"Evidence that expired ({len(comparison.expired)})")
        parts += [printable(f"- {one.id}: on {one.evidence_until}") for one in comparison.expired[:top]] + [""]
    failing = [finding_text(comparison, one) for one in found if one.fails]
    if failing:
        more = [f"- and {len(failing) - top} more; --top shows them"] if len(failing) > top else []
        parts += ["More than is allowed", *(printable(f"- {one}") for one in failing[:top]), *more, ""]
    return folded("\n".join(parts[:-1]))


def _version_text(version: Version) -> str:
    one = version.snapshot
    said = [] if one is None else [f"snapshot by graphmodel {one.program}"]
    if version.state.today:
        said.append(f"of {version.state.today}")
    if one is not None and one.note:
        said.append(f"“{one.note}”")
    return printable(f"{version.name} ({', '.join(said)})" if said else version.name)


def _total_text(comparison: Comparison) -> str:
    found = total_shares(comparison, _DIGITS)
    before, after = (one.total for one in comparison.figures)
    currency = comparison.new.assessment.compiled.system.currency
    moved = difference(before, after)
    around = "" if moved.is_exact else f" ({interval(moved, currency)})"
    return (
        f"Expected loss, {currency} a {comparison.period}: {_units(found, found.old)} → {_units(found, found.new)}, "
        f"{_signed(found, found.difference)}{around}"
    )


def _rule_text(comparison: Comparison) -> str:
    orders = comparison.attribution.orders
    return f"mean over {orders:,} sampled orders of the changes" if orders else "mean over all orders of the changes"


def _causes_table(comparison: Comparison) -> str:
    found, attribution = total_shares(comparison, _DIGITS), comparison.attribution
    currency = comparison.new.assessment.compiled.system.currency
    numbers = sorted(range(len(attribution.causes)), key=lambda one: -abs(attribution.total[one].value))
    rows = [
        [
            _signed(found, found.parts[one]),
            cause_text(comparison, one),
            interval(attribution.total[one].estimate, currency),
        ]
        for one in numbers
    ]
    again = comparison.again(lambda one: one.total)
    if again.value:
        rows.append([_signed(found, found.again), AGAIN, interval(again.estimate, currency)])
    rows.append([_signed(found, found.difference), "together", ""])
    simulated = any(row[2] for row in rows)
    headers = [f"{currency} a {comparison.period}", "what changed", *(["between"] if simulated else [])]
    return table([row if simulated else row[:2] for row in rows], headers)


def _is_moved(comparison: Comparison, fact: str) -> bool:
    """Whether what is printed of a risk is not twice the same."""
    found, (before, after) = loss_shares(comparison, fact, _DIGITS), comparison.figures
    likelier = chance(before.likelihood[fact]) != chance(after.likelihood[fact])
    return likelier or bool(found.difference) or any(found.parts)


def _risks_table(comparison: Comparison, facts: Sequence[str]) -> str:
    before, after = comparison.figures
    rows = []
    for fact in facts:
        found = loss_shares(comparison, fact, _DIGITS)
        rows.append(
            [
                fact,
                f"{chance(before.likelihood[fact])} → {chance(after.likelihood[fact])}",
                f"{_units(found, found.old)} → {_units(found, found.new)}",
                _because(comparison, fact, found),
            ]
        )
    currency = comparison.new.assessment.compiled.system.currency
    return table(rows, ["fact", "likelihood", f"expected loss, {currency} a {comparison.period}", "because of"])


def _because(comparison: Comparison, fact: str, found: Shares) -> str:
    causes = comparison.attribution.causes
    numbers = sorted(range(len(causes)), key=lambda one: -abs(found.parts[one]))
    said = [f"{causes[one].name} {_signed(found, found.parts[one])}" for one in numbers if found.parts[one]]
    if found.again:
        said.append(f"{AGAIN} {_signed(found, found.again)}")
    return few(said)


def _changes_text(title: str, changes: Sequence[Change], top: int) -> list[str]:
    if not changes:
        return []
    more = [f"- and {len(changes) - top} more; --top shows them"] if len(changes) > top else []
    return [f"{title} ({len(changes)})", *(printable(f"- {change_text(one)}") for one in changes[:top]), *more, ""]


def _units(found: Shares, units: int) -> str:
    """An amount with all the figures that its unit has, so that what is printed adds up."""
    amount = Fraction(units) * found.step
    if found.step >= 1:
        return f"{int(amount):,}"
    places = len(str(found.step.denominator)) - 1
    return f"{float(amount):,.{places}f}"


def _signed(found: Shares, units: int) -> str:
    said = _units(found, abs(units))
    return f"+{said}" if units > 0 else f"−{said}" if units < 0 else said
