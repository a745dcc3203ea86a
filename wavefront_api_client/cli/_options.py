"""The types of options that several commands have."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._durations import parse_duration

if TYPE_CHECKING:
    from typing import Any


class _Span(click.ParamType):
    """A span of time such as 90d."""

    name = "span"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read it."""
        try:
            return value if isinstance(value, timedelta) else parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


SPAN = _Span()
