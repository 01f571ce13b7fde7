"""Model: the text of the open file with its problems beside it, to be edited, used and saved."""

from __future__ import annotations

import datetime
from pathlib import Path

import streamlit as st

from graphmodel.reading.printable import printable
from graphmodel.reading.problems import Problem
from graphmodel.ui import drafts, state
from graphmodel.ui.budgets import budget_form
from graphmodel.ui.editor import text_editor, typed_text
from graphmodel.ui.importing import show_import
from graphmodel.ui.pieces import problem_table, safe
from graphmodel.ui.texts import difference, file_text
from graphmodel.ui.work import Work
from graphmodel.workspace import ChangedOnDiskError, examples_directory, model_from_bytes, on_disk, open_model
from importers.registry import IMPORTERS

EDITOR = "editor"
_CHECKED_AS_TYPED = 300_000  # characters; a longer text is checked when it is used
_SAVING, _SAVED = "saving", "saved"


def show() -> None:
    """Draw the page."""
    work = state.work()
    st.header("Model", anchor=False)
    st.markdown(f"**{safe(work.name)}** · {_said(work)}")
    _notices(work)
    if work.is_example:
        _open(work)
    if _SAVED in st.session_state:
        st.toast(st.session_state.pop(_SAVED))
    _document()
    if work.imported and work.opened.problems:
        with st.expander(f"What was noticed when {safe(work.name)} was read ({len(work.opened.problems)})"):
            problem_table(work.opened.problems, "import-problems")
    if not work.is_example:
        _open(work)
    show_import(work)


def _said(work: Work) -> str:
    """Where the file is from, and what is in it."""
    if work.is_example:
        parts = ["an example that comes with graphmodel"]
    elif work.path is not None:
        parts = [safe(printable(str(work.path)))]
    else:
        parts = ["opened in the browser, so it can be downloaded but not saved in its place"]
    one = work.model.system
    if one is not None:
        counts = {
            "asset": one.assets,
            "flow": one.flows,
            "dependency": one.dependencies,
            "zone": one.zones,
            "actor": one.actors,
            "control": one.controls,
            "loss": one.losses,
        }
        parts.append(", ".join(_counted(len(elements), what) for what, elements in counts.items()))
    return " · ".join(parts)


def _counted(number: int, what: str) -> str:
    plural = {"dependency": "dependencies", "loss": "losses"}.get(what, f"{what}s")
    return f"{number} {what if number == 1 else plural}"


def _when(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds).astimezone().strftime("%d %B, %H:%M")


def _notices(work: Work) -> None:
    """What happened to the file or to its text while nobody looked."""
    if work.imported:
        st.info(
            "This is the imported file as a System document. Edit it here, or download it and go on from there.",
        )
    if work.restored:
        st.info(f"Your unsaved text of {_when(work.restored)} is here again.")
    offered = state.offer()
    if offered is not None:
        with st.container(border=True):
            st.markdown(
                f"There is an unsaved text of {_when(offered.when)}. It began from another content of this file."
            )
            with st.expander("How it differs from the file"):
                _difference(work.original.text, offered.text)
            left, right, _ = st.columns([1, 1, 3])
            if left.button("Take it up", width="stretch"):
                state.put(work.take_up(offered))
                state.decline()
                st.rerun()
            if right.button("Throw it away", width="stretch"):
                drafts.forget(work.draft_key)
                state.decline()
                st.rerun()
    if work.target is not None and not work.target.exists():
        st.warning(f"{safe(work.name)} is gone from the disk. Saving writes it again.")
    elif work.changed_on_disk():
        with st.container(border=True):
            st.markdown(f"**{safe(work.name)} has changed on disk** since it was opened.")
            if st.button("Read it again", help="Your unsaved text, if any, is offered beside it."):
                state.open_file(open_model(Path(work.opened.name)))
                st.rerun()


@st.fragment
def _document() -> None:
    work = state.work()
    typed = typed_text(EDITOR, work.edition)
    if typed is not None:
        work = work.typed(typed)
        state.put(work)
    problems = _problems(work)
    asked = text_editor(work.text, work.edition, work.file_key, problems, work.name, key=EDITOR)
    if work.unkept:
        st.warning(f"No draft of this text can be kept: {safe(printable(work.unkept))}. Save or download it.")
    _buttons(work, asked)
    if not work.edited or len(work.text) <= _CHECKED_AS_TYPED:
        budget_form(work, work.read(work.text) if work.edited else work.model)


def _problems(work: Work) -> list[Problem]:
    """The problems of the text in the editor, in the order of its lines."""
    if not work.edited:
        problems = work.model.problems
    elif len(work.text) <= _CHECKED_AS_TYPED:
        problems = work.read(work.text).problems
    else:
        problems = (Problem("note", "This text is long, and is checked when it is used."),)
    if work.imported and not work.unsaved:
        problems = ()  # they are about the imported file, whose lines are others
    return sorted(problems, key=lambda one: one.line)


def _buttons(work: Work, asked: bool) -> None:
    gone = work.target is not None and not work.target.exists()
    with st.container(horizontal=True, gap="small"):
        if st.button("Check and use", type="primary", help="All pages are then about the text as it stands here."):
            state.put(work.use())
            st.rerun()
        if work.target is not None:
            savable, label = work.unsaved or gone, f"Save to {safe(work.name)}"
            pressed = st.button(label, disabled=not savable, help="Shows first what changes in the file. Or Ctrl-S.")
            if pressed or (asked and savable):
                st.session_state[_SAVING] = (on_disk(work.target),)
        name = work.name if work.target is not None else f"{Path(work.name).stem}.yaml"
        st.download_button(
            "Download", work.original.as_file(work.text), file_name=name, mime="application/yaml", on_click="ignore"
        )
        if st.button("Discard changes", disabled=not work.unsaved, help="Goes back to the file as it was opened."):
            state.put(work.discard())
            st.rerun()
    if work.edited:
        st.markdown("The pages are about the text before these edits, until you press “Check and use”.")
    elif work.unsaved:
        so_far = f"not saved to {safe(work.name)}" if work.target is not None else "in no file of yours: download it"
        st.markdown(f"The pages are about this text. It is {so_far}.")
    if _SAVING in st.session_state and work.target is not None:
        _save(work.target, st.session_state[_SAVING][0])


def _saving_ended() -> None:
    st.session_state.pop(_SAVING, None)


@st.dialog("Save to the file", width="large", on_dismiss=_saving_ended)
def _save(path: Path, seen: bytes | None) -> None:
    """What saving would change, and the buttons that do it or do not; ``seen`` is what lies on the disk."""
    work = state.work()
    st.markdown(safe(printable(str(path))))
    if not work.original.faithful:
        st.warning("The file is not plain UTF-8 text with one kind of line end. Saving writes it as that.")
    if seen != work.opened.data:
        what = "is gone from the disk" if seen is None else "has changed on disk since it was opened"
        st.error(f"{safe(work.name)} {what}. Saving puts your text in the place of what is there now.")
    _difference(file_text(seen or b"").text, work.text)
    place = st.container()
    with st.container(horizontal=True, gap="small"):
        if st.button("Save", type="primary", key="save-now"):
            try:
                saved = work.save(seen)
            except ChangedOnDiskError:
                st.session_state[_SAVING] = (on_disk(path),)
                st.rerun()  # nothing was saved; the difference is another one
            except OSError as error:
                place.error(f"The file cannot be written ({safe(error.strerror)}). Your text is kept here.")
            else:
                _saving_ended()
                state.open_file(saved.opened)
                st.session_state[_SAVED] = f"Saved to {safe(work.name)}."
                st.rerun()
        if st.button("Cancel", key="save-not"):
            _saving_ended()
            st.rerun()


def _difference(old: str, new: str) -> None:
    text, cut = difference(old, new)
    if not text:
        st.markdown("There is no difference.")
        return
    st.code(text, language="diff", height=min(460, 40 + 22 * (text.count("\n") + 1)))
    if cut:
        st.markdown("There is more; only the beginning is shown.")


def _open(work: Work) -> None:
    formats = ", ".join(one.label for one in IMPORTERS)
    with st.expander("Open a file or an example", expanded=work.is_example):
        left, right = st.columns(2, gap="large")
        with left:
            said = "Open a file: a System document, or a threat model, drawing or configuration of another tool"
            upload = st.file_uploader(said, key="upload", help=f"Formats that are read: {formats}.")
            if upload is not None and st.session_state.get("opened-upload") != upload.file_id:
                st.session_state["opened-upload"] = upload.file_id
                state.open_file(model_from_bytes(upload.getvalue(), upload.name))
                st.rerun()
        with right:
            examples = sorted(path.name for path in examples_directory().glob("*.yaml"))
            chosen = st.selectbox("Or an example", examples, index=None, placeholder="Choose an example", key="example")
            if st.button("Open the example", disabled=chosen is None) and chosen is not None:
                state.open_file(open_model(examples_directory() / chosen))
                st.rerun()
        _unfinished(work)


def _unfinished(work: Work) -> None:
    """Drafts of other files, to go on with."""
    others = [(key, draft) for key, draft in drafts.kept() if key != work.draft_key]
    if not others:
        return
    st.markdown("**Unsaved texts of other files**")
    for key, draft in others[:10]:
        left, middle, right = st.columns([4, 1, 1], vertical_alignment="center")
        name = safe(printable(draft.name))
        left.markdown(f"{name}, {_when(draft.when)}")
        if middle.button("Go on", key=f"go-on-{key}", width="stretch"):
            state.take_up(key, draft)
            st.rerun()
        if right.button("Throw away", key=f"throw-{key}", width="stretch"):
            drafts.forget(key)
            st.rerun()


show()
