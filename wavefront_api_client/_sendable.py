"""What the value of a header cannot hold."""

from __future__ import annotations

UNSENDABLE = r"[\x00-\x1f\x7f-\x9f]|[^\x00-\xff]"
"""A pattern for control characters, which end a header, and for what is not Latin-1."""

PROBLEM = "holds a line break, a control character or one that is not Latin-1 (value not shown)"
