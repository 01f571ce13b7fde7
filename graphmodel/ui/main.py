"""The app: its pages, and what stands beside all of them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from graphmodel.binding.relations import Reach
from graphmodel.ui import state
from graphmodel.ui.standing import has_numbers, notice
from graphmodel.version import __version__

# Not called "pages": Streamlit takes a directory of that name for pages of its own.
SCREENS = Path(__file__).parent / "screens"
CATALOGUE = "Catalogue"  # needs no system
REACH_WORDS = {
    Reach.DATA: "the way the data go",
    Reach.BOTH: "both ways along every link",
}


def main() -> None:
    """Draw the page that the address names."""
    st.set_page_config(
        page_title="graphmodel",
        page_icon=str(Path(__file__).with_name("icon.svg")),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    st.html(Path(__file__).with_name("page.css"))
    pages = [
        st.Page(SCREENS / "overview.py", title="Overview", icon=":material/monitoring:", default=True),
        st.Page(SCREENS / "assess.py", title="Assess", icon=":material/fact_check:"),
        st.Page(SCREENS / "losses.py", title="Losses", icon=":material/show_chart:"),
        st.Page(SCREENS / "map.py", title="Map", icon=":material/map:"),
        st.Page(SCREENS / "paths.py", title="Paths", icon=":material/route:"),
        st.Page(SCREENS / "importance.py", title="Importance", icon=":material/hub:"),
        st.Page(SCREENS / "gaps.py", title="Gaps", icon=":material/rule:"),
        st.Page(SCREENS / "plan.py", title="Plan", icon=":material/savings:"),
        st.Page(SCREENS / "history.py", title="History", icon=":material/history:"),
        st.Page(SCREENS / "catalogue.py", title=CATALOGUE, icon=":material/menu_book:"),
        st.Page(SCREENS / "query.py", title="Query", icon=":material/database_search:"),
        st.Page(SCREENS / "model.py", title="Model", icon=":material/edit_document:"),
    ]
    chosen = st.navigation(pages, position="top")
    with st.sidebar:
        _sidebar()
    editing = chosen is pages[-1] or chosen.title == pages[-1].title
    notice(state.work(), pages[-1], editing)
    if not editing and chosen.title != CATALOGUE and not has_numbers(state.work(), chosen.title, pages[-1]):
        return
    # The page comes before what else needs an assessment: it is where people see how far that is.
    chosen.run()
    if state.current().usable and chosen.title != CATALOGUE:
        with st.sidebar:
            _assumptions()


def _sidebar() -> None:
    from graphmodel.ui.pieces import safe

    model = state.current()
    st.subheader(safe(model.system.name if model.system else model.name), anchor=False)
    if model.system is not None and model.system.description:
        st.caption(safe(model.system.description))
    st.selectbox(
        "Attackers move",
        list(REACH_WORDS),
        format_func=REACH_WORDS.__getitem__,
        key="reach",
        help="Along a link an attacker gets the way the data go, and back where something comes back. "
        "On a bus, or in a model whose links have no direction, choose both ways.",
    )


def _assumptions() -> None:
    from graphmodel.outputs.assessment import assumptions
    from graphmodel.ui.pieces import safe

    with st.expander("What the numbers rest on"):
        for one in assumptions(state.assessment()):
            st.markdown(f"- {safe(one)}")
    st.caption(f"graphmodel {__version__}")
