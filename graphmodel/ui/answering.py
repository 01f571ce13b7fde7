"""Answers as somebody gives them on a page: what its fields hold becomes one change, which is saved at once."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from graphmodel.posture.answers import Acceptance, Answer, AnswerStatus, Claim, Level, Proof
from graphmodel.ui import state
from graphmodel.ui.answers import Change, Conflict, Refused, reread, save
from graphmodel.ui.pieces import safe
from graphmodel.ui.tables import plain_table
from graphmodel.ui.texts import clean

_EDITION, _CONFLICTS, _TOLD, _ROWS = "answers-edition", "answers-conflicts", "answers-told", "answers-rows"
FIRST_DAY, LAST_DAY = datetime.date(1990, 1, 1), datetime.date(2100, 12, 31)


def field_key(about: str, field: str) -> str:
    """The key of the widget for one field of an answer; another one once the answers come from elsewhere."""
    return f"answer {st.session_state.get(_EDITION, 0)} {about} {field}"


def seeded(about: str, field: str, value: Any) -> str:
    """The key of a widget that begins with a value, and keeps what is typed into it."""
    key = field_key(about, field)
    # Not written again where it is there: that would take away what somebody is typing.
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def chosen_of(about: str, field: str, value: Sequence[str], offered: Sequence[str]) -> tuple[str, list[str]]:
    """The key of a widget that chooses from a list which may change, and that list with all that is chosen."""
    key = field_key(about, field)
    # Written again: a widget begins anew when what it offers changes.
    st.session_state[key] = list(st.session_state.get(key, value))
    return key, list(dict.fromkeys((*st.session_state[key], *value, *offered)))


def chosen_one(about: str, field: str, value: str, offered: Sequence[str]) -> tuple[str, list[str]]:
    """The key of a widget that chooses one of a list which may change, or nothing; and that list."""
    key = field_key(about, field)
    st.session_state[key] = st.session_state.get(key, value)
    return key, list(dict.fromkeys(("", st.session_state[key], value, *offered)))


def rows_of(item: str) -> str:
    """Names the rows for evidence of an item; others once one was taken out, so that none shows another's text."""
    return f"{item} {st.session_state.get(_ROWS, {}).get(item, 0)}"


def day(text: str) -> datetime.date | None:
    """A date as a calendar shows it; None for one that it cannot show."""
    try:
        found = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_DAY <= found <= LAST_DAY else None


def answer_given(item: str) -> None:
    """Save what the fields of an item hold by now."""
    base = state.answered().given.answers.get(item) or Answer(item)
    proofs = _proofs(item, base)
    status = _held(item, "status", str(base.status) if base.status is not None else None)
    answer = replace(
        base,
        status=AnswerStatus(status) if status else None,
        reason=_text(item, "reason", base.reason),
        owner=_text(item, "owner", base.owner),
        due=_date(item, "due", base.due),
        comment=_text(item, "comment", base.comment),
        evidence=proofs,
        controls=_claims(item, base),
        accepted=_accepted(item, base),
        source=None,
    )
    if answer.status is AnswerStatus.NOT_APPLICABLE and not answer.reason.strip():
        _tell(item, "Not saved yet: say under “Reason” why it does not apply here.")
        return
    if len(proofs) < len(base.evidence):
        rows = st.session_state.setdefault(_ROWS, {})
        rows[item] = rows.get(item, 0) + 1
    put(Change(answer=answer))
    if _half_accepted(item, base):
        _tell(item, "The accepted risk is not saved yet: say who accepts it, and why.")


def level_given(requirement: str) -> None:
    """Save what the fields of a requirement hold by now."""
    base = state.answered().given.levels.get(requirement) or Level(requirement)
    level, target = (_held(requirement, field, _number(getattr(base, field))) for field in ("level", "target"))
    put(
        Change(
            level=replace(
                base,
                level=int(level) if level else None,
                target=int(target) if target else None,
                owner=_text(requirement, "owner", base.owner),
                due=_date(requirement, "due", base.due),
                comment=_text(requirement, "comment", base.comment),
                source=None,
            )
        )
    )


def fact_given(fact: str) -> None:
    """Save what was said of a fact about the use."""
    said = st.session_state.get(field_key(fact, "fact"))
    put(Change(fact=(fact, None if said is None else said == "yes")))


def profile_given(key: str) -> None:
    """Save the target profile that was chosen."""
    put(Change(profile=str(st.session_state[key])))


def put(change: Change, agreed: bool = False) -> None:
    """Save a change, and go on with it; where that cannot be, it is said beside what was answered.

    ``agreed`` says that somebody has seen what would be replaced.
    """
    work, model = state.work(), state.current()
    if agreed:
        look_again()
    name = model.system.name if model.system is not None else model.name
    found = save(state.answered(), work.answers_target, change, model.catalogue, name)
    about = change.of()
    if isinstance(found, Refused):
        _tell(about, f"Not saved: {found.message}")
        return
    _tell(about, "")
    conflicts: dict[str, Conflict] = st.session_state.setdefault(_CONFLICTS, {})
    if isinstance(found, Conflict):
        conflicts[about] = found
        return
    conflicts.pop(about, None)
    state.take_answers(found.answered)
    if found.merged:
        _refresh()


def look_again() -> None:
    """Take up what others wrote into the file meanwhile."""
    now = reread(state.answered(), state.work().answers_target, state.current().catalogue)
    if now is not None:
        state.take_answers(now)
        _refresh()


def told(about: str) -> None:
    """Why the last answer to something was not saved; and where others answered it too, both to choose from."""
    # One element whatever is said, so that what comes after it keeps its place.
    with st.container():
        _told(about)


def _told(about: str) -> None:
    message = st.session_state.get(_TOLD, {}).get(about, "")
    if message:
        st.warning(safe(message))
    conflict: Conflict | None = st.session_state.get(_CONFLICTS, {}).get(about)
    if conflict is None:
        return
    with st.container(border=True):
        st.warning(f"Not saved: somebody else has just answered {safe(about)} too. Which of the two holds?")
        mine = _shown(conflict.change.before(_applied(conflict)))
        theirs = _shown(conflict.change.before(conflict.answered.own))
        plain_table(
            [
                {"": field, "Yours": mine.get(field, ""), "In the file": theirs.get(field, "")}
                for field in dict.fromkeys((*mine, *theirs))
            ],
            f"conflict {about}",
        )
        with st.container(horizontal=True):
            st.button("Keep mine", key=f"mine {about}", on_click=_settle, args=(about, True))
            st.button("Take theirs", key=f"theirs {about}", on_click=_settle, args=(about, False))


def _settle(about: str, mine: bool) -> None:
    conflict: Conflict = st.session_state[_CONFLICTS].pop(about)
    if mine:
        put(conflict.change, agreed=True)
    else:
        look_again()
    _refresh()


def _applied(conflict: Conflict) -> Any:
    """Answers with nothing but the change in them."""
    from graphmodel.posture.answers import Answers

    change = conflict.change
    return Answers(
        "",
        profile=change.profile or "",
        use={change.fact[0]: change.fact[1]} if change.fact is not None and change.fact[1] is not None else {},
        answers={change.answer.item: change.answer} if change.answer is not None else {},
        levels={change.level.requirement: change.level} if change.level is not None else {},
    )


def _shown(one: Answer | Level | bool | str | None) -> dict[str, str]:
    """What was answered, by field, as text."""
    if one is None:
        return {"Answer": "none"}
    if isinstance(one, bool):
        return {"Answer": "yes" if one else "no"}
    if isinstance(one, str):
        return {"Profile": one}
    fields = ("status", "level", "target", "reason", "owner", "due", "comment")
    found = {name.capitalize(): str(getattr(one, name, "") or "") for name in fields if hasattr(one, name)}
    if isinstance(one, Answer):
        found["Evidence"] = "; ".join(proof.reference for proof in one.evidence)
    return found


def _refresh() -> None:
    """Begin the fields anew, with the answers as they are now."""
    st.session_state[_EDITION] = st.session_state.get(_EDITION, 0) + 1


def _tell(about: str, message: str) -> None:
    st.session_state.setdefault(_TOLD, {})[about] = message


def _held(about: str, field: str, default: Any) -> Any:
    return st.session_state.get(field_key(about, field), default)


def _text(about: str, field: str, default: str) -> str:
    return clean(str(_held(about, field, default) or ""))


def _date(about: str, field: str, default: str) -> str:
    chosen = _held(about, field, day(default))
    # A date that the calendar cannot show stays as it stands in the file.
    return chosen.isoformat() if chosen is not None else default if day(default) is None else ""


def _acceptance(item: str, base: Answer) -> Acceptance:
    """What the fields say of an accepted risk, whole or not."""
    before = base.accepted or Acceptance("", "")
    return Acceptance(
        by=_text(item, "accepted by", before.by).strip(),
        reason=_text(item, "accepted reason", before.reason).strip(),
        until=_date(item, "accepted until", before.until),
        compensating=_text(item, "accepted compensating", before.compensating),
    )


def _half_accepted(item: str, base: Answer) -> bool:
    found = _acceptance(item, base)
    return found != Acceptance("", "") and not (found.by and found.reason)


def _accepted(item: str, base: Answer) -> Acceptance | None:
    """The accepted risk to be saved: as it was, as long as what is given is not whole."""
    if _half_accepted(item, base):
        return base.accepted
    found = _acceptance(item, base)
    return found if found.by else None


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _proofs(item: str, base: Answer) -> tuple[Proof, ...]:
    rows, found = rows_of(item), []
    for number in range(len(base.evidence) + 1):
        one = base.evidence[number] if number < len(base.evidence) else Proof("")
        reference = _text(rows, f"reference {number}", one.reference).strip()
        if reference:
            dates = (_date(rows, f"{which} {number}", getattr(one, which)) for which in ("date", "until"))
            found.append(Proof(reference, *dates))
    return tuple(found)


def _claims(item: str, base: Answer) -> tuple[Claim, ...]:
    """The controls that an answer says are in place. What the fields do not show of them stays as it is."""
    found = list(base.controls)
    for control in state.answered().framework.item_by_id[item].controls:
        at = next((number for number, one in enumerate(found) if one.control == control), None)
        before = found[at].on if at is not None else ()
        places = tuple(_held(item, f"on {control}", before))
        if at is None:
            found += [Claim(control, places)] if places else []
        elif places:
            found[at] = replace(found[at], on=places)
        else:
            del found[at]
    return tuple(found)
