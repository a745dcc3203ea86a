"""Reads the body of an answer: within bounds, and with the one compression that is asked for.

=============================================  =====================================================
Bound                                          Of what
=============================================  =====================================================
`rest.MAX_BODY_BYTES`, `rest.MAX_ERROR_BYTES`  a decompressed body, of a success or an error
`HIGHEST_RATIO`, `IDLE_BYTES`                  what a compression may make of how much
`LONGEST_PART`                                 what an exception keeps of a body that is no use
`_core.json.MOST_MEMORY`, `_core.json.AT_ONCE` what the values of a body take
=============================================  =====================================================
"""

from __future__ import annotations

import sys
import zlib
from http.client import HTTPException
from typing import TYPE_CHECKING

from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError
from urllib3.response import HTTPResponse

from wavefront_api_client._transport.errors import forget_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, Protocol

    class Meter(Protocol):
        """What counts the bytes that a connection brings, and stops them."""

        count: int
        """Bytes that came, whatever they are for."""
        most: float
        """Bytes after which to raise `EndlessFraming`."""


_CHUNK = 16 * 1024
_STEP = 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_ZLIB_OR_GZIP = zlib.MAX_WBITS | 32

HIGHEST_RATIO = 200
"""Plain bytes for each compressed one, beyond the first megabyte; a list of tokens has 5 to 12."""

IDLE_BYTES = 64 * 1024
"""Compressed bytes that may come for nothing; beyond them, four make one plain byte at least."""

LONGEST_PART = 64 * 1024
"""Bytes that are kept of a body that cannot be used."""


class UnusableBody(Exception):
    """A body that cannot be used: why, and what came of it."""

    def __init__(
        self, reason: str, part: bytes | bytearray = b"", interrupted: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.part = bytes(part[:LONGEST_PART])
        self.interrupted = interrupted
        """Whether the connection failed, so that another attempt may get all of it."""


class BodyTimeout(Exception):
    """The body did not come in time."""


class EndlessFraming(HTTPException):
    """What is no part of a body, such as trailers, does not end."""


def never() -> bool:
    """There is no time limit."""
    return False


def read_metered(
    response: Any,
    limit: int,
    is_late: Callable[[], bool] = never,
    meter: Meter | None = None,
) -> bytes | str:
    """The body of an answer, decompressed.

    :param response: a urllib3 response, or a stand-in that has its `data`.
    :param limit: bytes that the decompressed body may have.
    :param is_late: whether the time of the call is over; the connection has its own limit.
    :param meter: of the connection, None where what comes besides the body is not bounded.
    :raises UnusableBody: it is too large, incomplete or wrongly compressed.
    :raises BodyTimeout: it did not come in time.
    """
    if not isinstance(response, HTTPResponse):
        return response.data or b""
    body = bytearray()
    handled = sys.exc_info()[1]
    try:
        # A stand-in that is made of bytes has its data without being read.
        return _read(response, body, limit, is_late, meter) or response.data or b""
    except (BodyTimeout, UnusableBody, HTTPError, ValueError, zlib.error) as error:
        failure = _failure(error, body)
        forget_frames(error, handled)
    # The connection still holds the rest of the body.
    response.close()
    try:
        raise failure
    finally:
        # Its traceback holds this frame, which would hold it, and the body, in a circle.
        del failure


def _failure(error: Exception, body: bytearray) -> BodyTimeout | UnusableBody:
    """What to raise for an error that came while a body was read."""
    if isinstance(error, (BodyTimeout, ReadTimeoutError)):
        return BodyTimeout()
    if isinstance(error, UnusableBody):
        return UnusableBody(error.reason, body, error.interrupted)
    if isinstance(error, zlib.error):
        return UnusableBody(f"its compression is broken: {error}", body)
    if not isinstance(error, ProtocolError):
        # http.client raises ValueError for a negative size of a chunk.
        return UnusableBody(f"it is incomplete: {type(error).__name__}", body, interrupted=True)
    if isinstance(error.args[-1], EndlessFraming):
        return UnusableBody("there is no end to what comes besides it", body)
    # What was read in one go is in the error alone.
    return UnusableBody("it is incomplete", body or _partial(error), interrupted=True)


def _partial(error: ProtocolError) -> bytes:
    """What came in the read that failed, where the error holds more than the number of bytes."""
    partial = getattr(error.args[-1], "partial", b"")
    return partial if isinstance(partial, bytes) else b""


def _read(
    response: HTTPResponse,
    body: bytearray,
    limit: int,
    is_late: Callable[[], bool],
    meter: Meter | None,
) -> bytes:
    """Read into `body` what comes in pieces, so that it is there if the rest is not."""
    # Not `get`, which raises and catches an error for what is not there, as it mostly is not.
    is_encoded = "content-encoding" in response.headers
    encoding = response.headers["content-encoding"].strip().lower() if is_encoded else ""
    length = response.length_remaining
    chunks = _chunks(response, limit, meter)
    if encoding in ("gzip", "x-gzip", "deflate"):
        _collect(_decompress(chunks), body, limit, is_late)
        # Where padding is left, the connection cannot be used again.
        response.close()
        return bytes(body)
    if encoding not in ("", "identity"):
        raise UnusableBody(f"it is compressed in a way that was not asked for: {encoding}")
    if length is None:
        _collect(chunks, body, limit, is_late)
        return bytes(body)
    if length > limit:
        raise UnusableBody(f"it is larger than {limit} bytes")
    return response.read(decode_content=False)


def _chunks(response: HTTPResponse, limit: int, meter: Meter | None) -> Iterator[bytes]:
    """The bytes of a body, as long as not much else comes: lines of chunks, trailers."""
    begun = 0 if meter is None else meter.count
    taken = 0
    while True:
        if meter is not None:
            meter.most = begun + taken + min(_STEP + 7 * taken, limit)
        try:
            chunk = response.read(_CHUNK, decode_content=False)
        except ProtocolError as error:
            yield _partial(error)
            raise
        if not chunk:
            return
        taken += len(chunk)
        yield chunk


def _collect(
    chunks: Iterable[bytes], body: bytearray, limit: int, is_late: Callable[[], bool]
) -> None:
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise UnusableBody(f"it is larger than {limit} bytes")
        if is_late():
            raise BodyTimeout


def _decompress(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The plain bytes, a piece at a time; padding behind them is left."""
    decoder = zlib.decompressobj(_ZLIB_OR_GZIP)
    taken, given, rest = 0, 0, b""
    for chunk in chunks:
        taken, rest = taken + len(chunk), rest + chunk
        while True:
            if decoder.eof:
                if _GZIP_MAGIC.startswith(rest[:2]) and len(rest) < len(_GZIP_MAGIC):
                    break
                if not rest.startswith(_GZIP_MAGIC):
                    return
                decoder = zlib.decompressobj(_ZLIB_OR_GZIP)
            plain = decoder.decompress(rest, _STEP)
            rest = decoder.unconsumed_tail or decoder.unused_data
            given += len(plain)
            _check_gain(taken, given)
            yield plain
            # It may hold more than it could give in one step.
            if not rest and len(plain) < _STEP:
                break
    if taken and not decoder.eof:
        raise UnusableBody("its compression is broken: it ends too early", interrupted=True)


def _check_gain(taken: int, given: int) -> None:
    if taken > IDLE_BYTES + 4 * given:
        raise UnusableBody("there is no end to a compression that holds nothing")
    if given > _STEP and given > HIGHEST_RATIO * taken:
        raise UnusableBody(f"it is compressed to less than a {HIGHEST_RATIO}th of its size")
