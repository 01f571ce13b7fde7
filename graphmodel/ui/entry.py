"""What Streamlit runs; the same as ``app.py`` of a checkout."""

from graphmodel.ui.main import main

main()
