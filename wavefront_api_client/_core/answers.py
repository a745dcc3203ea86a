"""Makes the value of an answer, or an error that shows nothing of the answer."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Callable

from wavefront_api_client import models
from wavefront_api_client._core.failures import leave_open
from wavefront_api_client._core.limits import LONGEST_PART
from wavefront_api_client._core.wire import TooMuchJson, as_readable, headers_of, parse
from wavefront_api_client.exceptions import BY_STATUS, ApiException, InvalidResponseException

Reader = Callable[[Any], Any]


class RESTResponse:
    """An answer that has been read: `content` is its body, decompressed."""

    __slots__ = ("attempts", "content", "maybe_acted", "reason", "status", "urllib3_response")

    def __init__(self, resp: Any, content: bytes | str) -> None:
        self.urllib3_response: Any = resp
        self.status: int = resp.status
        self.reason: str | None = resp.reason
        self.content: bytes | str = content
        self.attempts: int = 1
        self.maybe_acted: bool = False
        """Whether the service may have carried out an earlier attempt of a change."""

    @property
    def data(self) -> str:
        """The body as text."""
        return as_readable(self.content)

    @property
    def headers(self) -> Any:
        """The headers of the answer, case-insensitive."""
        return headers_of(self.urllib3_response)

    def getheaders(self) -> Any:
        """The headers of the answer, case-insensitive."""
        return self.headers

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """The value of a header, whose name may be in any case; `default` if it is missing."""
        value: str | None = self.headers.get(name, default)
        return value

    def __repr__(self) -> str:
        return f"<RESTResponse {self.status}, {len(self.content)} bytes>"


def name_of(response_type: Any) -> str:
    """The name of a type that is given by name or as a class."""
    return str(getattr(response_type, "__name__", response_type))


def check_type(response_type: Any) -> None:
    """Refuse a type that does not exist, before anything is sent."""
    if response_type is not None and name_of(response_type) != "file":
        make_reader(name_of(response_type))


def empty_answer(response_type: Any) -> Any:
    """A container that says OK and holds nothing, None if the type is not a container."""
    name = name_of(response_type)
    types = getattr(models, name).swagger_types if name in models.__all__ else {}
    if "response" not in types:
        return None
    status = {"result": "OK", "message": "the answer had no body", "code": 200}
    response: list[Any] | None = [] if types["response"].startswith("list[") else None
    return getattr(models, name).from_dict({"status": status, "response": response})


def read_answer(response: Any, response_type: Any, folder: str | None) -> Any:
    """The value of an answer, None for one without a body; a file is saved in a folder."""
    type_name = name_of(response_type)
    # A stand-in for an answer has the old attribute alone.
    content = response.content if isinstance(response, RESTResponse) else response.data
    if type_name == "file":
        return save(content, headers_of(response), folder)
    read = make_reader(type_name)
    if not content and type_name != "str":
        return None
    try:
        value = _parse(content, type_name)
        if type_name in models.__all__ and not isinstance(value, dict):
            kind = "null" if value is None else type(value).__name__
            raise TypeError(f"it is not a JSON object: got {kind}")
        return read(value)
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        problem = _problem(error, headers_of(response))
    raise _exception(InvalidResponseException, response, f"cannot be used: {problem}")


def check_result(value: Any, response: Any) -> None:
    """Raise the error that the container of an answer reports, although the status is 2xx.

    Its class and status are those of `status.code` where that is the status of an error.
    """
    status = _item(value, "status")
    if _item(status, "result") != "ERROR":
        return
    code = _item(status, "code")
    if type(code) is not int or not 400 <= code <= 599:
        code = response.status
    exception = _exception(BY_STATUS.get(code, ApiException), response, "says status.result ERROR")
    exception.status = code
    if isinstance(response, RESTResponse) and response.maybe_acted:
        leave_open(exception)
    raise exception


def _item(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def _exception(family: type[ApiException], response: Any, what: str) -> ApiException:
    attempts = getattr(response, "attempts", 1)
    if isinstance(response, RESTResponse):
        # With as much of its body as an exception may hold.
        response = RESTResponse(response.urllib3_response, response.content[:LONGEST_PART])
    exception = family(http_resp=response)
    exception.attempts = attempts
    exception.reason = f"{exception.reason}, but the answer {what}"
    return exception


@lru_cache(maxsize=128)
def make_reader(type_name: str) -> Reader:
    """A function that makes a type of a JSON value, or raises ValueError or TypeError for it."""
    if type_name in models.__all__:
        return getattr(models, type_name).read  # type: ignore[no-any-return]
    if type_name in NATIVE:
        read = NATIVE[type_name]
    elif type_name.startswith("list[") and type_name.endswith("]"):
        read = _reader_of_items(list, "a list", make_reader(type_name[5:-1]))
    elif type_name.startswith("dict(") and type_name.endswith(")"):
        value_type = type_name[5:-1].partition(", ")[2]
        read = _reader_of_items(dict, "an object", make_reader(value_type))
    else:
        raise ValueError(f"there is no type {type_name!r}")
    return lambda value: None if value is None else read(value)


def _reader_of_items(kind: Any, what: str, read: Reader) -> Reader:
    def read_items(values: Any) -> Any:
        if not isinstance(values, kind):
            raise TypeError(f"expected {what}, not {type(values).__name__}")
        # In place: what was read from is gone before the next item comes.
        for key, item in values.items() if kind is dict else enumerate(values):
            values[key] = read(item)
        return values

    return read_items


def _read_datetime(value: str) -> datetime.datetime:
    from dateutil.parser import parse

    # dateutil takes seconds, or minutes, to read a very long text.
    if isinstance(value, str) and len(value) > 100:
        raise TypeError("a date has no more than 100 characters")
    return parse(value)


NATIVE: dict[str, Reader] = {
    "int": int,
    "long": int,
    "float": float,
    "str": str,
    "bool": bool,
    "object": lambda value: value,
    "date": lambda value: _read_datetime(value).date(),
    "datetime": _read_datetime,
}
"""The types other than models, lists and dictionaries."""


def _parse(content: bytes | str, type_name: str) -> Any:
    try:
        return parse(content)
    except ValueError as error:
        if type_name not in NATIVE or isinstance(error, TooMuchJson):
            raise
        return as_readable(content)


def save(content: bytes | str, headers: Mapping[str, str], folder: str | None) -> str:
    """Write a download to a new file, under the name that its headers suggest if that is free.

    The path that is returned is inside the folder, whatever the headers say.
    """
    import tempfile

    directory = folder or tempfile.gettempdir()
    found = re.search(r'filename="?([^";]*)', headers.get("Content-Disposition", ""))
    # The last part of the name, which may be empty or a folder.
    name = re.split(r"[/\\]", found[1])[-1].strip(" '") if found else ""
    name = re.sub(r"[\x00-\x1f\x7f:]", "", name)[:100]
    path = os.path.join(directory, name)
    try:
        # O_EXCL refuses a name that is taken, also by a link.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except (FileExistsError, IsADirectoryError):
        descriptor, path = tempfile.mkstemp(suffix=f"-{name}", dir=directory)
    with open(descriptor, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    return path


def _problem(error: Exception, headers: Mapping[str, str]) -> str:
    """Why an answer cannot be used, without showing any of it."""
    if isinstance(error, (TypeError, TooMuchJson)):
        return str(error)
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    media_type = str(headers.get("Content-Type", "")).partition(";")[0].strip()[:100]
    page = ", a login page or a proxy?" if "html" in media_type.lower() else ""
    return f"it is not JSON of the expected type: got {media_type or 'an unknown type'}{page}"
