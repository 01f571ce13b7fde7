"""Answers in words and tables for a terminal, one file a question."""
