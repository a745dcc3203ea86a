"""One call: makes the request, has it sent, and makes a value of the answer."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from wavefront_api_client._core.answers import check_result, check_type, empty_answer, read_answer
from wavefront_api_client._core.background import Workers
from wavefront_api_client._core.failures import add_call, had_been_done, hide_secrets
from wavefront_api_client._core.limits import NOT_GIVEN, NotGiven, RequestTimeout
from wavefront_api_client._core.request import METHODS, name_of_header
from wavefront_api_client._core.secrets import clears_frames, holds_credential
from wavefront_api_client._core.urls import fill, is_placeholder
from wavefront_api_client._core.wire import as_text, headers_of, to_wire
from wavefront_api_client._version import __version__
from wavefront_api_client.configuration import NO_KEY, Configuration
from wavefront_api_client.exceptions import ApiException
from wavefront_api_client.rest import RESTClientObject

__all__ = ["ApiClient"]

USER_AGENT = "wavefront-api-client/{} python/{}.{}".format(__version__, *sys.version_info)

JSON = "application/json"

_DELIMITERS = {"csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|"}


class ApiClient:
    """A client of the service, which threads may share: a context manager that closes itself.

    :param configuration: the settings; a new `Configuration` if None.
    :param header_name: name of a header to send with each call.
    :param header_value: its value; it is guarded like the API key.
    :param cookie: value of a ``Cookie`` header to send with each call.
    :raises OSError: a file of certificates that the configuration names is missing.
    :raises ValueError: a setting cannot be used.
    :raises TypeError: `configuration` is something else.
    """

    @clears_frames
    def __init__(
        self,
        configuration: Configuration | None = None,
        header_name: str | None = None,
        header_value: str | None = None,
        cookie: str | None = None,
    ) -> None:
        given = Configuration() if configuration is None else configuration
        right = 'ApiClient(Configuration(host="https://...", api_key="..."))'
        check_argument(given, "connection_pool_maxsize", "ApiClient", "a Configuration", right)
        self.configuration: Configuration = given
        self.rest_client: RESTClientObject = RESTClientObject(self.configuration)
        self.default_headers: dict[str, Any] = {}
        if header_name is not None:
            self.default_headers[header_name] = header_value
        self.cookie = cookie
        self.user_agent = USER_AGENT
        self.last_response: Any = None
        self._workers = Workers(self.configuration.connection_pool_maxsize)
        self._accesses: dict[tuple[int, object], Any] = {}

    def __enter__(self) -> ApiClient:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Wait for the calls under way with `async_req`, then close connections and threads.

        It may be closed twice; a later call is a RuntimeError.
        """
        try:
            self._workers.close()
        finally:
            self.rest_client.close()
            self._accesses.clear()

    @property
    def user_agent(self) -> str:
        """Value of the ``User-Agent`` header."""
        return str(self.default_headers["User-Agent"])

    @user_agent.setter
    def user_agent(self, value: str) -> None:
        self.default_headers["User-Agent"] = value

    def set_default_header(self, header_name: str, header_value: str) -> None:
        """Send a header with each call; its value is guarded like the API key."""
        self.default_headers[header_name] = header_value

    @clears_frames
    def call_api(
        self,
        resource_path: str,
        method: str,
        path_params: Mapping[str, Any] | None = None,
        query_params: Any = None,
        header_params: Mapping[str, Any] | None = None,
        body: Any = None,
        post_params: Any = None,
        files: Mapping[str, Any] | None = None,
        response_type: Any = None,
        auth_settings: Sequence[str] | None = None,
        async_req: bool | None = False,
        _return_http_data_only: bool | None = False,
        collection_formats: Mapping[str, str] | None = None,
        _preload_content: bool = True,
        _request_timeout: RequestTimeout | NotGiven = NOT_GIVEN,
    ) -> Any:
        """Call any endpoint.

        :param resource_path: path below the host, such as ``/api/v2/apitoken/{id}``.
        :param method: HTTP method.
        :param path_params: values for the braces of the path; each is percent-encoded whole.
        :param query_params: pairs or a dictionary for the query.
        :param header_params: headers; the client's default headers win.
        :param body: model, dictionary or other value to send as JSON.
        :param post_params: pairs of a form.
        :param files: paths of files to send in a form, by field name.
        :param response_type: type to make of the answer, see `deserialize`; None for none.
        :param auth_settings: names in `Configuration.auth_settings`.
        :param async_req: True to call in a thread.
        :param _return_http_data_only: True to return the data alone.
        :param collection_formats: ``csv``, ``ssv``, ``tsv``, ``pipes`` or ``multi`` by parameter.
        :param _preload_content: False for the unread urllib3 response instead of the data.
        :param _request_timeout: as `Configuration.request_timeout`, which is the default.
        :return: (data, status, headers), or the data alone; with `async_req` an `AsyncResult`.
            A container that came without a body says OK and holds nothing.
        :raises ApiException: the service said no, or no usable answer came.
        :raises ValueError: the request cannot be sent as it is; nothing was sent.
        :raises TypeError: a value is of the wrong type; nothing was sent.
        """
        # Here, as it imports the models: a handler that closes this client during an import waits
        # for its threads, which would wait for the import.
        check_type(response_type)
        fields: list[Any] = []
        if post_params or files:
            fields = self.prepare_post_parameters(to_wire(post_params), files)
        call = partial(
            self._call,
            resource_path,
            method,
            self._path(resource_path, path_params, collection_formats),
            auth_settings,
            response_type,
            _return_http_data_only,
            query_params=self.parameters_to_tuples(to_wire(query_params), collection_formats),
            headers=self._headers(header_params, collection_formats),
            post_params=self.parameters_to_tuples(fields, collection_formats),
            body=to_wire(body),
            _preload_content=_preload_content,
            _request_timeout=_request_timeout,
        )
        return self._workers.submit(call) if async_req else call()

    def _call(
        self,
        template: str,
        method: str,
        path: str,
        auth_settings: Sequence[str] | None,
        response_type: Any,
        data_only: bool | None,
        **request: Any,
    ) -> Any:
        is_read = request["_preload_content"]
        host, headers, send = self._authorized(auth_settings, request)
        request["headers"] = headers
        url = host + path
        try:
            response = send(method, url, **request)
            self.last_response = response
            data = self._data(response, response_type) if is_read else response
            status, answer_headers = response.status, headers_of(response)
        except ApiException as error:
            # A cookie may be that of a session.
            is_known = holds_credential(headers) or "cookie" in map(str.lower, headers)
            add_call(error, method, template, None if is_known else NO_KEY)
            # Again: a test may have replaced what does so, `RESTClientObject.request` or all of it.
            known = getattr(self.rest_client, "proxy_secrets", None)
            others = known if isinstance(known, frozenset) else ()
            hide_secrets(error, url, headers, request["body"], others)
            if not (is_read and had_been_done(error)):
                raise
            data, status, answer_headers = None, error.status, error.headers
        if data is None:
            data = empty_answer(response_type)
        return data if data_only else (data, status, answer_headers)

    def _authorized(
        self, auth_settings: Sequence[str] | None, request: dict[str, Any]
    ) -> tuple[str, dict[str, Any], Callable[..., Any]]:
        """The host of a request, its headers with a credential, and the function that sends it."""
        headers = dict(request["headers"])
        exchanges = auth_settings and not holds_credential(headers)
        self.update_params_for_auth(headers, request["query_params"], auth_settings)
        # Read once, after the key: another thread may change it, and a hook too.
        host = self.configuration.host
        if self.configuration._must_stay_home(headers, request["headers"], host):
            headers = dict(request["headers"])
        credentials = self.configuration.credentials_for(host) if exchanges else None
        # A call to the placeholder is refused: an exchange would be useless.
        if credentials is None or holds_credential(headers) or is_placeholder(host):
            return host, headers, self.request
        from wavefront_api_client.credentials import Access

        key = os.getpid(), credentials
        access = self._accesses.get(key)
        if access is None:
            new = Access(credentials, self.rest_client, self.user_agent)
            access = self._accesses.setdefault(key, new)
        return host, headers, partial(access.request, self.request)

    @clears_frames
    def request(
        self,
        method: str,
        url: str,
        query_params: Any = None,
        headers: Mapping[str, Any] | None = None,
        post_params: Any = None,
        body: Any = None,
        _preload_content: bool = True,
        _request_timeout: RequestTimeout | NotGiven = NOT_GIVEN,
    ) -> Any:
        """Send a request by `rest_client.request`, whose parameters and errors it has."""
        if method not in METHODS:
            raise ValueError(f"http method must be one of {sorted(METHODS)}")
        return getattr(self.rest_client, method)(
            url,
            query_params=query_params,
            headers=headers,
            post_params=post_params,
            body=body,
            _preload_content=_preload_content,
            _request_timeout=_request_timeout,
        )

    def _headers(
        self, header_params: Mapping[str, Any] | None, formats: Mapping[str, str] | None
    ) -> dict[str, Any]:
        headers = {**(header_params or {}), **self.default_headers}
        if self.cookie:
            headers["Cookie"] = self.cookie
        pairs = self.parameters_to_tuples(headers, formats)
        return {name_of_header(name): as_text(value) for name, value in pairs if value is not None}

    def _path(self, path: str, path_params: Any, formats: Mapping[str, str] | None) -> str:
        if not path.startswith("/"):
            raise ValueError("the resource path must begin with '/'")
        if "{" not in path:
            return path
        values = dict(self.parameters_to_tuples(path_params, formats))
        return fill(path, values, self.configuration.safe_chars_for_path_param)

    def _data(self, response: Any, response_type: Any) -> Any:
        if response_type is None:
            return None
        data = self.deserialize(response, response_type)
        if self.configuration.raise_on_error_result:
            check_result(data, response)
        return data

    @clears_frames
    def sanitize_for_serialization(self, obj: Any) -> Any:
        """The JSON value of a Python value, in which models, dates and bytes may be.

        :raises TypeError: the value, or one inside it, has no JSON form.
        """
        return to_wire(obj)

    @clears_frames
    def deserialize(self, response: Any, response_type: Any) -> Any:
        """Make a value of an answer.

        :param response: an answer that has been read, such as `last_response`.
        :param response_type: ``int``, ``float``, ``str``, ``bool``, ``date``, ``datetime``,
            ``object``, ``file``, ``list[T]``, ``dict(K, V)`` or a model, by name or as the class.
        :return: the value; the path of a new file in `Configuration.temp_folder_path` for
            ``file``; None for an empty answer.
        :raises InvalidResponseException: the answer is not JSON, or not of that type.
        :raises ValueError: there is no such type.
        """
        return read_answer(response, response_type, self.configuration.temp_folder_path)

    def select_header_accept(self, accepts: Sequence[str]) -> str | None:
        """The ``Accept`` header: JSON if it is among the types, else all of them, None for none."""
        lowered = [accept.lower() for accept in accepts or ()]
        return JSON if JSON in lowered else ", ".join(lowered) or None

    def select_header_content_type(self, content_types: Sequence[str]) -> str:
        """The ``Content-Type`` header: JSON if it may be that, else the first of the types."""
        lowered = [content_type.lower() for content_type in content_types or ()]
        return JSON if not lowered or JSON in lowered or "*/*" in lowered else lowered[0]

    def parameters_to_tuples(
        self, params: Any, collection_formats: Mapping[str, str] | None
    ) -> list[tuple[str, Any]]:
        """A dictionary or pairs as pairs, collections in it joined by the formats of `call_api`."""
        pairs = params.items() if isinstance(params, dict) else params or ()
        if not collection_formats:
            return list(pairs)
        result: list[tuple[str, Any]] = []
        for name, value in pairs:
            joined = collection_formats.get(name)
            if joined == "multi":
                result.extend((name, item) for item in value)
            elif joined is not None:
                result.append((name, _DELIMITERS.get(joined, ",").join(map(str, value))))
            else:
                result.append((name, value))
        return result

    @clears_frames
    def prepare_post_parameters(
        self, post_params: Any = None, files: Mapping[str, Any] | None = None
    ) -> list[Any]:
        """The fields of a form as pairs; a file of `call_api` is (name, content, media type).

        :raises OSError: a file cannot be read.
        """
        import mimetypes

        params = list(post_params.items() if isinstance(post_params, dict) else post_params or ())
        for name, paths in (files or {}).items():
            for path in paths if isinstance(paths, list) else [paths] if paths else []:
                media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
                with open(path, "rb") as file:
                    params.append((name, (os.path.basename(path), file.read(), media_type)))
        return params

    @clears_frames
    def update_params_for_auth(
        self, headers: dict[str, Any], querys: Any, auth_settings: Sequence[str] | None
    ) -> None:
        """Put the credentials of `Configuration.auth_settings` into headers or query parameters."""
        if not auth_settings:
            return
        known = self.configuration.auth_settings()
        # A credential that was given explicitly beats the key of the environment.
        if holds_credential(headers) and self.configuration._falls_back(self.configuration.host):
            known.pop("api_key", None)
        for name in auth_settings:
            setting = known.get(name)
            if not setting or not setting["value"]:
                continue
            if setting["in"] == "header":
                headers[setting["key"]] = setting["value"]
            elif setting["in"] == "query":
                querys.append((setting["key"], setting["value"]))
            else:
                raise ValueError("Authentication token must be in `query` or `header`")

    def __repr__(self) -> str:
        return f"<ApiClient {self.configuration!r}>"


def check_argument(given: object, needed: str, call: str, wanted: str, right: str) -> None:
    """Refuse an argument that lacks an attribute which is needed of it; a stand-in may have it."""
    if isinstance(given, type) or not hasattr(given, needed):
        kind = f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__
        raise TypeError(f"{call}() takes {wanted}, not {kind}: write {right}")
