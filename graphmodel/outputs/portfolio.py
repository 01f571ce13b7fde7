"""Many systems beside each other, as JSON and in words; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphmodel.outputs.text.figures import folded, table
from graphmodel.outputs.wording import UNMARKED, estimated, money
from graphmodel.posture.portfolio import SystemRow, together
from graphmodel.reading.printable import printable

RULE = (
    "Losses are expected ones as things stand; those per year add up, whatever ties the systems. Maturity is the mean "
    "level of what is assessed, beside the mean target."
)


def portfolio_json(rows: Sequence[SystemRow], unusable: Sequence[str]) -> dict[str, Any]:
    """The output of ``graphmodel posture`` for several systems."""
    return {
        "systems": [_row(one) for one in rows],
        "together": [
            {"currency": currency, "per": "year", "systems": count, "loss": loss.to_json("amount")}
            for currency, (count, loss) in together(rows).items()
        ],
        "unusable": list(unusable),
        "rules": [RULE],
    }


def _row(one: SystemRow) -> dict[str, Any]:
    return {
        "file": one.file,
        "system": one.id,
        "name": one.name,
        "severity": None if one.severity is None else str(one.severity),
        "could_be": None if one.could is None else str(one.could),
        "profile": one.profile,
        "currency": one.currency,
        "per": one.per,
        "loss": one.loss.to_json("amount"),
        "planned": one.then.to_json("amount"),
        "risk": one.risk or None,
        "maturity": {area: {"today": level, "target": one.targets[area]} for area, level in one.today.items()},
        "requirements": one.requirements,
        "below_target": one.below,
        "open_items": one.open_items,
        "overdue": one.overdue,
        "expired": one.expired,
        "contradictions": one.contradictions,
    }


def portfolio_text(rows: Sequence[SystemRow]) -> str:
    """The same as text: what is at stake and to do, then the maturity by area."""
    names = [printable(one.name) for one in rows]
    twice = {one for one in names if names.count(one) > 1}
    shown = [
        f"{name} ({printable(one.file)})" if name in twice else name for name, one in zip(names, rows, strict=True)
    ]
    areas = list(dict.fromkeys(area for one in rows for area in one.today))
    parts = [f"{len(rows)} systems, the gravest use first", ""]
    parts.append(
        table(
            [[name, *_figures(one)] for name, one in zip(shown, rows, strict=True)],
            ["system", "use", "loss", "", "with what is planned", "worst risk"],
        )
    )
    parts += [
        f"Together: {estimated(loss, currency)} a year ({count} of {len(rows)} systems)"
        for currency, (count, loss) in together(rows).items()
        if count > 1
    ]
    parts += ["", "Maturity by area, 0 to 5: today / target, and what is to do"]
    parts.append(
        table(
            [
                [name, *(_level(one, area) for area in areas), *_counts(one)]
                for name, one in zip(shown, rows, strict=True)
            ],
            ["system", *areas, "below target", "items open", "overdue", "expired", "contradictions"],
        )
    )
    return folded("\n".join([*parts, "", RULE, UNMARKED]))


def _figures(one: SystemRow) -> list[str]:
    use = "not known" if one.severity is None else str(one.severity)
    could = f" (may be {one.could})" if one.could is not None and one.could is not one.severity else ""
    per = f"per {one.per}"
    return [f"{use}{could}", estimated(one.loss, one.currency), per, money(one.then.value, one.currency), one.risk]


def _level(one: SystemRow, area: str) -> str:
    level, target = one.today.get(area), one.targets.get(area)
    if target is None:
        return ""
    return f"{'-' if level is None else f'{level:.1f}'} / {target:.1f}"


def _counts(one: SystemRow) -> list[str]:
    return [
        f"{one.below} of {one.requirements}",
        *map(str, (one.open_items, one.overdue, one.expired, one.contradictions)),
    ]
