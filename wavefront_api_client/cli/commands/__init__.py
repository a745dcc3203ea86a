"""The commands, one module each; a trailing underscore keeps them apart from Python's words."""
