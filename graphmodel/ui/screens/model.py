"""Model: open a file, see its problems, edit the document, keep it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from graphmodel.model.writing import write_document
from graphmodel.reading.printable import printable
from graphmodel.reading.problems import has_errors
from graphmodel.ui import state
from graphmodel.ui.pieces import problem_table, safe
from graphmodel.workspace import Model, examples_directory, model_from_bytes, open_model
from importers.registry import IMPORTERS


def show() -> None:
    """Draw the page."""
    st.header("Model", anchor=False)
    st.caption("Open a System document, or a file that an importer reads; look at its problems; edit it; keep it.")
    model = state.current()
    _open()
    refused = state.refused()
    if refused is not None:
        st.error(
            f"{safe(Path(refused.name).name)} was not opened. {safe(Path(model.name).name)} is still open, unchanged."
        )
        problem_table(refused.problems, "refused")
    st.subheader(safe(Path(model.name).name), anchor=False)
    if model.system is not None:
        one = model.system
        counts = {
            "assets": one.assets,
            "flows": one.flows,
            "dependencies": one.dependencies,
            "zones": one.zones,
            "actors": one.actors,
            "controls": one.controls,
            "losses": one.losses,
        }
        said = ", ".join(f"{len(elements)} {what}" for what, elements in counts.items())
        st.caption(f"{said}; read as {safe(model.format)}")
    if model.problems:
        with st.expander(f"Problems ({len(model.problems)})", expanded=any(p.level != "note" for p in model.problems)):
            problem_table(model.problems, "problems")
    else:
        st.success("No problems.")
    _edit(model)


def _open() -> None:
    left, right = st.columns(2, gap="large")
    with left:
        formats = ", ".join(one.label for one in IMPORTERS)
        upload = st.file_uploader(f"Open a file: a System document, {formats}", key="upload")
        if upload is not None and st.session_state.get("opened-upload") != upload.file_id:
            st.session_state["opened-upload"] = upload.file_id
            state.use(model_from_bytes(upload.getvalue(), upload.name))
            _forget_edits()
            st.rerun()
    with right:
        examples = sorted(path.name for path in examples_directory().glob("*.yaml"))
        chosen = st.selectbox("Or an example", examples, index=None, placeholder="Choose an example", key="example")
        if st.button("Open the example", disabled=chosen is None) and chosen is not None:
            state.use(open_model(examples_directory() / chosen))
            _forget_edits()
            st.rerun()


def _forget_edits() -> None:
    st.session_state.pop("draft", None)


def _edit(model: Model) -> None:
    text = model.data.decode("utf-8", "replace") if model.format == "graphmodel" else ""
    if model.format != "graphmodel" and model.system is not None:
        text = write_document(model.system, f"# Read by graphmodel from {printable(model.name)}.\n")
    st.subheader("The document", anchor=False)
    if model.format != "graphmodel":
        st.caption(
            "This is the imported file as a System document. Edit it and use it, or download it and go on from there."
        )
    draft = st.text_area("Document", text, height=480, key=f"draft-{model.digest}", label_visibility="collapsed")
    left, middle, _ = st.columns([1, 1, 3])
    with left:
        if st.button("Check and use", type="primary"):
            name = model.name if model.format == "graphmodel" else "imported.yaml"
            changed = model_from_bytes(draft.encode("utf-8"), name, model.directory)
            if state.use(changed) and not has_errors(changed.problems):
                st.toast("The edited model is open.")
            st.rerun()
    with middle:
        st.download_button("Download", draft, file_name="system.yaml", mime="application/yaml")


show()
