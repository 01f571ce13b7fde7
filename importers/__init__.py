"""Readers of other tools' files; ``registry`` finds the right one."""
