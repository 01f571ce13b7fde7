"""The version of the program, in one place for the package, its caches and its cluster workers."""

__version__ = "0.1.0"
