"""Answers as JSON with documented keys and as text for a terminal, one file a question."""
