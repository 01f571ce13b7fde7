"""Opens the app: ``streamlit run app.py``, or ``streamlit run app.py -- system.yaml``."""

from graphmodel.ui.main import main

main()
