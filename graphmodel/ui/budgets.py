"""A form for the budget of a control, which goes into the text of the open file, and what it then holds against."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from graphmodel.knowledge.vocabulary import Skill, Status
from graphmodel.model.rewriting import rewritten
from graphmodel.model.system import ControlImplementation, System
from graphmodel.reading.limits import MAX_AMOUNT
from graphmodel.ui import state
from graphmodel.ui.safe import safe
from graphmodel.ui.tables import chance, plain_table
from graphmodel.ui.work import Work
from graphmodel.workspace import Model

_CONTROL, _BUDGET = "budget-control", "budget-requests"
_STEP = 1_000


def budget_form(work: Work, model: Model) -> None:
    """Draw it for the controls of ``model``, which is what the text of the editor says, where any can have a budget."""
    system = model.system
    if system is None or not model.usable:
        return
    able = {one.id: one for one in system.controls if one.status is not Status.RETIRED and threats_of(model, one)}
    if not able:
        return
    with st.expander(f"How many requests a control lets through ({len(able)})"):
        st.markdown(
            "Copying a model, or drawing its training data out of it, takes many questions. Where a control counts the "
            "requests of each caller, its *budget* is how many of them get through in a campaign; the control holds "
            "where the attack needs more."
        )
        left, right = st.columns([3, 2])
        with left:
            chosen = st.selectbox("Control", list(able), format_func=system.name_of, key=_CONTROL)
        one = able[chosen]
        with right:
            budget = st.number_input(
                "Requests of one caller in a campaign",
                0.0,
                float(MAX_AMOUNT),
                one.budget,
                float(_STEP),
                format="%.0f",
                key=f"{_BUDGET} {chosen} {work.edition}",
                placeholder="no budget",
                help="Empty: the control has none, and its usual strength counts.",
            )
        _effect(model, one, budget)
        if st.button("Put it into the text", disabled=budget == one.budget):
            _put(work, system, one, budget)


def threats_of(model: Model, one: ControlImplementation) -> list[str]:
    """The threats against which a budget of a control would count, by id."""
    kind = model.catalogue.controls.get(one.control or "")
    return sorted(kind.mitigates & model.settings.queries.needed.keys()) if kind is not None else []


def _effect(model: Model, one: ControlImplementation, budget: float | None) -> None:
    """With which chance a budget holds, by threat and by who asks."""
    if budget is None:
        return
    rule, patterns = model.settings.queries, model.catalogue.patterns
    plain_table(
        [
            {
                "Against": patterns[threat].name if threat in patterns else threat,
                **{
                    f"a {skill}" if skill is not Skill.EXPERT else f"an {skill}": chance(
                        rule.stopped(threat, budget, skill)
                    )
                    for skill in Skill
                },
            }
            for threat in threats_of(model, one)
        ],
        "budget-effect",
    )
    accounts = ", ".join(f"a {skill} {count:,}" for skill, count in rule.accounts.items())
    st.caption(
        f"The chance that it holds, before its evidence counts. How many accounts somebody asks from is a judgement "
        f"of the settings: {safe(accounts)}. Where two tests have measured the control, what they found counts instead."
    )


def _put(work: Work, system: System, one: ControlImplementation, budget: float | None) -> None:
    controls = tuple(replace(it, budget=budget) if it.id == one.id else it for it in system.controls)
    text = rewritten(work.text, system, replace(system, controls=controls))
    if text is None:
        said = "budget: " + ("" if budget is None else f"{budget:.0f}")
        st.error(f"This text cannot be changed piece by piece. Write “{said}” at the control {safe(one.id)} yourself.")
        return
    typed = work.typed(text)
    state.put(replace(typed, version=typed.version + 1))  # another text than the one that the browser holds
    st.rerun()
