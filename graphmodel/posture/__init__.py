"""Posture: what an organisation answers to the framework, what that is worth on its graphs, and how it moves."""
