"""The TLS settings of a client, and the contexts made of them."""

from __future__ import annotations

import errno
import os
import ssl
from typing import Any

import urllib3
from urllib3.exceptions import InsecureRequestWarning

from wavefront_api_client._core.urls import is_ip_address
from wavefront_api_client.configuration import Configuration, default_authorities, warn

IS_URLLIB3_1: bool = urllib3.__version__.startswith("1.")  # type: ignore[attr-defined]

_SHORTAGES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Errors of the machine, not of a file."""


class Tls:
    """The TLS settings of a client, and one context made of them when it is first needed."""

    def __init__(self, configuration: Configuration) -> None:
        self.verify = configuration.verify_ssl
        self.hostname = configuration.assert_hostname
        names = ("ssl_ca_cert", "cert_file", "key_file")
        self._files = {name: getattr(configuration, name) or None for name in names}
        self._context: ssl.SSLContext | None = None
        for name, path in self._files.items():
            if path is not None and not os.access(path, os.R_OK):
                raise FileNotFoundError(f"{name}: there is no readable file {str(path)!r}")
        # The file of the environment is for all programs: it is read when it is needed.
        if set(self._files.values()) - {None, default_authorities()}:
            self.context()
        if not self.verify:
            warn(
                "verify_ssl is off: anyone on the way can read and change what is sent",
                InsecureRequestWarning,
            )

    def context(self) -> ssl.SSLContext:
        """The context for the service."""
        if self._context is None:
            context = self._new_context()
            # 1.26 compares the names itself, and cannot have Python do it for an IP address.
            context.check_hostname = context.check_hostname and not IS_URLLIB3_1
            self._context = context
        return self._context

    def checks(self, is_proxy: bool = False) -> dict[str, Any]:
        """What a pool checks of a certificate; that of a proxy has not the service's name."""
        if not self.verify:
            return {"cert_reqs": "CERT_NONE", "assert_hostname": False}
        hostname = None if is_proxy or self.hostname is True else self.hostname
        return {"cert_reqs": "CERT_REQUIRED", "assert_hostname": hostname}

    def proxy_context(self, address: str) -> ssl.SSLContext | None:
        """A context for a proxy, None for one without TLS."""
        if not address.startswith("https:"):
            return None
        context = self._new_context()
        if context.check_hostname and IS_URLLIB3_1 and is_ip_address(address):
            raise ValueError("proxy: urllib3 1.26 can check the name of a TLS proxy, no IP address")
        return context

    def _new_context(self) -> ssl.SSLContext:
        authorities, certificate, key = self._files.values()
        if authorities is None:
            import certifi

            authorities = certifi.where()
        kind = "capath" if os.path.isdir(authorities) else "cafile"
        try:
            context = ssl.create_default_context(**{kind: authorities})  # type: ignore[arg-type]
            if certificate:
                context.load_cert_chain(certificate, key, _no_pass_phrase)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in _SHORTAGES:
                raise
            used = (f"{name} {str(path)!r}" for name, path in self._files.items() if path)
            raise ValueError(f"{', '.join(used)} cannot be used: {error}") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # Some services ask for the client's certificate when they have read the request.
        context.post_handshake_auth = True
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _no_pass_phrase() -> str:
    # OpenSSL would ask for it at the terminal, where there is one, and wait.
    raise ValueError("the key has a pass phrase, which this package cannot give")
