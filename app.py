"""The app as tests draw it, without a server; ``graphmodel app`` serves the same behind its guard."""

from graphmodel.ui.main import main

main()
