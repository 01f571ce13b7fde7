"""The gaps of maturity: those that an attack could use with what closing saves, and those of compliance apart."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from graphmodel.assessment.results import Assessment
from graphmodel.binding.credit import EVERYWHERE
from graphmodel.outputs.wording import estimated, few, money
from graphmodel.posture.posture import Gap, Stand, find_gaps
from graphmodel.posture.worth import Worth
from graphmodel.ui import state
from graphmodel.ui.links import MAP, go
from graphmodel.ui.pieces import control_name, name, safe
from graphmodel.ui.postures.maturity import why_level
from graphmodel.ui.tables import amount, plain, table

_LINKS, _NAMED = 4, 12


def gaps_tab(assessment: Assessment, stand: Stand) -> None:
    """Draw it."""
    gaps = find_gaps(stand.areas, state.worth())
    risks = [one for one in gaps if one.is_risk and not one.exposed]
    exposed = [one for one in gaps if one.exposed]
    rest = [one for one in gaps if not one.is_risk]
    st.subheader(f"Gaps that an attack could use ({len(risks)})", anchor=False)
    st.caption(
        f"Sorted by what closing each alone saves per {assessment.period}, with all its missing controls in place. "
        "What two of them save does not add up."
    )
    _risks(assessment, risks, "assess-risks")
    st.subheader(f"At its target, and still exposed ({len(exposed)})", anchor=False)
    st.caption("Maturity says that enough is done; the graph shows losses that controls of the same kind would remove.")
    _risks(assessment, exposed, "assess-exposed")
    st.subheader(f"Gaps that move no number here: compliance ({len(rest)})", anchor=False)
    st.caption("No way to a loss of this model meets a control that is missing for these.")
    _rest(rest)


def _risks(assessment: Assessment, gaps: Sequence[Gap], key: str) -> None:
    if not gaps:
        st.info("None.")
        return
    currency = assessment.compiled.system.currency
    rows = [
        {
            "Closing saves": amount(one.worth.saves, currency),
            "Costs a year": amount(one.worth.cost, currency),
            "Cost is": _cost_is(one.worth),
            "Effort": plain(len(one.worth.measures), "measures"),
            "Requirement": f"{one.state.requirement.id} {one.state.requirement.title}",
            "Today": one.state.today,
            "Target": one.state.target,
            "Missing": few(measures_named(assessment, one.worth.measures), 2),
            **_owned(one, gaps),
        }
        for one in gaps
        if one.worth is not None
    ]
    row = table(rows, key, Missing=st.column_config.TextColumn(width="large"))
    if row is None:
        return
    one = gaps[row]
    why_level(one.state)
    if one.worth is not None:
        _why_worth(assessment, one.worth)


def _why_worth(assessment: Assessment, worth: Worth) -> None:
    """What is missing, where, and how the sum comes about."""
    currency = assessment.compiled.system.currency
    cost = "of unknown cost" if worth.cost is None else f"for {money(worth.cost, currency)} a year"
    st.markdown(
        f"The loss is worked out anew with these in place together, {safe(cost)}, at the catalogue's strengths as far "
        f"as declared: **{safe(estimated(worth.saves, currency))}** less per {assessment.period}."
    )
    named = measures_named(assessment, worth.measures)
    st.markdown("\n".join(f"- {safe(one)}" for one in named[:_NAMED]))
    if len(named) > _NAMED:
        st.caption(f"and {len(named) - _NAMED} more")
    if worth.left_out:
        rivals = few(measures_named(assessment, worth.left_out), 6)
        st.caption(f"Left out, since they exclude one of these or what is implemented: {safe(rivals)}.")
    with st.container(horizontal=True):
        go("plan", "The best set for a budget", ":material/savings:")
        for place in _places(assessment, worth)[:_LINKS]:
            go("map", safe(name(assessment, place)), MAP, node=place)


def _places(assessment: Assessment, worth: Worth) -> list[str]:
    system = assessment.compiled.system
    found: list[str] = []
    for one in worth.measures:
        known = system.control_by_id.get(one)
        found += known.protects if known is not None else one.partition("@")[2].split(",")
    return [one for one in dict.fromkeys(found) if one in system.asset_by_id]


def measures_named(assessment: Assessment, measures: Sequence[str]) -> list[str]:
    """Measures in words: those that the system has by name, the others by control, with where they are missing."""
    system, catalogue = assessment.compiled.system, assessment.compiled.catalogue
    found = [control_name(assessment, one) for one in measures if one in system.control_by_id]
    missing: dict[str, list[str]] = {}
    for one in measures:
        if one not in system.control_by_id:
            control, _, places = one.partition("@")
            missing.setdefault(control, []).extend(places.split(","))
    for control, places_ in missing.items():
        kind = catalogue.controls.get(control)
        where = "everywhere" if EVERYWHERE in places_ else f"on {few([name(assessment, one) for one in places_], 6)}"
        found.append(f"{kind.name if kind is not None else control} {where}")
    return found


def _owned(one: Gap, gaps: Sequence[Gap]) -> dict[str, str]:
    """The columns for who sees to it, where anybody does."""
    if not any(other.state.owner or other.state.due for other in gaps):
        return {}
    return {"Owner": one.state.owner, "Due": one.state.due}


def _cost_is(worth: Worth) -> str:
    return "unknown" if worth.cost is None else "assumed" if worth.assumed else "stated"


def _rest(gaps: Sequence[Gap]) -> None:
    if not gaps:
        st.info("None.")
        return
    rows = [
        {
            "Requirement": f"{one.state.requirement.id} {one.state.requirement.title}",
            "Today": one.state.today,
            "Target": one.state.target,
            "Asks": one.state.requirement.asks,
            **_owned(one, gaps),
        }
        for one in gaps
    ]
    row = table(rows, "assess-compliance", Asks=st.column_config.TextColumn(width="large"))
    if row is not None:
        why_level(gaps[row].state)
