"""Reads what the service says about an error, in any of its three shapes."""

from __future__ import annotations

import re

from wavefront_api_client._core.wire import parse

LONGEST_ERROR = 1_000_000
"""Characters of a body that may still be an error message."""


def read_error_body(body: str | None) -> tuple[str | None, str | None]:
    """Read the body of an answer that is an error.

    :param body: body of the answer.
    :return: message and tracking id, each None where the body holds none.
    """
    if not body or len(body) > LONGEST_ERROR:
        return None, None
    try:
        data = parse(body)
    except (ValueError, RecursionError):
        return _from_plain_text(body)
    if not isinstance(data, dict):
        return None, None
    status = data.get("status")
    message = status.get("message") if isinstance(status, dict) else None
    message = message or data.get("error") or data.get("message")
    return _text_or_none(message), _text_or_none(data.get("trackingId"))


def _from_plain_text(body: str) -> tuple[str | None, str | None]:
    # In two steps: one pattern for both ends would take time with the square of the length.
    start = re.search(r"^message='", body, re.MULTILINE)
    end = start and re.compile(r"'\s*$", re.MULTILINE).search(body, start.end())
    message = body[start.end() : end.start()] if start and end else None
    tracking = re.search(r"^trackingId='?([^'\s]+)", body, re.MULTILINE)
    return message, tracking and tracking.group(1)


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
