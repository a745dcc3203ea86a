"""Tenants: calls a function for each of them, with its own host and key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration
from wavefront_api_client.tokens._token import Secret
from wavefront_api_client.tokens.texts import read_text, token_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager
    from typing import Any, Callable, Protocol, Union

    from wavefront_api_client.credentials import CspApiToken, CspApp

    class Reachable(Protocol):
        """An object that can be a tenant."""

        @property
        def name(self) -> str:
            """Its name in results."""

        def client(self) -> AbstractContextManager[ApiClient]:
            """A client for it, to be closed."""

    Key = Union[Secret, CspApiToken, CspApp]
    KeyReader = Callable[[], Union[Key, str]]

T = TypeVar("T")

MOST_THREADS = 256
"""Threads of the default executor: a slow tenant does not hold up others."""


@dataclass(frozen=True)
class TokenFile:
    """Reads a key from a file, when it is needed and on the machine that needs it.

    :param path: the file.
    """

    path: str

    def __call__(self) -> Secret:
        """The key, without white space or quotes around it.

        :raises OSError: the file cannot be read.
        :raises ValueError: it is empty, or not UTF-8.
        """
        return Secret(token_in(read_text(self.path)))


@dataclass(frozen=True)
class TokenEnv:
    """Reads a key from the environment, when it is needed and on the machine that needs it.

    :param name: the variable.
    """

    name: str

    def __call__(self) -> Secret:
        """The key.

        :raises ValueError: the variable is not set, or empty.
        """
        return Secret(token_in(os.environ.get(self.name, "")))


class Tenant:
    """An instance of the service, and its key.

    It can be pickled if `key` is a function, such as a `TokenFile` or a `TokenEnv`; a `Secret`
    cannot.

    :param name: its name in results; each tenant has another one.
    :param url: URL or name of the instance.
    :param key: the key, or the credentials of an instance of VMware Cloud services, or a function
        that returns them. Those of the environment are not used.
    :param settings: arguments for its `Configuration`, such as ``{"request_timeout": 5}``.
    """

    def __init__(
        self,
        name: str,
        url: str,
        key: Key | str | KeyReader,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.url = url
        self.key: Key | KeyReader = Secret(key) if isinstance(key, str) else key
        self.settings: dict[str, Any] = dict(settings or {})

    def client(self) -> ApiClient:
        """A client for this tenant; it has to be closed.

        :raises ValueError: there is no key, or a setting cannot be used.
        """
        key = self._key()
        settings: dict[str, Any] = {"host": self.url, **self.settings}
        # A setting that is left out would come from the default configuration.
        if isinstance(key, Secret):
            configuration = Configuration(api_key=key.reveal(), credentials=None, **settings)
        else:
            configuration = Configuration(api_key={}, credentials=key, **settings)
        configuration.refresh_api_key_hook = None
        return ApiClient(configuration)

    def _key(self) -> Key:
        key = self.key() if callable(self.key) else self.key
        return Secret(key) if isinstance(key, str) else key

    def __repr__(self) -> str:
        return f"<Tenant {self.name!r} at {self.url!r}>"


class Result(Generic[T]):
    """The value that a function returned for a tenant, or the error that it raised.

    :param value: the value.
    :param error: the error, or None.
    """

    __slots__ = ("error", "value")

    def __init__(self, value: T | None = None, error: Exception | None = None) -> None:
        self.value: T | None = value
        self.error: Exception | None = error

    def get(self) -> T:
        """The value that the function returned.

        :raises Exception: the error that the function raised.
        """
        try:
            if self.error is not None:
                raise self.error
            return self.value  # type: ignore[return-value]
        finally:
            # The traceback of the error holds this frame, which must not hold the error.
            del self

    def __repr__(self) -> str:
        return f"<Result {self.value!r}>" if self.error is None else f"<Result {self.error!r}>"


def for_tenants(
    tenants: Iterable[Reachable],
    function: Callable[[ApiTokenApi], T] | Mapping[str, Callable[[ApiTokenApi], T]],
    *,
    executor: Executor | None = None,
) -> dict[str, Result[T]]:
    """Call a function for all tenants at once; one that fails does not affect the others.

    :param tenants: each a `Tenant`, or an object with the same `name` and `client()`.
    :param function: called with a client for the tenant, such as `audit`; or a function for
        each name of a tenant.
    :param executor: an executor of `concurrent.futures`; None for threads. For other processes or
        machines, the function, the tenants and what it returns must be picklable.
    :return: results by name, in the order of the tenants.
    :raises ValueError: two tenants have the same name.
    """
    given = list(tenants)
    todo = {tenant.name: tenant for tenant in given}
    if len(todo) < len(given):
        raise ValueError("two tenants have the same name")
    threads = None if executor else ThreadPoolExecutor(max(1, min(len(todo), MOST_THREADS)))
    functions = function if isinstance(function, Mapping) else dict.fromkeys(todo, function)
    futures: list[Future[T]] = []
    try:
        for name, tenant in todo.items():
            futures.append(_submit(executor or threads, tenant, functions[name]))
        return dict(zip(todo, [_result_of(future) for future in futures]))
    finally:
        for future in futures:
            future.cancel()
        if threads:
            # An interrupted caller does not wait for the calls that are under way.
            threads.shutdown(wait=False)


def _submit(executor: Any, tenant: Reachable, function: Callable[[ApiTokenApi], T]) -> Future[T]:
    try:
        future: Future[T] = executor.submit(call, tenant, function)
    except Exception as error:
        # The processes of the executor have died: this is the error of the tenant.
        future = Future()
        future.set_exception(error)
    return future


def _result_of(future: Future[T]) -> Result[T]:
    try:
        return Result(future.result())
    except Exception as error:
        return Result(error=error)


def call(tenant: Reachable, function: Callable[[ApiTokenApi], T]) -> T:
    """Call a function for one tenant, here."""
    with tenant.client() as client:
        return function(ApiTokenApi(client))
