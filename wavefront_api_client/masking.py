"""Masks tokens and other secrets in text for people."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["mask_secrets", "mask_token"]


def mask_token(token: str | None) -> str:
    """A token as it may be printed or logged.

    :param token: the token; None if it is unknown.
    :return: ``***`` and its last four characters, without them if it is shorter than eight.
    """
    return "***" + (token[-4:] if token and len(token) >= 8 else "")


def mask_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """A text without secrets, such as the output of a program.

    :param text: the text.
    :param secrets: the secrets that it may hold, in any spelling.
    :return: the text with ``***`` for each of them, and for everything that looks like a token.
    """
    from wavefront_api_client._core.secrets import Secrets, redact

    return redact(text, Secrets(secrets))
