"""What stands above every page: whose file it is about, and why there is nothing to see where there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from graphmodel.ui.work import Work

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage


def notice(work: Work, editor: StreamlitPage, editing: bool) -> None:
    """That what is open is an example, or holds edits that no file has; with the way to the page Model."""
    from graphmodel.ui.pieces import safe

    if work.is_example:
        named = work.opened.system.name if work.opened.system is not None else work.name
        edits = ", with your edits" if work.model is not work.opened else ""
        text, label = f"**Example**: {safe(named)}{edits}.", "Open yours on the page Model"
    elif editing:
        return
    elif work.model is not work.opened:
        text, label = f"**{safe(work.name)} with edits that are not saved.**", "Save them on the page Model"
    elif work.edited:
        text, label = (
            f"**{safe(work.name)}**: there are edits that are not in use yet.",
            "Go on with them on the page Model",
        )
    else:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(text, width="content")
        if not editing:
            st.page_link(editor, label=label, width="content")


def has_numbers(work: Work, title: str, editor: StreamlitPage) -> bool:
    """Whether a page can show anything of the open file; otherwise it is said why not, and where to mend that."""
    from graphmodel.ui.pieces import safe

    system = work.model.system
    if work.errors:
        number = f"{work.errors} error{'' if work.errors == 1 else 's'}"
        text, label = (
            f"{safe(work.name)} has {number} and cannot be assessed.",
            "See and correct them on the page Model",
        )
    elif system is not None and not system.assets:
        text = (
            f"{safe(work.name)} has no assets yet, so there is nothing to assess. Add what the system consists of "
            "under “assets”, with a type each, and then its flows, actors and losses."
        )
        label = "Add them on the page Model"
    else:
        return True
    st.header(title, anchor=False)
    if work.errors:
        st.error(text)
    else:
        st.info(text)
    st.page_link(editor, label=label)
    return False
