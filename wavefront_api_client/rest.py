"""Sends one request until it succeeds or must not be sent again, and reads its answer."""

from __future__ import annotations

import logging
import os
import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import urllib3

from wavefront_api_client import _transport as transport
from wavefront_api_client import exceptions as _exceptions
from wavefront_api_client._core import failures
from wavefront_api_client._core.answers import RESTResponse
from wavefront_api_client._core.background import CLOSED, Flag
from wavefront_api_client._core.limits import (
    LONGEST_PART,
    NOT_GIVEN,
    NotGiven,
    RequestTimeout,
    Timeouts,
    parse_timeout,
)
from wavefront_api_client._core.request import Request, prepare
from wavefront_api_client._core.secrets import clears_frames, clears_frames_of_methods, mask_target
from wavefront_api_client._core.urls import PLACEHOLDER, is_placeholder, redirect_target
from wavefront_api_client._core.wire import headers_of
from wavefront_api_client.configuration import HOST_VARIABLES, Configuration
from wavefront_api_client.exceptions import *  # noqa: F403 (scripts import them from here)
from wavefront_api_client.retry import REPEATABLE_METHODS, SAFE_METHODS

__all__ = ["MAX_BODY_BYTES", "RESTClientObject", "RESTResponse"]
__all__ += _exceptions.__all__

MAX_BODY_BYTES = 64 * 1024 * 1024
"""Bytes that the decompressed body of an answer may have."""

MAX_REDIRECTS = 5
"""Redirects within the origin that a GET follows."""

NO_HOST = (
    f"configuration.host is still the placeholder {PLACEHOLDER}: set it to the URL of your"
    f" instance, there or in the environment variable {HOST_VARIABLES[0]}"
)

logger: logging.Logger = logging.getLogger(__name__)


@clears_frames_of_methods
class RESTClientObject:
    """The connections of a client, and the rules by which requests go over them.

    The TLS and proxy settings of the configuration are read here, once.

    :param configuration: the settings.
    :param pools_size: hosts that connections are kept for.
    :param maxsize: connections kept per host, `Configuration.connection_pool_maxsize` if None.
    :raises OSError: a file of certificates is missing; it is named.
    :raises ValueError: a file of certificates or the address of the proxy cannot be used.
    """

    @clears_frames
    def __init__(
        self, configuration: Configuration, pools_size: int = 4, maxsize: int | None = None
    ) -> None:
        self.configuration = configuration
        size = configuration.connection_pool_maxsize if maxsize is None else maxsize
        factory = transport.PoolFactory(configuration)
        self.proxy_secrets: frozenset[str] = factory.proxy_secrets
        """Secrets of the proxy in use, which the configuration may have replaced."""
        self._factory, self._sizes = factory, (pools_size, size)
        self._pools_by_process: dict[int, urllib3.PoolManager] = {}
        self._is_closed, self._closing = False, Flag()
        self.clock: Callable[[], float] = time.monotonic
        """A clock of seconds that never goes back. A test may replace it."""
        self.sleep: Callable[[float], object] = self._closing.wait
        """Waits for so many seconds, or until `close`. A test may replace it."""
        self._open_pools()

    def _open_pools(self) -> None:
        # All threads, and a signal handler in between, take those that were made first.
        self.pool_manager: urllib3.PoolManager = self._pools_by_process.setdefault(
            os.getpid(), self._factory.make(*self._sizes)
        )
        # urllib3 1.26 does not close the sockets of a pool that is garbage, which warns.
        weakref.finalize(self, self.pool_manager.clear)
        # Last: another thread that sees it takes the new pools.
        self._pid = os.getpid()

    def close(self) -> None:
        """Close all connections. A later request is an error; it may be closed twice.

        A request that is waiting for its next attempt ends with the failure of the last one.
        """
        self._is_closed = True
        self._closing.set()
        self.pool_manager.clear()

    def request(
        self,
        method: str,
        url: str,
        query_params: Any = None,
        headers: Mapping[str, Any] | None = None,
        body: Any = None,
        post_params: Any = None,
        _preload_content: bool = True,
        _request_timeout: RequestTimeout | NotGiven = NOT_GIVEN,
        _may_repeat: bool = False,
    ) -> Any:
        """Send a request, again where that is safe, and read the answer.

        :param method: HTTP method.
        :param url: absolute URL.
        :param query_params: pairs or a dictionary to put behind the URL.
        :param headers: of the request.
        :param body: JSON value, or text for a content type other than JSON.
        :param post_params: pairs of a form, instead of a body.
        :param _preload_content: whether to read the answer.
        :param _request_timeout: as `Configuration.request_timeout`, which is the default.
        :param _may_repeat: whether it changes nothing at the service, whatever its method.
        :return: a `RESTResponse`, or the unread urllib3 response with `_preload_content` False.
        :raises ApiException: the service said no, or no usable answer came.
        :raises ValueError: the request cannot be sent; nothing was sent.
        """
        if is_placeholder(url):
            raise ValueError(NO_HOST)
        if self._is_closed:
            raise RuntimeError(CLOSED)
        if self._pid != os.getpid():
            # After a fork, a connection would be shared with the parent process.
            self._open_pools()
        request = prepare(method, url, query_params, headers, body, post_params, _preload_content)
        if _may_repeat:
            request = request._replace(like="GET")
        if isinstance(_request_timeout, NotGiven):
            _request_timeout = self.configuration.request_timeout
        try:
            return self._send(request, parse_timeout(_request_timeout))
        finally:
            if self._is_closed:
                # It was closed meanwhile, and may have opened a connection since.
                self.pool_manager.clear()

    def _send(self, request: Request, timeouts: Timeouts) -> Any:
        policy = self.configuration.retries
        deadline = timeouts.deadline(self.clock())
        attempt, maybe_acted = 0, False
        while True:
            attempt += 1
            answer, failure = self._attempt(request, timeouts, deadline)
            if logger.isEnabledFor(logging.DEBUG):
                outcome = type(failure.error).__name__ if failure else answer.status
                shown = mask_target(request.url)
                logger.debug("%s %s, attempt %d: %s", request.method, shown, attempt, outcome)
            if failure is None:
                if isinstance(answer, RESTResponse):
                    answer.attempts = attempt
                    answer.maybe_acted = maybe_acted and request.like not in SAFE_METHODS
                return answer
            maybe_acted = maybe_acted or failure.maybe_acted
            wait = policy.wait_before_retry(
                request.like, failure.kind, attempt, failure.error.retry_after
            )
            if wait is None or (deadline is not None and self.clock() + wait >= deadline):
                break
            self.sleep(wait)
            if self._is_closed:
                break
        error = failure.error
        failures.add_request(error, request, attempt, maybe_acted)
        failures.hide_secrets(error, request.url, request.headers, request.body, self.proxy_secrets)
        # Outside `except`: no error of urllib3, whose text may hold a secret, is chained to it.
        raise error

    def _attempt(
        self, request: Request, timeouts: Timeouts, deadline: float | None
    ) -> tuple[Any, failures.Failure | None]:
        """Send the request once, and follow redirects within the origin."""
        # The service may close a connection that was idle for long; a POST must not be sent twice.
        may_repeat = request.like in REPEATABLE_METHODS
        max_idle = None if may_repeat else self.configuration.max_idle_before_post
        how = {"preload_content": request.preload, "headers": request.headers, **request.payload}
        method, url, redirects = request.method, request.url, 0
        while True:
            left = None if deadline is None else deadline - self.clock()
            if left is not None and left <= 0:
                return None, failures.out_of_time(timeouts.total)
            exchange = transport.Exchange(method, timeouts, left, max_idle)
            answer, failure = transport.send(self.pool_manager, exchange, url, how)
            if failure is not None:
                return None, failure
            target = None
            if 300 <= answer.status <= 399:
                location = headers_of(answer).get("Location")
                target = redirect_target(method, url, answer.status, location)
            if target is None or redirects == MAX_REDIRECTS or self._is_closed:
                return self._read(request, url, answer)
            # The next request goes over the same connection.
            transport.finish(answer)
            url, redirects = target, redirects + 1

    def _read(
        self, request: Request, url: str, response: Any
    ) -> tuple[Any, failures.Failure | None]:
        is_success = 200 <= response.status <= 299
        if is_success and not request.preload:
            transport.hand_over_unread(response)
            return response, None
        content = transport.read_body(response, MAX_BODY_BYTES if is_success else LONGEST_PART)
        if isinstance(content, failures.UnusableBody):
            if is_success:
                return None, failures.failure_of_body(content, response)
            content = content.part
        answer = RESTResponse(response, content)
        return (answer, None) if is_success else (None, failures.failure_of_answer(answer, url))

    def GET(self, url: str, **kwargs: Any) -> Any:
        """Like `request` with the method GET; `kwargs` are its other parameters."""
        return self.request("GET", url, **kwargs)

    def HEAD(self, url: str, **kwargs: Any) -> Any:
        """Like `request` with the method HEAD; `kwargs` are its other parameters."""
        return self.request("HEAD", url, **kwargs)

    def OPTIONS(self, url: str, **kwargs: Any) -> Any:
        """Like `request` with the method OPTIONS; `kwargs` are its other parameters."""
        return self.request("OPTIONS", url, **kwargs)

    def DELETE(self, url: str, **kwargs: Any) -> Any:
        """Like `request` with the method DELETE; `kwargs` are its other parameters."""
        return self.request("DELETE", url, **kwargs)

    def POST(self, url: str, **kwargs: Any) -> Any:
        """Like `request` with the method POST; `kwargs` are its other parameters."""
        return self.request("POST", url, **kwargs)

    def PUT(self, url: str, **kwargs: Any) -> Any:
        """Like `request` with the method PUT; `kwargs` are its other parameters."""
        return self.request("PUT", url, **kwargs)

    def PATCH(self, url: str, **kwargs: Any) -> Any:
        """Like `request` with the method PATCH; `kwargs` are its other parameters."""
        return self.request("PATCH", url, **kwargs)

    def __repr__(self) -> str:
        return f"<RESTClientObject {'closed' if self._is_closed else 'open'}>"
