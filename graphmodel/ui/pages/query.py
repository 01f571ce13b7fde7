"""Query: Cypher over the model and its results, in a store that only reads."""

from __future__ import annotations

import streamlit as st

st.title("Query", anchor=False)
