"""What the options and helps of several commands have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wavefront_api_client.tokens._clock import duration

if TYPE_CHECKING:
    from datetime import timedelta


def span(ctx: click.Context, param: click.Parameter, value: str | None) -> timedelta | None:
    """Read the value of an option that is a span of time; for its `callback`."""
    if value is None:
        return None
    try:
        return duration(value, "a time")
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from None


def example(line: str) -> str:
    """The end of a help: how to use the command."""
    return f"\b\nExample:\n  {line}"
