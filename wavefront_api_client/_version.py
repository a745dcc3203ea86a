"""The version of this package, in one place."""

__version__ = "3.0.0"
