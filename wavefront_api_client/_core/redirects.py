"""Decides where a redirect may lead: to the origin that the credential is for, or nowhere."""

from __future__ import annotations

from wavefront_api_client._core.urls import origin, resolve, split_url
from wavefront_api_client.retry import FETCHING_METHODS

REDIRECTS = frozenset({301, 302, 303, 307, 308})


def redirect_target(method: str, url: str, status: int, location: str | None) -> str | None:
    """The URL to follow an answer to; None if it is no redirect, or one that must not be followed.

    What is followed begins with the origin as it is written in `url`: a redirect names a path, and
    never a host to connect to.

    :param method: HTTP method.
    :param url: that was asked for.
    :param status: of the answer.
    :param location: header of the answer.
    """
    if status not in REDIRECTS or not location or method not in FETCHING_METHODS:
        return None
    try:
        target = resolve(url, location)
        if origin(target) != origin(url):
            return None
        return split_url(url)[0] + split_url(target)[1]
    except ValueError:
        return None


def redirect_hint(url: str, location: str | None) -> str:
    """Why a redirect was not followed, with no more of its target than may be shown.

    :param url: that was asked for.
    :param location: header of the answer.
    """
    if not location:
        return "It is a redirect that names no target."
    try:
        target = resolve(url, location)
        if origin(target) == origin(url):
            return "A redirect within the origin is followed for GET only, and not for ever."
        there = split_url(target)[0]
    except ValueError:
        return "The redirect was not followed: not every parser would read its target alike."
    return f"The redirect to {there} was not followed: a credential goes to no other origin."
