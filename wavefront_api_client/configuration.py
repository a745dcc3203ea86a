"""Where the service is and how to reach it: values only, nothing is opened here."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable, ClassVar, Union

from wavefront_api_client._core.limits import (
    DEFAULT,
    NOT_GIVEN,
    NotGiven,
    RequestTimeout,
    check_number,
    parse_timeout,
)
from wavefront_api_client._core.secrets import clears_frames, url_parts
from wavefront_api_client._core.urls import PLACEHOLDER, is_clear_text, is_same_address, parse_host
from wavefront_api_client._core.wire import as_text
from wavefront_api_client._version import __version__
from wavefront_api_client.retry import RetryPolicy

if TYPE_CHECKING:
    from wavefront_api_client.credentials import CspApiToken, CspApp

    Credentials = Union[CspApiToken, CspApp]
else:
    Credentials = Any

__all__ = ["Configuration"]

KEY_NAME = "X-AUTH-TOKEN"
"""Header that carries the API key, and its name in `Configuration.api_key`."""

KEY_VARIABLE = "WAVEFRONT_TOKEN"
CSP_VARIABLES = ("CSP_API_TOKEN", "CSP_APP_ID", "CSP_APP_SECRET")
IDLE = "max_idle_before_post is seconds, 0 or more, or None"
HOST_VARIABLES = ("WAVEFRONT_URL", "WAVEFRONT_ENDPOINT", "WAVEFRONT_ADDRESS")

OFFICIAL = frozenset({"logger_file_handler", "logger_formatter", "logger_stream_handler"})
"""Attributes that the official configuration has, and scripts may assign."""

NO_KEY = (
    f"No API key is configured: set configuration.api_key['{KEY_NAME}'] or the environment variable"
    f" {KEY_VARIABLE}. A key of the environment is sent only to the address that it names."
)

TWO_CREDENTIALS = (
    "{0} and {1} are both set: drop {0} if the instance belongs to VMware Cloud services, else {1}"
)


class Configuration:
    """Settings of a client.

    A parameter sets the attribute of its name. An attribute that is not set has the value of the
    configuration that `set_default` was given, else that of the environment (``WAVEFRONT_TOKEN``;
    the first of ``WAVEFRONT_URL``, ``WAVEFRONT_ENDPOINT`` and ``WAVEFRONT_ADDRESS``;
    ``HTTPS_PROXY`` and ``HTTP_PROXY`` with ``NO_PROXY``; ``SSL_CERT_FILE``, else
    ``REQUESTS_CA_BUNDLE``; ``CSP_API_TOKEN``, or ``CSP_APP_ID``, ``CSP_APP_SECRET`` and
    ``CSP_ORG_ID``), else its default. Those of TLS, proxy and connections are read when a
    client is made, all others with each call. Beside the properties below there are:

    :var host: base URL of the instance, without a trailing slash or ``/api``.
    :var api_key_prefix: words to put before a key, such as ``Bearer``, by the name of its header.
    :var refresh_api_key_hook: function of this configuration, called once before each request.
    :var credentials: a `CspApiToken` or a `CspApp` of `wavefront_api_client.credentials`, in place
        of a key; None turns off those of the environment.
    :var username: user name for HTTP basic authentication, which the API token calls do not use.
    :var password: password for HTTP basic authentication.
    :var request_timeout: time limit of a call without one of its own: 60 seconds, 10 of them for
        connecting. A number is seconds for a call with retries; a pair is seconds to connect and
        to get the answer, for each attempt; a `urllib3.Timeout` is both; None means no limit.
    :var connection_pool_maxsize: open connections per host, and threads for ``async_req``.
    :var max_idle_before_post: idle seconds after which a POST or PATCH gets a new connection, for
        the service may be closing the idle one; None for no limit.
    :var temp_folder_path: folder for downloaded files; None for the system's.
    :var verify_ssl: whether to check the certificate of the service.
    :var ssl_ca_cert: file or directory of certificate authorities; None or "" for those of certifi.
    :var cert_file: file of the client certificate.
    :var key_file: file of its key.
    :var assert_hostname: host name in the certificate; None for that of the host, False for any.
    :var proxy_headers: headers for the proxy.
    :var safe_chars_for_path_param: unquoted characters of path parameters; none ends a segment.
    :var client_side_validation: whether models check assignments.
    :var raise_on_error_result: whether an answer with status 200 whose `status.result` is ERROR
        raises `ApiException`. An unread answer (``_preload_content=False``) is not checked.
    :var logger: the loggers of this package and of urllib3; the second one is never changed.
    :var debug: whether this package's log is shown on stderr or in `logger_file`, down to DEBUG.
    :var logger_file: file that this package's log is written to, None for none.
    :var logger_format: format of a line of the log, as `logging.Formatter` takes it.
    :raises ValueError: a value cannot be used; a secret one is not shown.
    :raises TypeError: a value is of the wrong type.
    """

    _default: ClassVar[Configuration | None] = None
    logger: ClassVar[dict[str, logging.Logger]] = {
        "package_logger": logging.getLogger("wavefront_api_client"),
        "urllib3_logger": logging.getLogger("urllib3"),
    }

    host: str = PLACEHOLDER
    api_key_prefix: dict[str, str]
    refresh_api_key_hook: Callable[[Configuration], object] | None = None
    credentials: Credentials | None = None
    username: str = ""
    password: str = ""
    request_timeout: RequestTimeout = DEFAULT
    connection_pool_maxsize: int = max(32, (os.cpu_count() or 1) * 5)
    max_idle_before_post: float | None = 1.0
    temp_folder_path: str | None = None
    verify_ssl: bool = True
    ssl_ca_cert: str | None
    cert_file: str | None = None
    key_file: str | None = None
    assert_hostname: bool | str | None = None
    proxy_headers: dict[str, str] | None = None
    safe_chars_for_path_param: str = ""
    client_side_validation: bool = True
    raise_on_error_result: bool = False
    debug: bool = False
    logger_file: str | None = None
    logger_format: str = "%(asctime)s %(levelname)s %(message)s"

    # What the properties give until they are set.
    _api_key: dict[str, Any]
    _has_own_keys: bool = False
    _proxy: str | NotGiven | None = NOT_GIVEN
    _retries: RetryPolicy = RetryPolicy()

    @clears_frames
    def __init__(
        self,
        *,
        host: str | NotGiven = NOT_GIVEN,
        api_key: str | bytes | dict[str, Any] | NotGiven = NOT_GIVEN,
        credentials: Credentials | NotGiven | None = NOT_GIVEN,
        request_timeout: RequestTimeout | NotGiven = NOT_GIVEN,
        retries: int | RetryPolicy | NotGiven = NOT_GIVEN,
        proxy: str | NotGiven | None = NOT_GIVEN,
        proxy_headers: dict[str, str] | NotGiven | None = NOT_GIVEN,
        verify_ssl: bool | NotGiven = NOT_GIVEN,
        ssl_ca_cert: str | NotGiven | None = NOT_GIVEN,
        cert_file: str | NotGiven | None = NOT_GIVEN,
        key_file: str | NotGiven | None = NOT_GIVEN,
        debug: bool | NotGiven = NOT_GIVEN,
        raise_on_error_result: bool | NotGiven = NOT_GIVEN,
    ) -> None:
        given = {name: value for name, value in dict(locals()).items() if value is not NOT_GIVEN}
        del given["self"]
        if self._default is None:
            self._read_environment(host_given="host" in given)
        else:
            for name, value in vars(self._default).items():
                self.__dict__[name] = dict(value) if isinstance(value, dict) else value
            if self.debug or self.logger_file:
                self._show_log()
        for name, value in given.items():
            setattr(self, name, value)
        if self.credentials is not None:
            self.credentials_for(self.host)

    if not TYPE_CHECKING:
        # Hidden from type checkers, which would let any name be assigned otherwise.
        @clears_frames
        def __setattr__(self, name: str, value: Any) -> None:
            """Set a setting; warn of a name that is not a setting."""
            if name in _CHECKS:
                value = _CHECKS[name](value)
            if name in _LOG:
                self._show_log(**{name: value})
            # Methods included: tests replace them.
            is_known = hasattr(Configuration, name) or name in Configuration.__annotations__
            is_known = is_known or name.startswith("_") or name in OFFICIAL
            if not is_known and type(self) is Configuration:
                warn(
                    f"Configuration has no setting `{name}`: nothing reads it."
                    " A subclass may have attributes of its own."
                )
            super().__setattr__(name, value)

    def _read_environment(self, host_given: bool) -> None:
        self._api_key = {}
        self.api_key_prefix = {}
        self.ssl_ca_cert = default_authorities()
        self._environment_key = os.environ.get(KEY_VARIABLE, "").strip()
        self._environment_csp = _environment_csp()
        # The address that these are for, None if they may go anywhere.
        self._home: str | None = None
        variable = next((name for name in HOST_VARIABLES if os.environ.get(name)), None)
        if variable is None:
            return
        try:
            address = parse_host(os.environ[variable].strip(), variable)
        except ValueError:
            if not host_given:
                raise
            address = ""
        if self._environment_key or self._environment_csp:
            self._home = address
        if not host_given:
            self.host = address

    def _show_log(self, **changed: Any) -> None:
        from wavefront_api_client._core.logs import follow

        follow(self, *(changed.get(name, getattr(self, name)) for name in _LOG))

    @classmethod
    def set_default(cls, default: Configuration | None) -> None:
        """Make new configurations start as copies of this one; None for the built-in defaults."""
        cls._default = default

    @classmethod
    def get_default(cls) -> Configuration | None:
        """The configuration that new ones are copied from, None if there is none."""
        return cls._default

    @property
    def api_key(self) -> dict[str, Any]:
        """API keys by the name of their header; ``X-AUTH-TOKEN`` is the one in use.

        A key alone may be assigned, too. If not, the key of the environment is sent if `host` is
        the address of the environment, or the environment names none.
        """
        return self._api_key

    @api_key.setter
    @clears_frames
    def api_key(self, value: str | bytes | dict[str, Any]) -> None:
        if isinstance(value, (str, bytes, bytearray)):
            value = {KEY_NAME: value}
        if not isinstance(value, dict):
            raise TypeError(f"api_key must be text or a dictionary, not {type(value).__name__}")
        self._api_key = value
        self._has_own_keys = True

    @clears_frames
    def credentials_for(self, host: str) -> Credentials | None:
        """The credentials to exchange for a call to a base URL, None if a key is sent, or nothing.

        :raises ValueError: there is a key as well, or the environment has two, or half of one.
        """
        if "credentials" in vars(self):
            if self.credentials is not None and self.api_key.get(KEY_NAME):
                name = f"api_key['{KEY_NAME}']"
                raise ValueError(TWO_CREDENTIALS.format(name, "credentials"))
            return self.credentials
        if not self._environment_csp or self._is_key_set() or not self._is_home(host):
            return None
        if self._environment_key:
            name = next(iter(self._environment_csp))
            raise ValueError(TWO_CREDENTIALS.format(KEY_VARIABLE, name))
        from wavefront_api_client.credentials import from_environment

        return from_environment(self._environment_csp)

    def _is_home(self, host: str) -> bool:
        """Whether the environment names the address of a host, or none."""
        return self._home is None or is_same_address(self._home, host)

    def _must_stay_home(
        self, headers: Mapping[str, object], given: Mapping[str, object], host: str
    ) -> bool:
        """Whether headers were added with the environment's key, and a host must not get it."""
        key = self._environment_key
        if not key or self._is_home(host):
            return False
        is_set = _text_of("api_key", self.api_key.get(KEY_NAME)).strip().endswith(key)
        added = (value for name, value in headers.items() if given.get(name) != value)
        return not is_set and any(str(value).endswith(key) for value in added)

    def _falls_back(self, host: str) -> bool:
        """Whether no credential was set, and the key of the environment may go to a host."""
        is_set = self._is_key_set() or self.credentials is not None
        return bool(self._environment_key) and not is_set and self._is_home(host)

    def _is_key_set(self) -> bool:
        return self._has_own_keys or KEY_NAME in self.api_key

    @property
    def proxy(self) -> str | None:
        """URL of the HTTP proxy, None for none. Read when a client is made.

        Until it is set, the environment decides by the rules of `urllib.request`.
        """
        given = self._proxy
        proxy = _environment_proxy(self.host) if isinstance(given, NotGiven) else given
        return f"http://{proxy}" if proxy and "://" not in proxy else proxy or None

    @proxy.setter
    def proxy(self, value: str | None) -> None:
        self._proxy = value

    @property
    def retries(self) -> RetryPolicy:
        """How often a failed request is sent again, and how long it waits; may be a number."""
        return self._retries

    @retries.setter
    def retries(self, value: int | RetryPolicy) -> None:
        self._retries = RetryPolicy.of(value)

    @clears_frames
    def get_api_key_with_prefix(self, identifier: str) -> str | None:
        """The value of an authentication header, after `refresh_api_key_hook` has run.

        :param identifier: name of the key in `api_key`.
        :return: the key without white space around it, behind its prefix; None if there is none.
        """
        if self.refresh_api_key_hook is not None:
            self.refresh_api_key_hook(self)
        prefix = _text_of("api_key_prefix", self.api_key_prefix.get(identifier))
        key = _text_of("api_key", self.api_key.get(identifier)).strip()
        if identifier == KEY_NAME and self._falls_back(self.host):
            key = self._environment_key
        return f"{prefix} {key}" if prefix and key else key or None

    @clears_frames
    def get_basic_auth_token(self) -> str:
        """The value of an ``Authorization`` header with `username` and `password`."""
        import base64

        username = _text_of("username", self.username)
        pair = f"{username}:{_text_of('password', self.password)}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")

    def auth_settings(self) -> dict[str, dict[str, Any]]:
        """How a request authenticates itself, by scheme: where a value goes (``in``) and so on."""
        value = self.get_api_key_with_prefix(KEY_NAME)
        return {"api_key": {"type": "api_key", "in": "header", "key": KEY_NAME, "value": value}}

    def to_debug_report(self) -> str:
        """Platform and versions, to put into a bug report; it holds no credential."""
        return (
            "Python SDK Debug Report:\n"
            f"OS: {sys.platform}\n"
            f"Python Version: {sys.version}\n"
            "Version of the API: v2\n"
            f"SDK Package Version: {__version__}"
        )

    def __repr__(self) -> str:
        names = [*self.api_key, *([KEY_NAME] if self._falls_back(self.host) else [])]
        names += [] if self.credentials is None else [type(self.credentials).__name__]
        keys = ", ".join(f"{name}=***" for name in names) or "no key"
        return f"<Configuration {self.host} ({keys})>"


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn with the first frame outside this package as the place."""
    package = __name__.partition(".")[0] + "."
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith(package):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def default_authorities() -> str | None:
    """The file of authorities that the environment names, None if it names none."""
    return os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE") or None


def _text_of(setting: str, value: object) -> str:
    """A credential as text; the error does not show it."""
    text = "" if value is None else as_text(value)
    if not isinstance(text, str):
        raise TypeError(f"{setting} must hold text, bytes or None, not {type(value).__name__}")
    return text


def _environment_csp() -> dict[str, str]:
    """The variables with credentials of VMware Cloud services, empty if there are none."""
    names = (*CSP_VARIABLES, "CSP_ORG_ID", "CSP_BASE_URL")
    found = {name: os.environ.get(name, "").strip() for name in names}
    is_there = any(found[name] for name in CSP_VARIABLES)
    return {name: value for name, value in found.items() if is_there and value}


def _environment_proxy(host: str) -> str | None:
    """The proxy that the environment names for a URL."""
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    import urllib.request

    standard: Any = urllib.request
    proxies = standard.getproxies_environment()
    scheme, authority, _, _ = url_parts(host)
    return None if standard.proxy_bypass_environment(authority, proxies) else proxies.get(scheme)


def _check_host(value: str) -> str:
    host = parse_host(value)
    if is_clear_text(host):
        warn(f"{host} is plain http: API tokens will cross the network unencrypted")
    return host


def _check_credentials(value: Credentials | None) -> Credentials | None:
    is_one = hasattr(value, "_exchange") and not isinstance(value, type)
    if value is not None and not is_one:
        kind = type(value).__name__
        raise TypeError(f"credentials must be a CspApiToken or a CspApp, not {kind}")
    return value


def _check_timeout(value: RequestTimeout) -> RequestTimeout:
    parse_timeout(value)
    return value


def _check_size(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("connection_pool_maxsize must be a whole number")
    if value < 1:
        raise ValueError(f"connection_pool_maxsize must be 1 or more, not {value}")
    return value


_CHECKS: dict[str, Callable[[Any], object]] = {
    "host": _check_host,
    "credentials": _check_credentials,
    "request_timeout": _check_timeout,
    "connection_pool_maxsize": _check_size,
    "max_idle_before_post": lambda value: None if value is None else check_number(value, 0, IDLE),
    "debug": bool,
}
"""What makes the value of a setting of the one that was assigned, or refuses it."""

_LOG = ("debug", "logger_file", "logger_format")
"""The settings that show the log."""
