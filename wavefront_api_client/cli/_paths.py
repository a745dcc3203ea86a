"""The type of options that name a file: ``~`` means the same in all of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from typing import Any


class FilePath(click.Path):
    """A file, also in ``--to-file=~/x``, where no shell expands the ``~``."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path with the home directory in it."""
        path = os.path.expanduser(value)
        if path.startswith("~/"):
            self.fail(f"there is no home directory for {value}", param, ctx)
        return super().convert(path, param, ctx)


FILE = FilePath(readable=False)
