"""The questionnaire: requirements one at a time, each item with what the graph says of it, and its answer.

It is drawn apart from the rest of its page, so that an answer is saved and shown without any other number being worked
out anew: the rest follows when it is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from graphmodel.assessment.results import Assessment
from graphmodel.binding.credit import EVERYWHERE
from graphmodel.knowledge.framework import Framework
from graphmodel.outputs.wording import few
from graphmodel.posture.answers import AnswerStatus, Proof
from graphmodel.posture.derived import Observed
from graphmodel.posture.maturity import ItemState, RequirementState
from graphmodel.posture.posture import Stand, find_stand
from graphmodel.ui import address, state
from graphmodel.ui.accepting import accepted_fields
from graphmodel.ui.answering import (
    FIRST_DAY,
    LAST_DAY,
    answer_given,
    chosen_of,
    day,
    fact_given,
    level_given,
    rows_of,
    seeded,
    told,
)
from graphmodel.ui.links import MAP, go
from graphmodel.ui.pieces import control_name, name, safe

USE = "use"
_KEPT, _VIEWED = "assess-kept", "assess-viewed"
_STATUS = {str(one): str(one).capitalize() for one in AnswerStatus}
_LINKS = 4  # to the map, an item
Head = Callable[[Stand], None]


@st.fragment
def questionnaire(assessment: Assessment, observed: Mapping[str, Observed], digest: str, head: Head) -> None:
    """Draw it. ``observed`` is what the graph says of the content that ``digest`` names; ``head`` draws what stands
    above, for the answers as they are."""
    answered = state.answered()
    framework = answered.framework
    stand = find_stand(framework, answered.given, observed)
    head(stand)
    stale = st.container()
    if state.current().assessed_digest != digest:
        with stale, st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("Your answers put controls in place that the graph does not know yet.", width="content")
            if st.button("Work it out anew"):
                st.rerun()
    side, middle = st.columns([1, 3], gap="large")
    with side:
        areas = [USE, *(area.id for area in framework.areas)]
        area = address.one_of(
            st.selectbox, "Area", areas, "area", "assess-area", USE, format_func=lambda one: _area(framework, one)
        )
        role = only_open = None
        if area != USE:
            roles = sorted({role for item in framework.items() for role in item.roles})
            role = address.one_of(st.selectbox, "Asked of", ["", *roles], "role", "assess-role", "", format_func=_role)
            only_open = address.is_on("Only what is open", "open", "assess-open", help=_OPEN)
            found = _requirements(stand, area, role, only_open)
            chosen = _requirement(found) if found else ""
    with middle:
        if area == USE:
            _use(framework)
        elif not found:
            st.info("Nothing is open here. Choose another area, or show everything again.")
        else:
            one, items = found[chosen]
            _head(one)
            for item in items:
                _item(assessment, item)
            _maturity(one)


_OPEN = "Items that nobody has answered, and of which the graph says nothing."


def _area(framework: Framework, area: str) -> str:
    return "Use of the system: severity" if area == USE else framework.area_by_id[area].title


def _role(role: str) -> str:
    return role.replace("-", " ").replace("ai ", "AI ").replace("it ", "IT ").replace("ciso", "CISO") or "everybody"


def _requirements(
    stand: Stand, area: str, role: str, only_open: bool
) -> dict[str, tuple[RequirementState, list[ItemState]]]:
    """The requirements of an area that have an item to show, with these. An item that is being answered stays."""
    viewed = (area, role, only_open, st.session_state.get("assess-requirement"))
    if st.session_state.get(_VIEWED) != viewed:
        st.session_state[_VIEWED], st.session_state[_KEPT] = viewed, set()
    kept: set[str] = st.session_state[_KEPT]
    found = {}
    for one in next(one for one in stand.areas if one.area.id == area).requirements:
        items = [
            item
            for item in one.items
            if (not role or role in item.item.roles) and (not only_open or item.status is None or item.item.id in kept)
        ]
        if items:
            found[one.requirement.id] = one, items
    return found


def _requirement(found: Mapping[str, tuple[RequirementState, list[ItemState]]]) -> str:
    key, options = "assess-requirement", list(found)
    if st.session_state.get(key) in options:
        st.session_state[key] = st.session_state[key]
    chosen = address.one_of(
        st.radio,
        "Requirement",
        options,
        "requirement",
        key,
        options[0],
        format_func=lambda one: safe(f"{one} {found[one][0].requirement.title}"),
    )
    kept: set[str] = st.session_state[_KEPT]
    kept.update(item.item.id for item in found[chosen][1])
    st.session_state[_VIEWED] = (*st.session_state[_VIEWED][:3], chosen)
    return chosen


def _head(one: RequirementState) -> None:
    asked = one.requirement
    st.subheader(safe(f"{asked.id} {asked.title}"), anchor=False)
    st.markdown(f"**{safe(asked.asks)}** {safe(asked.objective)}")
    st.markdown(f"Against: {safe(asked.threat)}  \nOtherwise: {safe(asked.impact)}")


def _use(framework: Framework) -> None:
    """The facts about the use of the system, from which the severity of its compromise follows."""
    st.subheader("Use of the system", anchor=False)
    st.markdown(
        "What the system is used for and trained on says how severe a compromise is, and so how much maturity is "
        "aimed at. Answer what you know: what nobody has said counts as no."
    )
    use = state.answered().given.use
    for fact in framework.facts:
        said = use.get(fact.id)
        with st.container(border=True):
            st.markdown(f"**{safe(fact.ask)}**")
            st.caption(safe(fact.explanation))
            st.segmented_control(
                f"Answer to {fact.id}",
                ["yes", "no"],
                format_func=str.capitalize,
                key=seeded(fact.id, "fact", None if said is None else "yes" if said else "no"),
                on_change=fact_given,
                args=(fact.id,),
                label_visibility="collapsed",
            )
            told(fact.id)


def _item(assessment: Assessment, one: ItemState) -> None:
    item, id_ = one.item, one.item.id
    with st.container(border=True):
        st.markdown(f"**{safe(item.ask)}**")
        st.caption(f"{safe(id_)} · {safe(item.text)} Would show it: {safe('; '.join(item.evidence))}.")
        _graph(assessment, one)
        answer = one.answer
        st.segmented_control(
            f"Answer to {id_}",
            list(_STATUS),
            format_func=_STATUS.__getitem__,
            key=seeded(id_, "status", str(answer.status) if answer is not None and answer.status else None),
            on_change=answer_given,
            args=(id_,),
            label_visibility="collapsed",
        )
        told(id_)
        # Always there, so that the fields below keep their place, and stay open.
        summary = st.empty()
        if answer is not None:
            said = [
                f"Owner: {answer.owner}" if answer.owner else "",
                f"due {answer.due}" if answer.due else "",
                f"evidence: {few([proof.reference for proof in answer.evidence])}" if answer.evidence else "",
                f"in place by this answer: {few([claim.control for claim in answer.controls])}"
                if answer.controls
                else "",
                f"risk accepted by {answer.accepted.by}" if answer.accepted is not None else "",
            ]
            if any(said):
                summary.caption(safe(" · ".join(part for part in said if part)))
        with st.expander("Reason, owner, due date, evidence, comment"):
            _fields(id_, one)
        if any(control in assessment.compiled.catalogue.controls for control in item.controls):
            with st.expander("Controls in place"):
                _controls(assessment, one)
        with st.expander("Risk accepted"):
            accepted_fields(assessment, id_, one.answer)


def _fields(id_: str, one: ItemState) -> None:
    answer = one.answer
    changed: dict[str, Any] = {"on_change": answer_given, "args": (id_,)}
    st.text_input("Reason", key=seeded(id_, "reason", answer.reason if answer else ""), **changed)
    owner_and_due(id_, answer.owner if answer else "", answer.due if answer else "", answer_given)
    rows, proofs = rows_of(id_), answer.evidence if answer else ()
    for number, proof in enumerate((*proofs, Proof(""))):
        first, second, third = st.columns([3, 1, 1])
        label = "Evidence" if number < len(proofs) else "More evidence" if proofs else "Evidence"
        first.text_input(
            label if number == 0 else f"{label} {number + 1}",
            key=seeded(rows, f"reference {number}", proof.reference),
            placeholder="a document, ticket or link",
            **changed,
        )
        for column, which, said in ((second, "date", "Of"), (third, "until", "Counts until")):
            with column:
                _calendar(said if number == 0 else f"{said} {number + 1}", rows, which, number, proof, changed)
    st.text_area("Comment", key=seeded(id_, "comment", answer.comment if answer else ""), height=80, **changed)


def _controls(assessment: Assessment, one: ItemState) -> None:
    """Where the controls of an item are in place by its answer: what counts on the graph beside what the model says."""
    id_, catalogue = one.item.id, assessment.compiled.catalogue
    offered = [EVERYWHERE, *(one.observed.open if one.observed is not None else ())]
    offered += [zone.id for zone in assessment.compiled.system.zones]
    st.caption(
        "What is chosen here counts in all numbers as if the model said so, where the item is met, or in part where it "
        "is partly met. The model's own statements come first. Other places can be named in the file, under “controls”."
    )
    for control in one.item.controls:
        if control not in catalogue.controls:
            continue
        claims = one.answer.controls if one.answer is not None else ()
        on = next((claim.on for claim in claims if claim.control == control), ())
        key, options = chosen_of(id_, f"on {control}", on, offered)
        st.multiselect(
            f"{safe(catalogue.controls[control].name)} is in place on",
            options,
            format_func=lambda place: "everywhere" if place == EVERYWHERE else name(assessment, place),
            key=key,
            on_change=answer_given,
            args=(id_,),
        )


def _calendar(label: str, rows: str, which: str, number: int, proof: Proof, changed: dict[str, Any]) -> None:
    st.date_input(
        label,
        None,
        FIRST_DAY,
        LAST_DAY,
        key=seeded(rows, f"{which} {number}", day(getattr(proof, which))),
        format="YYYY-MM-DD",
        **changed,
    )


def owner_and_due(about: str, owner: str, due: str, given: Callable[[str], None]) -> None:
    """The fields for who sees to something, and until when."""
    left, right = st.columns([3, 2])
    left.text_input("Owner", key=seeded(about, "owner", owner), on_change=given, args=(about,))
    right.date_input(
        "Due",
        None,
        FIRST_DAY,
        LAST_DAY,
        key=seeded(about, "due", day(due)),
        format="YYYY-MM-DD",
        on_change=given,
        args=(about,),
    )


def _graph(assessment: Assessment, one: ItemState) -> None:
    """What the graph says of an item, and where."""
    seen = one.observed
    if seen is None:
        return
    system = assessment.compiled.system
    by = [control_name(assessment, control) for control in seen.by if control in system.control_by_id]
    where = [name(assessment, element) for element in seen.open]
    said = f"On the graph: **{safe(str(seen.status))}**"
    said += f", by {safe(few(by, 4))}" if by else ""
    said += f"; open on {safe(few(where, _LINKS))}" if where else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{said}.", width="content", help=_why(assessment, one.item.controls))
        for element in [one for one in seen.open if one in system.asset_by_id][:_LINKS]:
            go("map", safe(name(assessment, element)), MAP, node=element)


def _why(assessment: Assessment, controls: Sequence[str]) -> str:
    known = assessment.compiled.catalogue.controls
    said = few([known[one].name for one in controls if one in known], 8)
    return (
        f"It is met where one of these stands on every step to a loss that it could cover: {safe(said)}. It is open "
        "where none of them does. As long as nobody has answered, this is what counts."
    )


def _maturity(one: RequirementState) -> None:
    """The level of maturity on the scale of this requirement, and its target."""
    id_, answers = one.requirement.id, state.answered().given
    said = answers.levels.get(id_)
    st.subheader("Maturity of this requirement", anchor=False)
    if one.indicated is None:
        st.caption("None of its items applies.")
    else:
        least, most = one.indicated
        range_ = f"{least}" if least == most else f"{least} to {most}"
        st.caption(f"Its items indicate {range_}, and items indicate no more than 3. The target is {one.target}.")
    levels = [str(number) for number in range(len(one.requirement.maturity))]
    st.radio(
        f"Level of {id_}",
        ["", *levels],
        format_func=lambda level: level or "Nobody has chosen",
        captions=["What its items indicate counts.", *(safe(text) for text in one.requirement.maturity)],
        key=seeded(id_, "level", "" if said is None or said.level is None else str(said.level)),
        on_change=level_given,
        args=(id_,),
        label_visibility="collapsed",
    )
    told(id_)
    with st.expander("Target, owner, due date, comment"):
        st.selectbox(
            "Target",
            ["", *levels],
            format_func=lambda level: level or "that of the profile",
            key=seeded(id_, "target", "" if said is None or said.target is None else str(said.target)),
            on_change=level_given,
            args=(id_,),
        )
        owner_and_due(id_, one.owner, one.due, level_given)
        st.text_area("Comment", key=seeded(id_, "comment", one.comment), height=80, on_change=level_given, args=(id_,))
