"""Lists of the libraries that a program needs: what they tell of an AI application of which there is only code."""

from importers.packages.importer import IMPORTER

__all__ = ["IMPORTER"]
