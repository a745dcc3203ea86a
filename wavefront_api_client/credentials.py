"""Credentials that VMware Cloud services exchange for access tokens: of a user, or of an app."""

from __future__ import annotations

import os
from base64 import b64encode
from typing import TYPE_CHECKING, ClassVar

from wavefront_api_client._core.secrets import clears_frames
from wavefront_api_client._core.urls import is_clear_text, parse_host
from wavefront_api_client._core.wire import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CspApiToken", "CspApp"]

CONSOLE = "https://console.cloud.vmware.com"


class _Credentials:
    """The base of the credentials."""

    path: ClassVar[str]
    """Path of the exchange."""

    def __init__(self, base_url: str | None) -> None:
        given = os.environ.get("CSP_BASE_URL", "").strip() if base_url is None else base_url
        self.base_url: str = parse_host(given or CONSOLE, "base_url")
        """Address of VMware Cloud services."""
        if is_clear_text(self.base_url):
            raise ValueError("base_url must be https, for a secret goes there")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(tuple(vars(self).values()))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} for {self.base_url}>"


class CspApiToken(_Credentials):
    """The API token of a user of VMware Cloud services.

    :param token: the API token; white space around it is dropped.
    :param base_url: address of VMware Cloud services; by default that in ``CSP_BASE_URL``, else
        https://console.cloud.vmware.com.
    :raises ValueError: a value cannot be used; a secret one is not shown.
    :raises TypeError: a value is of the wrong type.
    """

    path = "/csp/gateway/am/api/auth/api-tokens/authorize"

    @clears_frames
    def __init__(self, token: str | bytes, *, base_url: str | None = None) -> None:
        super().__init__(base_url)
        self.token: str = _text("token", token)
        """The API token."""

    def _headers(self) -> dict[str, str]:
        return {}

    def _form(self) -> list[tuple[str, str]]:
        return [("api_token", self.token)]

    def _secret(self) -> str:
        return self.token


class CspApp(_Credentials):
    """A server-to-server app of VMware Cloud services.

    :param id: id of the app.
    :param secret: its secret; white space around it is dropped.
    :param org_id: id of the organization, for an app that is in several.
    :param base_url: address of VMware Cloud services, as with `CspApiToken`.
    :raises ValueError: a value cannot be used; a secret one is not shown.
    :raises TypeError: a value is of the wrong type.
    """

    path = "/csp/gateway/am/api/auth/authorize"

    @clears_frames
    def __init__(
        self,
        id: str,
        secret: str | bytes,
        org_id: str | None = None,
        *,
        base_url: str | None = None,
    ) -> None:
        super().__init__(base_url)
        self.id: str = _text("id", id)
        """Id of the app."""
        self.secret: str = _text("secret", secret)
        """Secret of the app."""
        self.org_id: str | None = None if org_id is None else _text("org_id", org_id)
        """Id of the organization, None if the app is in one."""
        if ":" in self.id:
            raise ValueError("id must not hold a colon (value not shown)")

    def _headers(self) -> dict[str, str]:
        pair = f"{self.id}:{self.secret}".encode()
        return {"Authorization": f"Basic {b64encode(pair).decode('ascii')}"}

    def _form(self) -> list[tuple[str, str]]:
        org = [] if self.org_id is None else [("orgId", self.org_id)]
        return [("grant_type", "client_credentials"), *org]

    def _secret(self) -> str:
        return self.secret


def _text(name: str, value: object) -> str:
    text = as_text(value)
    if not isinstance(text, str):
        raise TypeError(f"{name} must be text, not {type(value).__name__}")
    text = text.strip()
    if not text or not text.isprintable():
        raise ValueError(f"{name} must be text without control characters (value not shown)")
    return text


def from_environment(variables: Mapping[str, str]) -> CspApiToken | CspApp:
    """The credentials that variables of the environment hold.

    :raises ValueError: they hold two credentials, half of one, or one that cannot be used.
    """
    token, url = variables.get("CSP_API_TOKEN"), variables.get("CSP_BASE_URL")
    app_id, secret = variables.get("CSP_APP_ID"), variables.get("CSP_APP_SECRET")
    if token and (app_id or secret):
        raise ValueError(
            "CSP_API_TOKEN and CSP_APP_ID or CSP_APP_SECRET are set: unset the first to be the app,"
            " the others to be the user"
        )
    if token:
        return CspApiToken(token, base_url=url)
    if not (app_id and secret):
        raise ValueError("CSP_APP_ID and CSP_APP_SECRET go together: one of them is not set")
    return CspApp(app_id, secret, variables.get("CSP_ORG_ID"), base_url=url)
